using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// The change from one duty to the next: the files learn of it behind everything that is under way, and who asks is answered once nothing of the
/// former one is left.
/// </summary>
internal sealed class DutyTurn(
    ICollection collection, CollectionAccess access, ClientWrites writes, FeedReads readers, ReignConfirmations confirmations, FeedFollower follower)
{
    // An asker beyond gets no answer and asks again.
    private const int MaxAskers = 1_000;

    // Those whose answer the next piece of work will give; the one under way was queued before they asked.
    private readonly List<IActorRef> _askers = [];
    private bool _isUnderWay;

    // The term that this member begins to lead, until the files know of it; else 0.
    private long _termToStart;

    // What came from the source before must be forgotten before anything of the next one comes.
    private bool _sourceToForget;

    /// <summary>What counts now, also while the files do not know of it yet.</summary>
    public CollectionDuty Duty { get; private set; } = new CollectionDuty.Idle(0, 0, new WritePermission.Withheld("the node is starting"));

    /// <summary>For files that cannot be used: nothing follows from it.</summary>
    public void Note(CollectionDuty next) => Duty = next;

    /// <summary>
    /// From here on only the new duty counts: what waits under the former one is answered, and once what was under way
    /// has ended, the position is final for the former duty.
    /// </summary>
    public void Take(CollectionDuty next, IActorRef asker)
    {
        if (next != Duty)
        {
            Change(next);
        }

        if (_askers.Count < MaxAskers)
        {
            _askers.Add(asker);
        }

        Await();
    }

    /// <summary>
    /// Queues one piece of work behind everything that is under way, however many ask: those who ask while it is under way
    /// are answered by the next one.
    /// </summary>
    public void Await()
    {
        // While the files are closed nothing is read or written for any duty; it is taken up afterwards.
        if (_isUnderWay || access.IsOffline)
        {
            return;
        }

        _isUnderWay = true;
        var askers = _askers.ToList();
        _askers.Clear();
        var (feed, term, forget) = (collection.Store.Feed, _termToStart, _sourceToForget);
        _sourceToForget = false;
        collection.Lane.Run(
            () =>
            {
                if (forget)
                {
                    feed.ForgetSource();
                }

                if (term > 0)
                {
                    feed.StartTerm(term);
                }

                return true;
            },
            _ => Quiet(askers, term),
            error => NotQuiet(askers, error),
            reserved: true);
    }

    private void Change(CollectionDuty next)
    {
        var sameReign = Duty is CollectionDuty.Lead && next is CollectionDuty.Lead && next.Term == Duty.Term && confirmations.HasBegun;
        Duty = next;
        writes.RefuseQueuedUnlessGranted();
        if (sameReign)
        {
            return;
        }

        follower.Stop();
        confirmations.End("this member is no longer primary");
        _termToStart = 0;
        _sourceToForget = true;
        readers.RefuseMembers();
        if (next is CollectionDuty.Lead lead)
        {
            confirmations.Begin(lead);
            _termToStart = lead.Term;
        }
    }

    private void Quiet(List<IActorRef> askers, long startedTerm)
    {
        _isUnderWay = false;
        if (_termToStart == startedTerm)
        {
            _termToStart = 0;
        }

        if (_askers.Count > 0)
        {
            Await();
        }
        else
        {
            follower.Begin();
        }

        collection.Report();
        Tell(askers);
    }

    private void NotQuiet(List<IActorRef> askers, Exception error)
    {
        _isUnderWay = false;
        askers.AddRange(_askers);
        _askers.Clear();
        collection.Fail($"cannot start its duty: {error.Message}", error);
        Tell(askers);
    }

    private void Tell(List<IActorRef> askers)
    {
        foreach (var asker in askers)
        {
            asker.Tell(new DutyTaken(collection.LastReport));
        }
    }
}
