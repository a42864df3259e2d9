using Akka.Event;

namespace Akka.Actor;

/// <summary>What a supervisor does with a child that failed.</summary>
public enum Directive
{
    /// <summary>Goes on as if nothing had happened, without the message that failed.</summary>
    Resume,

    /// <summary>Replaces the instance; ref and mailbox stay.</summary>
    Restart,

    /// <summary>Fails itself with the same exception.</summary>
    Escalate,

    /// <summary>Stops the child.</summary>
    Stop,
}

/// <summary>Chooses the directive for an exception.</summary>
public interface IDecider
{
    /// <summary>The directive for a failure.</summary>
    Directive Decide(Exception cause);
}

/// <summary>A decider from a function.</summary>
public class LocalOnlyDecider : IDecider
{
    private readonly Func<Exception, Directive> _decider;

    internal LocalOnlyDecider(Func<Exception, Directive> decider)
    {
        ArgumentNullException.ThrowIfNull(decider);
        _decider = decider;
    }

    public Directive Decide(Exception cause) => _decider(cause);
}

/// <summary>Makes deciders.</summary>
public static class Decider
{
    /// <summary>A decider from a function.</summary>
    internal static LocalOnlyDecider From(Func<Exception, Directive> localOnlyDecider) => new(localOnlyDecider);
}

/// <summary>How a supervisor treats failed children; see <see cref="OneForOneStrategy"/> and <see cref="AllForOneStrategy"/>.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>Stops on failed initialization, <see cref="Kill"/> and broken death pacts; restarts on anything else.</summary>
    public static readonly IDecider DefaultDecider = Actor.Decider.From(cause => cause switch
    {
        ActorInitializationException or ActorKilledException or DeathPactException => Directive.Stop,
        _ => Directive.Restart,
    });

    /// <summary>One for one with <see cref="DefaultDecider"/> and no limit.</summary>
    internal static readonly SupervisorStrategy DefaultStrategy = new OneForOneStrategy(DefaultDecider);

    /// <summary>Stops every child that fails.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(_ => Directive.Stop);

    internal SupervisorStrategy()
    {
    }

    /// <summary>Chooses the directive.</summary>
    public abstract IDecider Decider { get; }

    /// <summary>Whether failures are logged.</summary>
    private protected bool LoggingEnabled { get; set; }

    /// <summary>Decides and acts; false to escalate.</summary>
    internal bool HandleFailure(ActorCell supervisor, ChildRecord child, Exception cause)
    {
        var directive = Handle(child.Child, cause);
        LogFailure(supervisor, child.Child, cause, directive);
        switch (directive)
        {
            case Directive.Resume:
                child.Child.SendSystemMessage(new Dispatch.Resume(cause));
                return true;
            case Directive.Restart:
                Process(supervisor, restart: true, child, cause);
                return true;
            case Directive.Stop:
                Process(supervisor, restart: false, child, cause);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Restarts or stops, as the strategy has it, the child or all children.</summary>
    internal abstract void Process(ActorCell supervisor, bool restart, ChildRecord failed, Exception cause);

    /// <summary>
    /// True when the child may restart once more.
    /// </summary>
    /// <param name="child">The child; its counters are updated.</param>
    /// <param name="maxRetries">Restarts allowed in a window; negative for no limit, 0 for none.</param>
    /// <param name="windowMilliseconds">Length of the window; not positive for a window that never ends.</param>
    /// <param name="now">The scheduler's monotonic clock.</param>
    internal static bool MayRestart(ChildRecord child, int maxRetries, int windowMilliseconds, TimeSpan now)
    {
        if (maxRetries == 0)
        {
            return false;
        }

        if (maxRetries < 0 && windowMilliseconds <= 0)
        {
            return true;
        }

        if (windowMilliseconds <= 0)
        {
            return ++child.Restarts <= maxRetries;
        }

        // A window without a number of retries allows one restart in it.
        var allowed = maxRetries < 0 ? 1 : maxRetries;
        if (child.WindowStart is { } start && now - start <= TimeSpan.FromMilliseconds(windowMilliseconds))
        {
            return ++child.Restarts <= allowed;
        }

        child.WindowStart = now;
        child.Restarts = 1;
        return true;
    }

    internal static void Restart(ChildRecord child, Exception cause, bool suspendFirst)
    {
        if (suspendFirst)
        {
            child.Child.SendSystemMessage(Dispatch.Suspend.Instance);
        }

        child.Child.SendSystemMessage(new Dispatch.Recreate(cause));
    }

    /// <summary>Chooses the directive for a failure of a child.</summary>
    protected abstract Directive Handle(IActorRef child, Exception exception);

    /// <summary>Logs a failure: as an error when the child restarts or stops, as a warning when it resumes.</summary>
    protected virtual void LogFailure(IActorContext context, IActorRef child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled || directive == Directive.Escalate)
        {
            return;
        }

        var message = cause is ActorInitializationException { InnerException: { } inner } ? inner.Message : cause.Message;
        LogEvent logged = directive == Directive.Resume
            ? new Warning(cause, child.Path.ToString(), GetType(), message)
            : new Error(cause, child.Path.ToString(), GetType(), message);
        context.System.EventStream.Publish(logged);
    }
}
