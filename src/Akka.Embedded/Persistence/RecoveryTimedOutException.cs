using Akka.Actor;

namespace Akka.Persistence;

/// <summary>Nothing was read from the journal or the snapshot store for longer than <c>recovery-event-timeout</c>.</summary>
public sealed class RecoveryTimedOutException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    internal RecoveryTimedOutException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
