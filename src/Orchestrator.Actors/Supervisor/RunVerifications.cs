using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>The verifications of a run that are at work: at most one for each step. After a restart the run orders them anew.</summary>
internal sealed class RunVerifications(string runId, long epoch, TimeProvider time)
{
    private readonly Dictionary<int, Verifying> atWork = [];
    private int number;

    /// <summary>How far they are, as a member tells it of a compaction.</summary>
    public IEnumerable<CompactionStatus> Progress => atWork.Values.Select(CompactionStatus (verifying) => new CompactionRunning(
        new CompactionTicket(runId, verifying.Order.Step, verifying.Order.Attempt),
        new CompactionProgress(verifying.Progress.Collection, $"verify {verifying.Progress.Stage}".TrimEnd(), 1, 0, 0, 0, 0)
        {
            RowsDone = verifying.Progress.RowsDone,
            RowsTotal = verifying.Progress.RowsTotal,
        }));

    /// <summary>Begins one, or asks the one that is at work how it stands, without which it would end.</summary>
    public void Carry(VerifyMember order, string cluster, IActorContext context)
    {
        if (!atWork.TryGetValue(order.Step, out var verifying))
        {
            var task = new VerificationTask(
                $"{runId}-{order.Step}-{order.Attempt}",
                new StartVerification(cluster, order.Node, "", "", $"run {runId}"),
                time.GetUtcNow(),
                epoch,
                context.Parent,
                time)
            {
                Collections = order.Collections,
            };
            atWork[order.Step] = verifying = new Verifying(
                order, context.ActorOf(VerificationActor.Props(task), $"verification-{++number}"), FileCheckProgress.None);
        }

        verifying.Actor.Tell(new GetVerification(cluster, ""), context.Self);
    }

    public void Note(VerificationView view, IActorRef sender)
    {
        if (Find(sender) is { } verifying)
        {
            atWork[verifying.Order.Step] = verifying with { Progress = view.Progress };
        }
    }

    /// <summary>Gives what was ordered; null if it is one that is not waited for any more.</summary>
    public VerifyMember? TakeEnded(IActorRef sender, IActorContext context)
    {
        context.Stop(sender);
        if (Find(sender) is not { } ended)
        {
            return null;
        }

        atWork.Remove(ended.Order.Step);
        return ended.Order;
    }

    /// <summary>Ends those whose step is no longer verified.</summary>
    public void EndBut(RunState state, IActorRef self)
    {
        foreach (var (step, verifying) in atWork.ToList())
        {
            if (state is not ExistingRun run || run.Steps[step - 1] is not VerifyingStep)
            {
                atWork.Remove(step);
                verifying.Actor.Tell(new CancelVerification("", "", $"run {runId}"), self);
            }
        }
    }

    private Verifying? Find(IActorRef actor) => atWork.Values.FirstOrDefault(each => each.Actor.Equals(actor));

    private sealed record Verifying(VerifyMember Order, IActorRef Actor, FileCheckProgress Progress);
}
