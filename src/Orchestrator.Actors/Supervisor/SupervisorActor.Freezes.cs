using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

using FreezeDecision = Decision<FreezeEvent, FreezeEffect, FreezeReply>;

/// <content>The kill switch. Runs see it through their gate, schedules before they start anything.</content>
internal sealed partial class SupervisorActor
{
    private void ReceiveFreezes()
    {
        Command<StartFreeze>(order => Carry(
            FreezeDecider.Decide(state.Freezes, order, watches.Keys, Now),
            new AuditedOrder(order.By, "freeze", order.Cluster, "", order.Until is { } until ? $"until {until:u}: {order.Reason}" : order.Reason)));
        Command<LiftFreeze>(order => Carry(
            FreezeDecider.Decide(state.Freezes, order, Now),
            new AuditedOrder(order.By, "lift-freeze", order.Cluster, "", "")));
        Command<ListFreezes>(_ => Sender.Tell(Freezes()));
    }

    private FreezeList Freezes() => new([.. state.Freezes.InForce(Now)]);

    /// <summary>Decide, store, apply, answer; runs are told at once.</summary>
    private void Carry(FreezeDecision decision, AuditedOrder order)
    {
        var sender = Sender;
        if (decision.Reply is FreezeReply.Refused refused)
        {
            Audit(order.By, order.Action, order.Cluster, order.Subject, order.Detail, refused.Failure.Message, () => sender.Tell(refused.Failure));
            return;
        }

        Audit(order.By, order.Action, order.Cluster, order.Subject, order.Detail);
        foreach (var fact in decision.Events)
        {
            log.Warning("{0}", fact);
            Store(new FreezeRecorded(fact, fact.At), () =>
            {
                AssessRuns();
                sender.Tell(Freezes());
            });
        }
    }

    private void EndFreezes()
    {
        foreach (var fact in FreezeDecider.Elapsed(state.Freezes, Now))
        {
            log.Warning("{0}", fact);
            Store(new FreezeRecorded(fact, fact.At), AssessRuns);
            Audit("supervisor", "end-freeze", (fact as FreezeRanOut)?.Cluster ?? "", "", "its time is over");
        }
    }
}
