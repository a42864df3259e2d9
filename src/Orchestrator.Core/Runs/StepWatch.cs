using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Runs;

/// <summary>Looks after a step that is at work.</summary>
internal static class StepWatch
{
    /// <summary>How long a changed limit is told again, in case it was lost.</summary>
    private static readonly TimeSpan ThrottleRepeat = TimeSpan.FromSeconds(5);

    /// <summary>How much further an attempt must have come to be no failure if its member restarts.</summary>
    private const double ProgressThatCounts = 0.01;

    public static CompactionTicket Ticket(ExistingRun run, OrderedStep step) => new(run.RunId, step.Step.Number, step.Attempt);

    public static void Watch(RunDraft draft, StartedStep step, ReplicaSetSnapshot set)
    {
        switch (step)
        {
            case OrderedStep ordered:
                Watch(draft, ordered, set);
                break;
            case VerifyingStep verifying:
                StepVerification.Watch(draft, verifying, set);
                break;
            case SteppingDownStep steppingDown:
                Watch(draft, steppingDown, set);
                break;
            default:
                throw new InvalidOperationException($"{step.GetType().Name} is not at work");
        }
    }

    /// <summary>
    /// The member has begun: its job is recorded before anything else is done about it. Also recorded is, once for each attempt, that it has
    /// come further.
    /// </summary>
    public static void Accept(RunDraft draft, OrderedStep step, CompactionRunning running)
    {
        var fraction = running.Progress.Fraction;
        if (!step.Accepted || (!step.Advanced && fraction >= step.AcceptedAt + ProgressThatCounts))
        {
            draft.Add(new StepAccepted(step.Step.Number, step.Attempt, draft.Now)
            {
                Job = running.Job,
                Fraction = fraction,
                Advanced = step.Accepted,
            });
        }
    }

    /// <summary>Records how an attempt has ended, if it has. Gives whether it has.</summary>
    public static bool TryEnd(RunDraft draft, OrderedStep step, CompactionStatus status)
    {
        var number = step.Step.Number;
        switch (status)
        {
            case CompactionSucceeded succeeded when step.Later.Count > 0 && draft.Run is not CancellingRun:
                draft.Add(new StepPaused(number, step.Attempt, $"{step.Later.Count} {(step.Later.Count == 1 ? "unit is" : "units are")} left until there is time for more", draft.Now)
                {
                    Units = succeeded.Units,
                });
                return true;
            case CompactionSucceeded succeeded when step.Later.Count == 0:
                StepVerification.Finish(draft, step, succeeded.Units, succeeded.Judged);
                return true;
            case CompactionSucceeded succeeded:
                draft.Cancel(step, "the run is being cancelled", succeeded.Units);
                return true;
            case CompactionFailed { IsPermanent: true } failed when draft.Run is not CancellingRun:
                draft.Fail(step, failed.Reason, failed.Units);
                return true;
            case CompactionFailed failed:
                draft.Retry(step, failed.Reason, failed.Units);
                return true;
            case CompactionPaused paused when draft.Run is CancellingRun:
                draft.Cancel(step, "the run is being cancelled", paused.Units);
                return true;
            case CompactionPaused paused:
                var reason = step is PausingStep pausing ? pausing.Reason : "the member stopped before the end";
                draft.Add(new StepPaused(number, step.Attempt, reason, draft.Now)
                {
                    Units = paused.Units,
                    CopiedBytes = paused.Progress.BytesCopied,
                });
                return true;
            default:
                return false;
        }
    }

    private static void Watch(RunDraft draft, OrderedStep step, ReplicaSetSnapshot set)
    {
        var member = set.Member(step.Step.Node).Observation;
        var ticket = Ticket(draft.Run, step);
        var status = member.Compactions.FirstOrDefault(compaction => compaction.Ticket == ticket);
        if (status is not null && TryEnd(draft, step, status))
        {
            return;
        }

        if (status is null && member.HiddenCompactions.Contains(ticket))
        {
            // It has ended: ordered again, the member tells how.
            draft.Do(StepStart.Order(draft, step, set) with { Repeated = true });
            return;
        }

        var reason = ReasonToStop(draft, step, set, member);
        if (!member.State.IsReachable())
        {
            StepStart.GiveUpOnGone(draft, draft.Run.Steps[step.Step.Number - 1], set);
        }
        else if (status is CompactionRunning running)
        {
            Accept(draft, step, running);
            WatchRunning(draft, (OrderedStep)draft.Run.Steps[step.Step.Number - 1], set, running, reason);
        }
        else
        {
            WatchUnknown(draft, step, set, ticket, reason);
        }
    }

