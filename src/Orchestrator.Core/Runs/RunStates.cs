namespace Orchestrator.Core.Runs;

/// <summary>The names of the states of a run.</summary>
public static class RunStates
{
    /// <summary>All, in the order in which a run passes through them.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["planned", "waiting", "running", "pausing", "paused", "cancelling", "cancelled", "completed", "completed-with-skips", "failed"];

    /// <summary>Those of a run that has not ended.</summary>
    public static IReadOnlyList<string> Unfinished { get; } = [.. All.TakeWhile(state => state != "cancelled")];
}
