using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Whether the sizes by which a step begins are those of now. A run can last for days, and a plan's sizes are those of its
/// beginning.
/// </summary>
internal static class Measurement
{
    /// <summary>How old sizes may be.</summary>
    private static readonly TimeSpan Present = TimeSpan.FromSeconds(10);

    /// <summary>How long a step that is ready waits for a member that does not tell its sizes; then the last ones have to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static bool IsPresent(RunDraft draft, StepState state, MemberSnapshot member) =>
        member.MeasuredAt is not { } measured || draft.Now - measured <= Present || draft.Now - ReadySince(draft, state) >= Patience;

    /// <summary>Since when nothing but that is in the step's way; now if it has never been looked at.</summary>
    private static DateTimeOffset ReadySince(RunDraft draft, StepState state)
    {
        var checks = draft.Run.Steps[state.Step.Number - 1].Checks.Values.Where(check => check.Result.Check != CheckNames.WorthIt).ToList();
        var since = checks.Count == 0 ? draft.Now : checks.Max(check => check.Since);
        var earliest = state is RetryingStep retrying ? retrying.NotBefore : draft.Run.Body.ResumedAt;
        return since > earliest ? since : earliest;
    }
}
