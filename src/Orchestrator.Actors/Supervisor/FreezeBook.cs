using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

using FreezeDecision = Decision<FreezeEvent, FreezeEffect, FreezeReply>;

/// <summary>
/// The kill switch. Runs see it through their gate, schedules before they start anything. A plain class on the supervisor's mailbox.
/// </summary>
/// <param name="assessRuns">Has the runs look at once.</param>
internal sealed class FreezeBook(IReign reign, AuditBook audit, Action assessRuns)
{
    public void OnStart(StartFreeze order) => Carry(
        FreezeDecider.Decide(reign.State.Freezes, order, reign.Clusters.Keys, reign.Now),
        new AuditedOrder(order.By, AuditAction.Freeze, order.Cluster, "", order.Until is { } until ? $"until {until:u}: {order.Reason}" : order.Reason));

    public void OnLift(LiftFreeze order) => Carry(
        FreezeDecider.Decide(reign.State.Freezes, order, reign.Now),
        new AuditedOrder(order.By, AuditAction.LiftFreeze, order.Cluster, "", ""));

    public void OnList() => reign.Sender.Tell(InForce());

    public void EndElapsed()
    {
        foreach (var fact in FreezeDecider.Elapsed(reign.State.Freezes, reign.Now))
        {
            reign.Log.Warning("{0}", Sentence(fact));
            reign.Store(new FreezeRecorded(fact, fact.At), assessRuns);
            audit.Record("supervisor", AuditAction.EndFreeze, (fact as FreezeRanOut)?.Cluster ?? "", "", "it has expired");
        }
    }

    private static string Sentence(FreezeEvent fact) => fact switch
    {
        FreezeStarted { Freeze: var freeze } =>
            $"{Where(freeze.Cluster)} is frozen by {freeze.By} {(freeze.Until is { } until ? $"until {until:u}" : "until it is lifted")}: {freeze.Reason}",
        FreezeLifted lifted => $"the freeze of {Where(lifted.Cluster)} is lifted by {lifted.By}",
        FreezeRanOut over => $"the freeze of {Where(over.Cluster)} is over",
        _ => throw new ArgumentOutOfRangeException(nameof(fact)),
    };

    private static string Where(string cluster) => cluster.Length == 0 ? "everything" : $"cluster {cluster}";

    private FreezeList InForce() => new([.. reign.State.Freezes.InForce(reign.Now)]);

    /// <summary>Decide, store, apply, answer; runs are told at once.</summary>
    private void Carry(FreezeDecision decision, AuditedOrder order)
    {
        var sender = reign.Sender;
        if (decision.Reply is FreezeReply.Refused refused)
        {
            audit.Record(order, refused.Failure.Message, () => sender.Tell(refused.Failure));
            return;
        }

        audit.Record(order, refusal: "", then: () => { });
        foreach (var fact in decision.Events)
        {
            reign.Log.Warning("{0}", Sentence(fact));
            reign.Store(new FreezeRecorded(fact, fact.At), () =>
            {
                assessRuns();
                sender.Tell(InForce());
            });
        }
    }
}
