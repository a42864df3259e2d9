namespace Orchestrator.Core.Operations;

/// <summary>What entries of the audit trail tell of, besides <see cref="NodeConditions"/>.</summary>
public static class AuditActions
{
    /// <summary>The names of all of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "adopt-journal", "approve-run", "cancel-run", "cancel-verify", "end-freeze", "end-hold", "freeze", "hold", "index-cleanup", "lift-freeze",
        "missed-windows", "pause-run", "release-hold", "resume-run", "resync", "schedule-refused", "schedule-run", "start-run", "step-down",
        "throttle-run", "verify", "verify-ended",
    ];
}
