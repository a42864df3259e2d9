using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>Shows people what the demo does.</summary>
internal interface IDemoDisplay
{
    /// <summary>A phase begins.</summary>
    void Phase(string text);

    /// <summary>A result or remark within a phase.</summary>
    void Note(string text);

    /// <summary>Shows the plan.</summary>
    void Plan(PlanDto plan);

    /// <summary>Shows a run while <paramref name="work"/> follows it.</summary>
    Task<T> DuringRun<T>(Func<IRunDisplay, Task<T>> work);

    /// <summary>Shows the result.</summary>
    void Finish(DemoReport report, RunDto run);
}

/// <summary>Shows a run as it goes on. May be called from several threads.</summary>
internal interface IRunDisplay
{
    void Event(RunEventDto e);

    /// <summary>Something that the demo itself does meanwhile.</summary>
    void Remark(string text);

    void Progress(RunProgressDto progress);

    /// <summary>Roles and states as the supervisor sees them.</summary>
    void Members(ReplicaSetDto set);

    /// <summary>What the working client has done so far.</summary>
    void Client(ClientReport client);
}