    /// <summary>Evaluates what can change meanwhile. Gives why the compaction must stop, if it must.</summary>
    private static StopReason ReasonToStop(RunDraft draft, OrderedStep step, ReplicaSetSnapshot set, NodeObservation member)
    {
        var number = step.Step.Number;
        var window = GateChecks.WindowOpen(draft.Gate);
        var lag = SetChecks.LagWithinLimit(set, draft.Policy, draft.Stopped(number, CheckNames.LagWithinLimit));
        var disk = MemberChecks.DiskHeadroom(member, draft.Policy);
        var majority = SetChecks.MajorityKept(set, member.Node, draft.Options.Force);
        draft.Check(number, window);
        draft.Check(number, SetChecks.MembersHealthy(set, member.Node));
        draft.Check(number, lag);
        if (member.State.IsReachable())
        {
            draft.Check(number, disk);
        }

        draft.Check(number, majority);
        return draft.Run switch
        {
            CancellingRun => new StopReason("the run is being cancelled", true),
            PausingRun pausing => new StopReason($"the run is being paused{(pausing.By.Length == 0 ? "" : $" by {pausing.By}")}", false),
            _ when majority.Failed && !SetChecks.KeepsVoting(set.CapabilitiesOf(member.Node).Availability) => new StopReason(majority.Message, true),
            _ when disk.Failed && member.State.IsReachable() => new StopReason(disk.Message, true),
            _ when lag.Failed => new StopReason(lag.Message, false),
            _ when window.Failed && draft.Gate.Window.OnClose == WindowCloseRule.Suspend => new StopReason(window.Message, false),
            _ => StopReason.None,
        };
    }

    private static void WatchRunning(RunDraft draft, OrderedStep step, ReplicaSetSnapshot set, CompactionRunning running, StopReason reason)
    {
        var ticket = running.Ticket;
        var can = set.CapabilitiesOf(step.Step.Node);
        if (draft.Run is CancellingRun && can.CanCancel)
        {
            draft.Do(new CancelNodeCompaction(step.Step.Node, ticket));
        }
        else if (step is PausingStep || (reason.Message.Length > 0 && can.CanPause))
        {
            Pause(draft, step, ticket, reason);
        }
        else if (reason is { Harmful: true } && can.CanCancel)
        {
            draft.Do(new CancelNodeCompaction(step.Step.Node, ticket));
        }
        else if (can.CanThrottle && step.StartedAt < draft.Run.Body.ThrottledAt && draft.Now - draft.Run.Body.ThrottledAt < ThrottleRepeat)
        {
            draft.Do(new ThrottleNodeCompaction(step.Step.Node, ticket, draft.Run.Body.MaxBytesPerSecond));
        }
    }

    /// <summary>The member answers, but knows nothing of the attempt.</summary>
    private static void WatchUnknown(RunDraft draft, OrderedStep step, ReplicaSetSnapshot set, CompactionTicket ticket, StopReason reason)
    {
        var node = step.Step.Node;
        var can = set.CapabilitiesOf(node);
        if (!can.KnowsTickets)
        {
            // Whoever stands for the member has begun anew: it watches the job, or looks for it, and tells what became of it.
            draft.Do(StepStart.Order(draft, step, set) with
            {
                Repeated = true,
                Job = step.Job,
                LookOnly = step is PausingStep || reason.Message.Length > 0,
            });
            return;
        }

        var expired = draft.Now - step.StartedAt >= draft.Policy.UnreachableGrace;
        if (step.Accepted || expired)
        {
            var cause = step.Accepted
                ? $"{node} restarted while it compacted"
                : $"{node} did not begin within {draft.Policy.UnreachableGrace.TotalSeconds:0.#} s";
            if (step is PausingStep pausing && draft.Run is not CancellingRun)
            {
                draft.Add(new StepPaused(step.Step.Number, step.Attempt, pausing.Reason, draft.Now));
            }
            else if (step.Advanced && can.CanPause && draft.Run is not CancellingRun)
            {
                // It goes on from its checkpoint: as long as it comes further each time, restarts are no failures.
                draft.Add(new StepPaused(step.Step.Number, step.Attempt, $"{cause}; it continues from its checkpoint", draft.Now));
            }
            else
            {
                draft.Retry(step, cause, []);
            }
        }
        else if (draft.Run is CancellingRun)
        {
            // The order may still be under way; the answer tells whether it has arrived before this one.
            draft.Do(new CancelNodeCompaction(node, ticket));
        }
        else if (step is PausingStep || (reason.Message.Length > 0 && can.CanPause))
        {
            Pause(draft, step, ticket, reason);
        }
        else if (reason.Message.Length == 0 && set.Member(node).Observation.State is NodeState.Online or NodeState.Compacting)
        {
            // The order or its answer was lost, or has not arrived: the ticket makes it harmless to send it again.
            draft.Do(StepStart.Order(draft, step, set) with { Repeated = true });
        }
    }

    private static void Pause(RunDraft draft, OrderedStep step, CompactionTicket ticket, StopReason reason)
    {
        if (step is CompactingStep)
        {
            draft.Add(new StepPauseOrdered(step.Step.Number, step.Attempt, reason.Message, draft.Now));
        }

        draft.Do(new PauseNodeCompaction(step.Step.Node, ticket));
    }

    private static void Watch(RunDraft draft, SteppingDownStep step, ReplicaSetSnapshot set)
    {
        if (set.Primary.Length > 0 && set.Primary != step.ExpectedPrimary)
        {
            draft.Add(new PrimarySteppedDown(
                step.Step.Number, step.ExpectedPrimary, set.Primary, set.Member(set.Primary).Observation.Term, draft.Now));
        }
        else if (draft.Now - step.OrderedAt >= draft.Policy.StepDownTimeout)
        {
            draft.Retry(step, $"{step.ExpectedPrimary} did not step down within {draft.Policy.StepDownTimeout.TotalSeconds:0.#} s", []);
        }
    }

    /// <param name="Message">Empty for no reason.</param>
    /// <param name="Harmful">Whether going on does harm, so that it is cancelled where it cannot be paused.</param>
    private sealed record StopReason(string Message, bool Harmful)
    {
        public static StopReason None { get; } = new("", false);
    }
}
