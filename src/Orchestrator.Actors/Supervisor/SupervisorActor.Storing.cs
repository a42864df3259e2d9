using Akka.Event;
using Akka.Persistence;

namespace Orchestrator.Actors.Supervisor;

/// <content>
/// Storing facts, and now and then the state as a whole. A snapshot shortens what a new reign has to read; facts long before
/// it are deleted, so that the journal does not grow for ever. Whatever of that a death interrupts, the next snapshot catches up on.
/// </summary>
internal sealed partial class SupervisorActor
{
    private long lastSnapshot;

    private void ReceiveSnapshots()
    {
        Recover<SnapshotOffer>(offer =>
        {
            foreach (var fact in ((SupervisorSnapshot)offer.Snapshot).Facts)
            {
                state = state.Apply(fact);
            }

            lastSnapshot = offer.Metadata.SequenceNr;
        });
        Command<SaveSnapshotSuccess>(OnSnapshotSaved);
        Command<SaveSnapshotFailure>(failed => log.Warning("the snapshot up to {0} was not stored; recovery reads more facts: {1}", failed.Metadata.SequenceNr, failed.Cause.Message));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => log.Warning("facts up to {0} stay in the journal: {1}", failed.ToSequenceNr, failed.Cause.Message));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => log.Warning("old snapshots stay: {0}", failed.Cause.Message));
    }

    private void OnSnapshotSaved(SaveSnapshotSuccess saved)
    {
        DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        var unneeded = saved.Metadata.SequenceNr - options.FactsKept;
        if (unneeded > 0)
        {
            DeleteMessages(unneeded);
        }
    }

    /// <summary>Stores a fact, applies it, goes on.</summary>
    private void Store(SupervisorEvent fact, Action then) => Persist(fact, stored =>
    {
        state = state.Apply(stored);
        then();
    });

    /// <summary>Called between messages, when every stored fact has been applied.</summary>
    private void SaveSnapshotIfDue()
    {
        if (LastSequenceNr - lastSnapshot >= options.SnapshotInterval)
        {
            lastSnapshot = LastSequenceNr;
            SaveSnapshot(state.ToSnapshot(Now));
        }
    }
}
