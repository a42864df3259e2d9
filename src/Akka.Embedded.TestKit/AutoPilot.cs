using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Answers messages in place of the test, which still sees them.</summary>
public abstract class AutoPilot
{
    protected AutoPilot()
    {
    }

    /// <summary>Gives back as result: the same pilot goes on.</summary>
    public static KeepRunning KeepRunning => KeepRunning.Instance;

    /// <summary>Gives back as result: no pilot from now on.</summary>
    public static NoAutoPilot NoAutoPilot => NoAutoPilot.Instance;

    /// <summary>Called for each message; gives the pilot for the next one.</summary>
    public abstract AutoPilot Run(IActorRef sender, object message);
}

/// <summary>The same pilot goes on.</summary>
public sealed class KeepRunning : AutoPilot
{
    /// <summary>The only instance.</summary>
    public static KeepRunning Instance = new();

    private KeepRunning()
    {
    }

    public override AutoPilot Run(IActorRef sender, object message) =>
        throw new InvalidOperationException("KeepRunning is a result of a pilot, not a pilot.");
}

/// <summary>Does nothing.</summary>
public sealed class NoAutoPilot : AutoPilot
{
    /// <summary>The only instance.</summary>
    public static NoAutoPilot Instance = new();

    private NoAutoPilot()
    {
    }

    public override AutoPilot Run(IActorRef sender, object message) => this;
}

/// <summary>A pilot's function.</summary>
public delegate AutoPilot AutoPilotDelegate(IActorRef sender, object message);

/// <summary>A pilot from a function.</summary>
public sealed class DelegateAutoPilot : AutoPilot
{
    private readonly AutoPilotDelegate _run;

    public DelegateAutoPilot(AutoPilotDelegate autoPilotDelegate) => _run = autoPilotDelegate;

    public override AutoPilot Run(IActorRef sender, object message) => _run(sender, message);
}
