using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>The rules of a run.</summary>
public static class RunDecider
{
    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static Decision<RunEvent, RunEffect, RunReply> Decide(RunState state, RunCommand command, CompactionPolicy policy) =>
        throw new NotSupportedException();

    /// <summary>The state after an event.</summary>
    public static RunState Apply(RunState state, RunEvent @event) => throw new NotSupportedException();
}
