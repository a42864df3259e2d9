using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestrator.Actors.Journals;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Remembers how far each webhook has been told, so that a change of host neither loses nor repeats what it need not. Owns the journal
/// <c>notifications</c>. A child of the supervisor, which forwards every <see cref="INotificationRequest"/> to it. Survives a restart: that journal.
/// </summary>
internal sealed class NotificationPlacesActor : JournaledActor
{
    /// <summary>Events after which a snapshot replaces them: a busy run moves a webhook's place some hundred times.</summary>
    private const int SnapshotInterval = 500;

    private readonly TimeProvider time;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private NotificationState state = NotificationState.Initial;
    private long lastSnapshot;

    public NotificationPlacesActor(TimeProvider time)
    {
        this.time = time;
        Recover<NotificationRecorded>(recorded => Apply(recorded));
        Recover<SnapshotOffer>(offer =>
        {
            state = ((NotificationSnapshot)offer.Snapshot).Facts.Aggregate(NotificationState.Initial, NotificationDecider.Apply);
            lastSnapshot = offer.Metadata.SequenceNr;
        });
        Command<INotificationRequest>(OnRequest);
        Command<SaveSnapshotSuccess>(saved =>
        {
            DeleteMessages(saved.Metadata.SequenceNr);
            DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        });
        Command<SaveSnapshotFailure>(failed => log.Warning("the places of webhooks were not stored as a snapshot: {0}", failed.Cause.Message));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => log.Warning("old places of webhooks stay in the journal: {0}", failed.Cause.Message));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => log.Warning("old snapshots of webhooks' places stay: {0}", failed.Cause.Message));
    }

    public override string PersistenceId => "notifications";

    public static Props Props(TimeProvider time) => Akka.Actor.Props.Create(() => new NotificationPlacesActor(time));

    private void OnRequest(INotificationRequest request)
    {
        var sender = Sender;
        var left = NotificationDecider.Decide(state, request);
        if (left.Count == 0)
        {
            sender.Tell(state.ToPlaces());
            return;
        }

        var waiting = left.Count;
        PersistAll(left.Select(fact => new NotificationRecorded(fact, fact.At)), recorded =>
        {
            Apply(recorded);
            if (--waiting == 0)
            {
                sender.Tell(state.ToPlaces());
                SaveSnapshotIfDue();
            }
        });
    }

    private void Apply(NotificationRecorded recorded) => state = NotificationDecider.Apply(state, recorded.Event);

    private void SaveSnapshotIfDue()
    {
        if (LastSequenceNr - lastSnapshot >= SnapshotInterval)
        {
            lastSnapshot = LastSequenceNr;
            SaveSnapshot(new NotificationSnapshot(state.ToHistory(time.GetUtcNow())));
        }
    }
}

/// <summary>A fact in the journal of the webhooks' places.</summary>
public sealed record NotificationRecorded(NotificationEvent Event, DateTimeOffset At);

/// <summary>A snapshot of the webhooks' places: the shortest history that adds up to them.</summary>
public sealed record NotificationSnapshot(IReadOnlyList<NotificationEvent> Facts);
