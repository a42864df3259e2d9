using Akka.Actor;
using Orchestrator.Embedded.Replication;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Reads of the feed, by clients and by members; and readers that wait for the next change.</summary>
internal sealed class FeedReads(
    ICollection collection, CollectionAccess access, BoundedReads reads, ReignConfirmations confirmations, HistoryCheck histories, DeadlineTimer deadlines)
{
    private readonly List<WaitingReader> _waiting = [];

    /// <summary>A member's question also tells what it has on disk, if its history is this one's.</summary>
    public void OnReadChanges(ReadChanges request)
    {
        if ((Invalid(request) ?? Refusal(request)) is { } refusal)
        {
            collection.Sender.Tell(refusal);
            return;
        }

        // A member that is ahead of this one has a commit that is being completed here: what it says of it can be told when that has been done.
        var end = collection.Store.Position.Seq;
        var ahead = request.Reader is FeedReader.Member && collection.Duty is CollectionDuty.Lead && request.Since > end;
        if (request.Reader is FeedReader.Member { } reader)
        {
            confirmations.Note(ahead ? reader with { Confirmed = -1 } : reader);
        }
        else if (access.ReadRefusal(anyMember: true) is { } unavailable)
        {
            collection.Sender.Tell(unavailable);
            return;
        }

        var wait = request.Wait < collection.Options.LongestFeedWait ? request.Wait : collection.Options.LongestFeedWait;
        end = collection.Store.Position.Seq;
        if (wait > TimeSpan.Zero && _waiting.Count < collection.Options.MaxReaders
            && (request.Reader is FeedReader.Member ? request.Since >= end : request.Since == end))
        {
            var waiting = new WaitingReader(request, collection.Sender, collection.Now + wait, ahead);
            _waiting.Add(waiting);
            deadlines.At(waiting.Deadline);
            return;
        }

        Send(request, collection.Sender);
    }

    /// <summary>Answers the waiting readers for which there is a change now.</summary>
    public void Serve()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var last = collection.Store.Position.Seq;
        foreach (var waiting in _waiting.FindAll(waiting => waiting.Ahead && waiting.Request.Since <= last))
        {
            _waiting.Remove(waiting);
            collection.Self.Tell(waiting.Request, waiting.Sender);
        }

        Answer(waiting => waiting.Request.Since < last);
    }

    /// <summary>After a change of duty each member must ask again, so that it learns of the new term.</summary>
    public void RefuseMembers()
    {
        foreach (var waiting in _waiting.Where(waiting => waiting.Request.Reader is FeedReader.Member))
        {
            waiting.Sender.Tell(new DataUnavailable("the replica set changes its primary", TimeSpan.Zero));
        }

        _waiting.RemoveAll(waiting => waiting.Request.Reader is FeedReader.Member);
    }

    public void RefuseAll(DataReply refusal)
    {
        foreach (var waiting in _waiting)
        {
            waiting.Sender.Tell(refusal);
        }

        _waiting.Clear();
    }

    /// <summary>Answers those whose time is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        if (_waiting.Find(waiting => waiting.Ahead && waiting.Deadline <= now) is { Request: { Reader: FeedReader.Member reader, Since: var since } })
        {
            histories.OnReaderStaysAhead(reader, since);
        }

        Answer(waiting => waiting.Deadline <= now);
        if (_waiting.Count > 0)
        {
            deadlines.At(_waiting.Min(waiting => waiting.Deadline));
        }
    }

    private static DataInvalid? Invalid(ReadChanges request) => request switch
    {
        { Since: < 0 } => new DataInvalid("since", "must be at least 0"),
        { Limit: < 1 or > FeedJson.MaxLimit } => new DataInvalid("limit", $"must be 1 to {FeedJson.MaxLimit}, is {request.Limit}"),
        { Reader: FeedReader.Member { Confirmed: var confirmed } } when confirmed < 0 || confirmed > request.Since =>
            new DataInvalid("confirmed", $"must be 0 to since ({request.Since}), is {confirmed}"),
        _ => null,
    };

    private DataReply? Refusal(ReadChanges request) => request.Reader is FeedReader.Member member
        ? access.MemberRefusal(member) ?? histories.Parting(member, request.Since) ?? histories.Difference(member, request.Since)
        : null;

    private void Send(ReadChanges request, IActorRef sender)
    {
        var (store, duty, held) = (collection.Store, collection.Duty, collection.HeldByAllThrough);
        reads.Read(sender, () => request.Reader is FeedReader.Member
            ? new ChangesRead(store.ReadChanges(request.Since, request.Limit), duty.Term, held)
            : FeedForClients.Read(store, request, duty, held, CollectionAccess.RetryAfter));
    }

    private void Answer(Predicate<WaitingReader> wanted)
    {
        foreach (var waiting in _waiting.FindAll(wanted))
        {
            Send(waiting.Request, waiting.Sender);
        }

        _waiting.RemoveAll(wanted);
    }

    /// <param name="Ahead">A member that has more than this one in the term in which this one leads.</param>
    private sealed record WaitingReader(ReadChanges Request, IActorRef Sender, DateTimeOffset Deadline, bool Ahead);
}
