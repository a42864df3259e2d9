using Akka.Actor;
using Akka.Event;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// The orderly end: nothing new is taken, what is under way comes to its end or to its checkpoint, the files are released, and then the
/// actor ends. All of it without a thread that waits.
/// </content>
internal sealed partial class CollectionActor
{
    private bool releasing;
    private bool released;

    /// <summary>Only after an end that nobody has asked for, e.g. a restart by the supervision: the files must be free before the next actor opens them.</summary>
    protected override void PostStop()
    {
        compaction?.Cancellation.Cancel();
        if (!released && store is { } open)
        {
            // The lane may still be writing; the files are released when it is done. A process that ends before that
            // leaves the write-ahead logs behind, so it is waited for, but not for ever.
            lane.Quiescence.ContinueWith(_ => open.Dispose(), TaskScheduler.Default).Wait(ReleasePatience);
        }
    }

    private void OnReleaseFiles()
    {
        if (releasing)
        {
            return;
        }

        releasing = true;
        StopPulling();
        var closing = new DataUnavailable($"{name} is being closed", RetryAfter);
        foreach (var sender in writes.TakeAll().Select(write => write.Sender)
            .Concat(waitingReaders.Select(waiting => waiting.Sender))
            .Concat(indexWaiters.Select(waiting => waiting.Sender)))
        {
            sender.Tell(closing);
        }

        waitingReaders.Clear();
        indexWaiters.Clear();
        GiveUpUnconfirmed("the member is being closed");
        if (compaction is { } running)
        {
            running.Cancellation.Cancel();
            running.Requester.Tell(new UnitFailed(running.Order.Ticket, running.Order.Unit, closing.Reason, Cancelled: true) { Done = Completed(running) });
        }

        Become(Releasing);
        Stash.UnstashAll();

        // Behind what is under way. It also stops compactions and builds, and waits for running reads.
        lane.Run(
            () =>
            {
                store?.Dispose();
                return true;
            },
            _ => End(),
            error =>
            {
                log.Error(error, "{0}: its files could not be closed", name);
                End();
            },
            reserved: true);
    }

    private void End()
    {
        released = true;
        Context.Stop(Self);
    }

    private void Releasing()
    {
        Receive<LaneWorkDone>(lane.Complete);
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable($"{name} is being closed", RetryAfter)));
        Receive<CompactUnit>(order => Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"{name} is being closed")));
        ReceiveAny(_ => { });
    }
}
