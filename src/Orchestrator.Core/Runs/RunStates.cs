namespace Orchestrator.Core.Runs;

/// <summary>The names of the states of a run, in the order in which a run passes through them.</summary>
public static class RunStates
{
    public const string Planned = "planned";
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Pausing = "pausing";
    public const string Paused = "paused";
    public const string Cancelling = "cancelling";
    public const string Cancelled = "cancelled";
    public const string Completed = "completed";
    public const string CompletedWithSkips = "completed-with-skips";
    public const string Failed = "failed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. typeof(RunStates).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];

    /// <summary>Those of a run that has not ended.</summary>
    public static IReadOnlyList<string> Unfinished { get; } = [.. All.TakeWhile(state => state != Cancelled)];
}
