namespace Orchestrator.Core.Runs;

/// <summary>Who or what started a run, and under which restrictions it works.</summary>
/// <param name="By">Name of the person or program; empty where nobody had to say.</param>
/// <param name="Schedule">Name of the schedule; empty for a run started by hand.</param>
/// <param name="Window">Name of the maintenance window that it keeps to; empty for any time.</param>
/// <param name="NeedsApproval">Whether it waits until a person other than <paramref name="By"/> has approved it.</param>
public sealed record RunOrigin(string By, string Schedule, string Window, bool NeedsApproval)
{
    public static RunOrigin Unknown { get; } = new("", "", "", false);
}
