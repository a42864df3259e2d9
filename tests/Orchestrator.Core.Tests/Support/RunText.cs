using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Support;

/// <summary>Events, effects and replies of a run as single lines.</summary>
internal static class RunText
{
    public static string Of(RunEvent @event) => @event switch
    {
        RunPlanned e => Line($"run-planned {e.RunId}: {e.Plan.Steps.Count()} steps"),
        RunStarted => "run-started",
        CheckEvaluated e => Line($"check {e.Step} {e.Result.Check} {(e.Result.Passed switch { true => "passed", false => "FAILED", null => "cannot be answered" })}: {e.Result.Message}"),
        StepStarted { Later.Count: > 0 } e => Line($"step-started {e.Step} attempt {e.Attempt}, later: {string.Join(", ", e.Later)}"),
        StepStarted e => Line($"step-started {e.Step} attempt {e.Attempt}"),
        StepPauseOrdered e => Line($"step-pause-ordered {e.Step} attempt {e.Attempt}: {e.Reason}"),
        StepPaused e => Line($"step-paused {e.Step} attempt {e.Attempt}, {e.Units.Count} units done, {e.CopiedBytes} B kept: {e.Reason}"),
        StepCancelled e => Line($"step-cancelled {e.Step}: {e.Reason}"),
        RunWaiting e => Line($"run-waiting for {e.For}: {e.Reason}"),
        RunWentOn => "run-went-on",
        RunApproved e => Line($"run-approved by {e.By}"),
        RunPauseRequested e => Line($"run-pause-requested by {e.By}: {e.Reason}"),
        RunPaused => "run-paused",
        RunResumed e => Line($"run-resumed by {e.By}"),
        RunCancelRequested e => Line($"run-cancel-requested by {e.By}: {e.Reason}"),
        RunCancelled => "run-cancelled",
        RunThrottled e => Line($"run-throttled by {e.By} to {e.MaxBytesPerSecond}"),
        StepAccepted { Advanced: true } e => Line($"step-advanced {e.Step} attempt {e.Attempt}"),
        StepAccepted e => Line($"step-accepted {e.Step} attempt {e.Attempt}{(e.Job is { } job ? $" job {job}" : "")}"),
        StepDownOrdered e => Line($"step-down-ordered {e.Step} attempt {e.Attempt}: {e.ExpectedPrimary} -> {e.To}"),
        StepRetried e => Line($"step-retried {e.Step} attempt {e.FailedAttempt}, not before {Seconds(e.NotBefore)}: {e.Reason}"),
        StepVerificationStarted e => Line($"step-verification-started {e.Step} attempt {e.Attempt}, {e.Units.Count} units done"),
        MemberCompacted e => Line($"member-compacted {e.Step} {e.Node}: {e.Units.Count} units, freed {e.Units.Sum(unit => unit.BytesFreed)}{(e.Verification.Length > 0 ? ", " : "")}{e.Verification}{(e.Judged.Length > 0 ? $", {e.Judged}" : "")}"),
        PrimarySteppedDown e => Line($"primary-stepped-down {e.Step}: {e.OldPrimary} -> {e.NewPrimary} in term {e.Term}"),
        StepSkipped e => Line($"step-skipped {e.Step}: {e.Reason}"),
        StepFailed e => Line($"step-failed {e.Step}{(e.MembersDiffer ? ", members differ" : "")}: {e.Reason}"),
        NodeStateRecorded e => Line($"node-state-recorded {e.Change.Node}: {e.Change.From.ToText()} -> {e.Change.To.ToText()}"),
        RunCompleted e => e.WithSkips ? "run-completed with skips" : "run-completed",
        RunFailed e => Line($"run-failed: {e.Reason}"),
        _ => throw new InvalidOperationException(@event.GetType().Name),
    };

    public static string Of(RunEffect effect) => effect switch
    {
        SendCompactUnits e => Line($"=> {e.Node} compact {Of(e.Ticket)}: {string.Join(", ", e.Units)}{(e.Settings.Force ? " force" : "")}{(e.Settings.MaxBytesPerSecond > 0 ? Line($" at {e.Settings.MaxBytesPerSecond} B/s") : "")}{(e.Job is { } job ? $" job {job}" : "")}{(e.LookOnly ? " look only" : "")}"),
        OrderStepDown e => Line($"=> {e.ReplicaSet} step-down {e.Step}/{e.Attempt}: {e.ExpectedPrimary} -> {e.To}"),
        PauseNodeCompaction e => Line($"=> {e.Node} pause {Of(e.Ticket)}"),
        VerifyMember e => Line($"=> {e.Node} verify {e.Step}/{e.Attempt}: {string.Join(", ", e.Collections)}"),
        MeasureMember e => $"=> {e.Node} measure",
        ThrottleNodeCompaction e => Line($"=> {e.Node} throttle {Of(e.Ticket)} to {e.MaxBytesPerSecond}"),
        CancelNodeCompaction e => Line($"=> {e.Node} cancel {Of(e.Ticket)}"),
        _ => throw new InvalidOperationException(effect.GetType().Name),
    };

    public static string Of(RunReply reply) => reply switch
    {
        RunReply.Accepted e => Line($"<- accepted {e.RunId}"),
        RunReply.Rejected e => Line($"<- {e.Failure.Code}: {e.Failure.Message}"),
        _ => "",
    };

    /// <summary>Everything that people see of the run, as one comparable text.</summary>
    public static string Of(RunView view) => string.Join("\n", new[]
    {
        Line($"{view.Id} {view.State} {view.Reason} freed {view.BytesFreed} {view.CreatedAt:O} {view.FinishedAt:O}"),
        view.WaitingFor.Length == 0 ? "" : Line($"waiting for {view.WaitingFor} since {Seconds(view.Since)}"),
    }.Where(line => line.Length > 0).Concat(view.Steps.Select(step => Line(
        $"{step.Number} {step.Kind} {step.Node} {step.State} attempt {step.Attempt} {step.Fraction:0.##} freed {step.BytesFreed} {step.NewPrimary} {step.StartedAt:O} {step.FinishedAt:O} {step.Reason}"))));

    private static string Of(CompactionTicket ticket) => Line($"{ticket.RunId}/{ticket.Step}/{ticket.Attempt}");

    private static string Seconds(DateTimeOffset at) => Line($"{(at - Some.Noon).TotalSeconds:0.#}s");

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
