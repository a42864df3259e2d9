using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using RunDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Runs.RunEvent,
    Orchestrator.Core.Runs.RunEffect,
    Orchestrator.Core.Runs.RunReply>;

namespace Orchestrator.Core.Runs;

/// <summary>What a run makes of answers to its orders. An answer to anything but the attempt at work changes nothing.</summary>
internal static class RunReports
{
    public static RunDecision Decide(ExistingRun run, ReportCompaction report, CompactionPolicy policy)
    {
        if (Find(run, report.Status.Ticket) is not { } step)
        {
            return RunDecider.Nothing;
        }

        var draft = Draft(run, policy, report.Now);
        if (report.Status is CompactionRunning { Job: not null } running)
        {
            StepWatch.Accept(draft, step, running);
        }
        else
        {
            StepWatch.TryEnd(draft, step, report.Status);
        }

        return Conclude(draft);
    }

    public static RunDecision Decide(ExistingRun run, ReportRefusal report, CompactionPolicy policy)
    {
        // A node that has seen a higher epoch obeys another supervisor, which has this run too.
        if (Find(run, report.Ticket) is not { } step || report.Refusal.Code == RefusalCode.StaleEpoch)
        {
            return RunDecider.Nothing;
        }

        var draft = Draft(run, policy, report.Now);
        var unknown = report.Refusal.Code == RefusalCode.NotFound;
        switch (step)
        {
            case PausingStep or CompactingStep when draft.Run is CancellingRun:
                if (unknown)
                {
                    draft.Cancel(step, $"{report.Refusal.Node} is not working on it", []);
                }

                break;
            case PausingStep pausing:
                if (unknown)
                {
                    draft.Add(new StepPaused(step.Step.Number, step.Attempt, pausing.Reason, draft.Now));
                }

                break;

            // Once it is at work, what was refused was something else; looking at the member tells the rest.
            case CompactingStep { Accepted: false }:
                draft.Retry(step, $"{report.Refusal.Node} refused: {report.Refusal.Reason}", []);
                break;
        }

        return Conclude(draft);
    }

    public static RunDecision Decide(ExistingRun run, ReportVerification report, CompactionPolicy policy)
    {
        if (report.Step < 1 || report.Step > run.Steps.Count
            || run.Steps[report.Step - 1] is not VerifyingStep step || step.Attempt != report.Attempt)
        {
            return RunDecider.Nothing;
        }

        var draft = Draft(run, policy, report.Now);
        StepVerification.Report(draft, step, report.Outcome);
        return Conclude(draft);
    }

    public static RunDecision Decide(ExistingRun run, ReportStepDown report, CompactionPolicy policy)
    {
        if (FindOrder(run, report.Step, report.Attempt) is null)
        {
            return RunDecider.Nothing;
        }

        var draft = Draft(run, policy, report.Now);
        draft.Add(new PrimarySteppedDown(
            report.Step, report.Result.OldPrimary, report.Result.NewPrimary, report.Result.Term, report.Now));
        return Conclude(draft);
    }

    public static RunDecision Decide(ExistingRun run, ReportStepDownFailure report, CompactionPolicy policy)
    {
        if (FindOrder(run, report.Step, report.Attempt) is not { } step)
        {
            return RunDecider.Nothing;
        }

        var draft = Draft(run, policy, report.Now);
        draft.Retry(step, report.Failure.Message, []);
        return Conclude(draft);
    }

    private static RunDraft Draft(ExistingRun run, CompactionPolicy policy, DateTimeOffset now) => new(run, policy, RunGate.Open, now);

    private static RunDecision Conclude(RunDraft draft)
    {
        RunEnds.AfterReport(draft);
        return draft.ToDecision();
    }

    private static OrderedStep? Find(ExistingRun run, CompactionTicket ticket) =>
        ticket.RunId == run.RunId && ticket.Step >= 1 && ticket.Step <= run.Steps.Count
        && run.Steps[ticket.Step - 1] is OrderedStep step && step.Attempt == ticket.Attempt
            ? step
            : null;

    private static SteppingDownStep? FindOrder(ExistingRun run, int step, int attempt) =>
        step >= 1 && step <= run.Steps.Count && run.Steps[step - 1] is SteppingDownStep order && order.Attempt == attempt ? order : null;
}
