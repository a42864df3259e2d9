using Akka.Event;

namespace Akka.Actor;

/// <summary>A message that the runtime handles before the actor sees it.</summary>
public interface IAutoReceivedMessage;

/// <summary>A message that a selection from another system may be refused for.</summary>
public interface IPossiblyHarmful;

/// <summary>A message that never leaves the process, so that it needs no serializer.</summary>
public interface INoSerializationVerificationNeeded;

/// <summary>A message that does not reset the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A message that carries another one.</summary>
public interface IWrappedMessage
{
    /// <summary>What is carried.</summary>
    object Message { get; }
}

/// <summary>A message with its sender.</summary>
public readonly struct Envelope
{
    internal Envelope(object message, IActorRef? sender)
    {
        Message = message;
        SenderOrNull = sender;
    }

    /// <summary>The message.</summary>
    internal object Message { get; }

    /// <summary>The sender; null when there is none.</summary>
    internal IActorRef? Sender => SenderOrNull;

    internal IActorRef? SenderOrNull { get; }
}

/// <summary>Stops the actor when its turn in the mailbox comes.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IPossiblyHarmful, IDeadLetterSuppression
{
    private PoisonPill()
    {
    }

    /// <summary>The only instance.</summary>
    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor fail with <see cref="ActorKilledException"/>; the supervisor decides, by default it stops.</summary>
public sealed class Kill : IAutoReceivedMessage
{
    private Kill()
    {
    }

    /// <summary>The only instance.</summary>
    public static Kill Instance { get; } = new();

    public override string ToString() => "<Kill>";
}

/// <summary>Asks any actor for its ref; it answers with <see cref="ActorIdentity"/>.</summary>
public sealed class Identify : IAutoReceivedMessage, INotInfluenceReceiveTimeout
{
    public Identify(object? messageId) => MessageId = messageId;

    /// <summary>Comes back in the answer.</summary>
    public object? MessageId { get; }

    public override bool Equals(object? obj) => obj is Identify other && Equals(MessageId, other.MessageId);

    public override int GetHashCode() => MessageId?.GetHashCode() ?? 0;

    public override string ToString() => $"<Identify>: {MessageId}";
}

/// <summary>Answer to <see cref="Identify"/>.</summary>
public sealed class ActorIdentity
{
    public ActorIdentity(object? messageId, IActorRef? subject)
    {
        MessageId = messageId;
        Subject = subject!;
    }

    /// <summary>The id from the question.</summary>
    public object? MessageId { get; }

    /// <summary>The actor, or null when there is none.</summary>
    public IActorRef Subject { get; }

    public override bool Equals(object? obj) =>
        obj is ActorIdentity other && Equals(MessageId, other.MessageId) && Equals(Subject, other.Subject);

    public override int GetHashCode() => HashCode.Combine(MessageId, Subject);

    public override string ToString() => $"<ActorIdentity>: {Subject} (MessageId: {MessageId})";
}

/// <summary>A watched actor has stopped.</summary>
public sealed class Terminated : IAutoReceivedMessage, IPossiblyHarmful, INoSerializationVerificationNeeded, IDeadLetterSuppression, IEquatable<Terminated>
{
    public Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated)
    {
        ActorRef = actorRef;
        ExistenceConfirmed = existenceConfirmed;
        AddressTerminated = addressTerminated;
    }

    /// <summary>The actor that stopped.</summary>
    public IActorRef ActorRef { get; }

    /// <summary>True when the actor's node was removed from the cluster.</summary>
    public bool AddressTerminated { get; }

    /// <summary>False when the actor was already gone, or never existed, at the time of the watch.</summary>
    public bool ExistenceConfirmed { get; }

    public bool Equals(Terminated? other) =>
        other is not null && ActorRef.Equals(other.ActorRef) &&
        AddressTerminated == other.AddressTerminated && ExistenceConfirmed == other.ExistenceConfirmed;

    public override bool Equals(object? obj) => Equals(obj as Terminated);

    public override int GetHashCode() => HashCode.Combine(ActorRef, AddressTerminated, ExistenceConfirmed);

    public override string ToString() => $"<Terminated>: {ActorRef} - ExistenceConfirmed={ExistenceConfirmed}";
}

/// <summary>No message came for the time given to <c>SetReceiveTimeout</c>.</summary>
public class ReceiveTimeout : IPossiblyHarmful
{
    private ReceiveTimeout()
    {
    }

    /// <summary>The only instance.</summary>
    internal static ReceiveTimeout Instance { get; } = new();
}

/// <summary>Result of an operation, as a message.</summary>
public abstract class Status
{
    protected Status()
    {
    }

    /// <summary>The operation succeeded.</summary>
    public sealed class Success : Status
    {
        /// <summary>A success without a result.</summary>
        internal static readonly Success Instance = new(new object());

        /// <summary>The result.</summary>
        public readonly object Status;

        internal Success(object status) => Status = status;

        public override string ToString() => $"Success: {Status}";
    }

    /// <summary>The operation failed. <c>Ask</c> throws <see cref="Cause"/>.</summary>
    public sealed class Failure : Status
    {
        /// <summary>Why it failed.</summary>
        public readonly Exception Cause;

        /// <summary>What the caller may need to go on, or null.</summary>
        internal readonly object? State;

        public Failure(Exception cause)
            : this(cause, null!)
        {
        }

        internal Failure(Exception cause, object state)
        {
            Cause = cause;
            State = state;
        }

        public override string ToString() => State is null ? $"Failure: {Cause}" : $"Failure[state={State}]: {Cause}";
    }
}
