using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From recorded events to what the API shows of them, each with a sentence for the operator.</summary>
internal static class RunEventTranslation
{
    public static RunEventDto ToDto(this RecordedRunEvent recorded) => recorded.Event switch
    {
        RunPlanned e => Plain(recorded, "run-planned", PlannedSentence(e)),
        RunStarted => Plain(recorded, "run-started", "Started."),
        RunWaiting e => Plain(recorded, "run-waiting", $"Waits for {e.For}: {e.Reason}"),
        RunWentOn => Plain(recorded, "run-went-on", "Continues: the wait is over."),
        RunApproved e => Plain(recorded, "run-approved", $"Approved by {e.By}."),
        RunPauseRequested e => Plain(recorded, "run-pause-requested", $"{e.By} paused it{ReasonText.InBrackets(e.Reason)}; it stops at the next safe point."),
        RunPaused => Plain(recorded, "run-paused", "Paused; nothing is at work."),
        RunResumed e => Plain(recorded, "run-resumed", $"{e.By} let it go on."),
        RunCancelRequested e => Plain(recorded, "run-cancel-requested", $"{e.By} cancelled it{ReasonText.InBrackets(e.Reason)}; it ends at the next safe point."),
        RunCancelled => Plain(recorded, "run-cancelled", "Cancelled; nothing is at work."),
        RunThrottled e => Plain(recorded, "run-throttled", e.MaxBytesPerSecond == 0
            ? $"{e.By} removed the limit of the copying rate."
            : $"{e.By} limited the copying rate to {Human.Bytes(e.MaxBytesPerSecond)} per second."),
        StepPauseOrdered e => Plain(recorded, "step-pause-ordered", $"Step {e.Step} is to stop at its checkpoint: {e.Reason}") with { Step = e.Step },
        StepPaused e => Plain(
            recorded,
            "step-paused",
            $"Step {e.Step} has stopped at its checkpoint{(e.CopiedBytes > 0 ? $", with {Human.Bytes(e.CopiedBytes)} copied" : "")}: {e.Reason}") with
        { Step = e.Step, Units = [.. e.Units.Select(unit => unit.ToDto())] },
        StepCancelled e => Plain(recorded, "step-cancelled", $"Step {e.Step} is cancelled: {e.Reason}") with
        { Step = e.Step, Units = [.. e.Units.Select(unit => unit.ToDto())] },
        CheckEvaluated e => Plain(recorded, "check-evaluated", CheckSentence(e)) with
        {
            Step = e.Step,
            Check = new CheckDto(e.Result.Check, e.Result.Passed, e.Result.Message),
        },
        StepStarted e => Plain(recorded, "step-started", $"Step {e.Step} started (attempt {e.Attempt}).") with { Step = e.Step },
        StepAccepted { Advanced: true } e => Plain(recorded, "step-accepted", $"Step {e.Step} makes progress (attempt {e.Attempt}).") with { Step = e.Step },
        StepAccepted e => Plain(recorded, "step-accepted", $"Step {e.Step} is running (attempt {e.Attempt}).") with { Step = e.Step },
        StepDownOrdered e => Plain(
            recorded,
            "step-down-ordered",
            $"{e.ExpectedPrimary} was ordered to step down{(e.To.Length > 0 ? $" in favour of {e.To}" : "")}.") with
        { Step = e.Step },
        StepRetried e => Plain(
            recorded,
            "step-retried",
            $"Attempt {e.FailedAttempt} of step {e.Step} failed: {e.Reason}. The next attempt starts at {e.NotBefore:u} at the earliest.") with
        { Step = e.Step, Units = [.. e.Units.Select(unit => unit.ToDto())] },
        MemberCompacted e => Plain(
            recorded,
            "member-compacted",
            $"{e.Node} is compacted: {Human.Count(e.Units.Count, "unit")}, {Human.Bytes(e.Units.Sum(unit => unit.BytesFreed))} freed."
            + (e.Judged.Length > 0 ? $" The member did not report it: {e.Judged}." : "")
            + (e.Verification.Length > 0 ? $" Verified: {e.Verification}." : "")) with
        { Step = e.Step, Units = [.. e.Units.Select(unit => unit.ToDto())] },
        StepVerificationStarted e => Plain(
            recorded, "step-verification-started", $"Step {e.Step} is compacted{ReasonText.InBrackets(e.Judged)}; its member is verified and compared with the others.") with
        { Step = e.Step, Units = [.. e.Units.Select(unit => unit.ToDto())] },
        PrimarySteppedDown e => Plain(
            recorded,
            "primary-stepped-down",
            $"{e.OldPrimary} stepped down; {e.NewPrimary} is primary{(e.Term > 0 ? $" in term {e.Term}" : "")}.") with
        { Step = e.Step },
        StepSkipped e => Plain(recorded, "step-skipped", $"Step {e.Step} is skipped: {e.Reason}") with { Step = e.Step },
        StepFailed e => Plain(recorded, "step-failed", $"Step {e.Step} failed: {e.Reason}") with { Step = e.Step },
        NodeStateRecorded e => Plain(recorded, "node-state-recorded", StateSentence(e)) with { StateChange = e.Change.ToDto() },
        RunCompleted e => Plain(recorded, "run-completed", e.WithSkips ? "Completed; some steps were skipped." : "Completed."),
        RunFailed e => Plain(recorded, "run-failed", $"Failed: {e.Reason}"),
        _ => throw new InvalidOperationException($"unknown run event {recorded.Event.GetType().Name}"),
    };

    /// <summary>Whether nothing follows this event in a run's history.</summary>
    public static bool IsTerminal(this RunEvent e) => e is RunCompleted or RunFailed or RunCancelled;

    private static RunEventDto Plain(RecordedRunEvent recorded, string type, string message) =>
        new(recorded.Sequence, type, recorded.Event.At, message, null, null, null, null);

    private static string PlannedSentence(RunPlanned e)
    {
        var by = e.Origin.Schedule.Length > 0 ? $" by schedule {e.Origin.Schedule}" : e.Origin.By.Length > 0 ? $" by {e.Origin.By}" : "";
        var window = e.Origin.Window.Length > 0 ? $" It works only in window {e.Origin.Window}." : "";
        var approval = e.Origin.NeedsApproval ? " It waits for another person's approval." : "";
        return $"Planned{by}: {Human.Count(e.Plan.Steps.Count(), "step")}, expected to free {Human.Bytes(e.Plan.BytesFreed)}.{window}{approval}";
    }

    private static string CheckSentence(CheckEvaluated e) =>
        $"Check {e.Result.Check} of step {e.Step} {(e.Result.Passed switch { true => "passed", false => "did not pass", null => "cannot be answered" })}: {e.Result.Message}";

    private static string StateSentence(NodeStateRecorded e)
    {
        var change = e.Change;
        return $"{change.Node} went from {change.From.ToText()} to {change.To.ToText()}{ReasonText.InBrackets(change.Reason)}.";
    }
}
