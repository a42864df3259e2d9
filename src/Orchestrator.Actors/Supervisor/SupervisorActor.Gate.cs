using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Supervisor;

/// <content>What outside the clusters themselves allows runs to work.</content>
internal sealed partial class SupervisorActor
{
    /// <summary>What a run's window and the freezes in force allow at this moment.</summary>
    private RunGate GateFor(RegisteredRun run) => RunGate.Open;
}
