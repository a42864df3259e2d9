using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Runs;

/// <summary>An operator's order to a run. Answered with <see cref="RunView"/>; giving it twice does no harm.</summary>
public interface IRunControl : ISupervisorRequest
{
    string RunId { get; }

    /// <summary>Who orders it.</summary>
    string By { get; }
}

/// <summary>Stop at the next safe point: no step is begun, a running one stops at its checkpoint where its mode can pause.</summary>
public sealed record PauseRun(string RunId, string By, string Reason) : IRunControl;

/// <summary>Go on after a pause.</summary>
public sealed record ResumeRun(string RunId, string By) : IRunControl;

/// <summary>End for good at the next safe point, with every member online and every set with a primary.</summary>
public sealed record CancelRun(string RunId, string By, string Reason) : IRunControl;

/// <summary>Approve a plan that waits for a second person; refused to the one who started it.</summary>
public sealed record ApproveRun(string RunId, string By) : IRunControl;

/// <summary>Change the copying rate of a run, at once.</summary>
/// <param name="MaxBytesPerSecond">At least 0; 0 is unlimited.</param>
public sealed record ThrottleRun(string RunId, string By, long MaxBytesPerSecond) : IRunControl;

/// <summary>What outside the cluster itself allows a run to work at the moment.</summary>
/// <param name="Window">Its maintenance window.</param>
/// <param name="Frozen">Why nothing may start, with who, why and until when; empty when not frozen.</param>
public sealed record RunGate(WindowStatus Window, string Frozen)
{
    public static RunGate Open { get; } = new(WindowStatus.Always, "");

    /// <summary>The holds in force on its cluster.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];
}
