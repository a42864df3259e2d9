namespace Akka.Actor;

/// <summary>Base of the actor runtime's exceptions.</summary>
public abstract class AkkaException : Exception
{
    private protected AkkaException()
    {
    }

    private protected AkkaException(string? message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>What caused this exception, or null.</summary>
    private protected Exception? Cause => InnerException;
}

/// <summary>An actor could not be created or started: its constructor or <c>PreStart</c> threw.</summary>
public class ActorInitializationException : AkkaException
{
    internal ActorInitializationException()
    {
    }

    public ActorInitializationException(string message)
        : base(message)
    {
    }

    internal ActorInitializationException(string message, Exception cause)
        : base(message, cause)
    {
    }

    public ActorInitializationException(IActorRef actor, string message, Exception? cause = null)
        : base(message, cause) => Actor = actor;

    /// <summary>The actor that failed, or null when it had no ref yet.</summary>
    internal IActorRef? Actor { get; set; }

    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary><c>PreRestart</c> of the failed instance threw.</summary>
internal sealed class PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? message)
    : ActorInitializationException(
        actor, $"Exception in PreRestart (message: {message?.GetType().ToString() ?? "none"}, restart because of: {cause.Message})", restartException);

/// <summary>The constructor or <c>PostRestart</c> of the fresh instance threw.</summary>
internal sealed class PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
    : ActorInitializationException(actor, $"Exception while restarting (restart because of: {originalCause.Message})", cause);

/// <summary>The actor received <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    internal ActorKilledException()
    {
    }

    public ActorKilledException(string message)
        : base(message)
    {
    }
}

/// <summary>No actor answers at a selection.</summary>
public class ActorNotFoundException : AkkaException
{
    internal ActorNotFoundException()
    {
    }

    internal ActorNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary><c>Ask</c> got no answer in time.</summary>
public class AskTimeoutException : AkkaException
{
    internal AskTimeoutException(string message)
        : base(message)
    {
    }
}

/// <summary>A watched actor stopped, and the watcher did not handle <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor)
        : base($"Monitored actor [{deadActor}] terminated") => DeadActor = deadActor;

    /// <summary>The actor that stopped.</summary>
    internal IActorRef DeadActor { get; }
}

/// <summary>A call that is not allowed in the actor's present state.</summary>
public class IllegalActorStateException : AkkaException
{
    public IllegalActorStateException(string message)
        : base(message)
    {
    }
}

/// <summary>The name is no valid path element, or a sibling has it.</summary>
public class InvalidActorNameException : AkkaException
{
    internal InvalidActorNameException(string message)
        : base(message)
    {
    }

    internal InvalidActorNameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The message cannot be sent: it is null.</summary>
public class InvalidMessageException : AkkaException
{
    internal InvalidMessageException()
        : this("Message is null")
    {
    }

    internal InvalidMessageException(string message)
        : base(message)
    {
    }
}
