using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes;

/// <content>Reads, all off the mailbox, and readers that wait for the next change.</content>
internal sealed partial class CollectionActor
{
    private const int MaxEntries = 9_999;
    private const long ListedBytes = 4 << 20;

    private readonly List<WaitingReader> waitingReaders = [];
    private int readsAtWork;
    private DateTimeOffset nextDeadlineCheck = DateTimeOffset.MaxValue;

    private void ReceiveReads()
    {
        Receive<GetDocument>(request => ReadAs(request.FromAnyMember, () => store.Get(request.Id) is { } found
            ? new DocumentFound(found.Id, found.Rev, found.Seq, found.Body)
            : new DocumentMissing(request.Id)));
        Receive<ListDocuments>(request => ReadAs(request.FromAnyMember, () =>
        {
            // One more than asked for tells whether there is more; so does a page that was cut off by its size.
            var found = store.ListDocuments(request.After, request.Limit + 1, ListedBytes);
            var shown = found.Take(request.Limit).ToList();
            return new DocumentsListed(shown, found.Count > request.Limit || found.Sum(document => (long)document.Body.Length) >= ListedBytes);
        }));
        Receive<SummarizeCollection>(_ => ReadAs(anyMember: true, () =>
        {
            var checksum = store.Checksum();
            return new CollectionSummary(checksum.Documents, checksum.Sha256, checksum.Position.Seq);
        }));
        Receive<ReadIndexEntries>(OnReadIndexEntries);
        Receive<ReadChanges>(OnReadChanges);
        Receive<ReadVersion>(OnReadVersion);
        Receive<ReadCatalog>(_ => OnReadCatalog());
    }

    private void OnReadIndexEntries(ReadIndexEntries request)
    {
        if (request.Limit is < 1 or > MaxEntries)
        {
            Sender.Tell(new DataInvalid("limit", $"must be 1 to {MaxEntries}, is {request.Limit}"));
            return;
        }

        var after = IndexPlace.Read(request.After);
        if (after is null && request.After.Length > 0)
        {
            Sender.Tell(new DataInvalid("after", $"must be what a page gave as next, not '{request.After}'"));
            return;
        }

        ReadAs(anyMember: false, () =>
        {
            // One more than asked for tells whether there is more.
            var query = request.Key.Length > 0
                ? IndexQuery.Equal(IndexKey.FromText(request.Key), request.Limit + 1)
                : new IndexQuery(Bound(request.From), Bound(request.To), request.Limit + 1);
            var entries = store.LookUp(request.Name, query with { After = after });
            var shown = entries.Take(request.Limit).Select(entry => new IndexEntry(entry.Key.ToString(), entry.Document.Id)).ToList();
            return new IndexEntriesRead(shown, entries.Count > request.Limit ? IndexPlace.Of(entries[request.Limit - 1]).ToString() : "");
        });
    }

    private static IndexKey? Bound(string text) => text.Length == 0 ? null : IndexKey.FromText(text);

    /// <summary>A member's question also tells what it has on disk, if its history is this one's.</summary>
    private void OnReadChanges(ReadChanges request)
    {
        if (request.Since < 0 || request.Limit is < 1 or > Replication.FeedJson.MaxLimit)
        {
            Sender.Tell(request.Since < 0
                ? new DataInvalid("since", "must be at least 0")
                : new DataInvalid("limit", $"must be 1 to {Replication.FeedJson.MaxLimit}, is {request.Limit}"));
            return;
        }

        if (request.Reader is FeedReader.Member { Confirmed: var confirmed } && (confirmed < 0 || confirmed > request.Since))
        {
            Sender.Tell(new DataInvalid("confirmed", $"must be 0 to since ({request.Since}), is {confirmed}"));
            return;
        }

        if (request.Reader is FeedReader.Member member && (MemberRefusal(member) ?? Parting(member, request.Since) ?? Difference(member, request.Since)) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }

        // A member that is ahead of this one has a commit that is being completed here: what it says of it can be told when that has been done.
        var ahead = request.Reader is FeedReader.Member && duty is CollectionDuty.Lead && request.Since > store.Position.Seq;
        if (request.Reader is FeedReader.Member { } reader)
        {
            NoteConfirmation(ahead ? reader with { Confirmed = -1 } : reader);
        }
        else if (ReadRefusal(anyMember: true) is { } unavailable)
        {
            Sender.Tell(unavailable);
            return;
        }

        var wait = request.Wait < options.LongestFeedWait ? request.Wait : options.LongestFeedWait;
        if (wait > TimeSpan.Zero && waitingReaders.Count < options.MaxReaders
            && (request.Reader is FeedReader.Member ? request.Since >= store.Position.Seq : request.Since == store.Position.Seq))
        {
            waitingReaders.Add(new WaitingReader(request, Sender, Now + wait, ahead));
            ScheduleDeadlines();
            return;
        }

        SendChanges(request, Sender);
    }

    private void OnReadVersion(ReadVersion request)
    {
        if (MemberRefusal(request.Reader) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }

        var term = duty.Term;
        Read(Sender, () =>
        {
            IReadOnlyList<ChangeRecord> found = store.GetChange(request.Id) is { } change ? [change] : [];
            return new ChangesRead(new ChangeBatch(0, 0, 0, found, [], store.Position, 0), term, 0);
        });
    }

    private void OnReadCatalog()
    {
        var sender = Sender;
        var position = store.Position;
        Task.Run(() => new CatalogRead(store.Scan().Take(CatalogContents.MaxEntries).ToList(), "") { Position = position })
            .PipeTo(sender, self, failure: error => new CatalogRead([], error.Message));
    }

    /// <summary>
    /// A member is served by the primary of its term, and the primary of that term itself, while it catches up, by
    /// those who follow it. Nobody else may answer: whoever does not know that it is primary could be behind the reader
    /// and make it drop what a majority has acknowledged.
    /// </summary>
    private DataReply? MemberRefusal(FeedReader.Member reader)
    {
        if (reader.Incarnation != incarnation)
        {
            return new DataUnavailable($"{options.Node} and {reader.Node} have different collections of the name {name}: one of them is dropped", RetryAfter);
        }

        if (offline)
        {
            return OfflineRefusal();
        }

        if (reader.Term > duty.PromisedTerm)
        {
            node.Tell(new MemberContacted(reader.Node, reader.Term));
            return new DataUnavailable($"{options.Node} does not know term {reader.Term} yet", RetryAfter);
        }

        if (reader.Term < duty.PromisedTerm)
        {
            return new TermStale(duty.PromisedTerm);
        }

        switch (duty)
        {
            case CollectionDuty.Lead:
                return null;
            case CollectionDuty.Follow follow when follow.Appointment.Primary == reader.Node:
                return null;
            case CollectionDuty.Follow follow:
                return new NotPrimary(follow.Appointment.Primary, follow.Appointment.PrimaryAddress);
            case CollectionDuty.CatchUp:
                node.Tell(new MemberContacted(reader.Node, reader.Term));
                return new DataUnavailable($"{options.Node} catches up before it serves as primary", RetryAfter);
            default:
                return new DataUnavailable($"{options.Node} does not know yet who is primary of term {reader.Term}", RetryAfter);
        }
    }

    /// <summary>
    /// Histories agree exactly as far as the terms in which they were written do: what the reader has beyond the end of
    /// its last term here was written by a primary that this member's history does not know.
    /// </summary>
    private HistoryParted? Parting(FeedReader.Member reader, long since)
    {
        if (since == 0)
        {
            return null;
        }

        var end = store.Feed.EndOfTerm(reader.LastTerm);
        if (duty is CollectionDuty.Lead && end.Term == duty.Term && end.Term == reader.LastTerm)
        {
            // Nobody but this member writes in this term: the reader has a commit that is being completed here.
            return null;
        }

        return end.Term == reader.LastTerm && since <= end.Seq
            ? null
            : new HistoryParted(Math.Min(since, end.Seq), duty.Term);
    }

    private void NoteConfirmation(FeedReader.Member reader)
    {
        if (duty is not CollectionDuty.Lead || confirmations is null || reader.Term != confirmations.Term)
        {
            return;
        }

        confirmations.Confirm(reader.Node, reader.Confirmed);
        AnswerConfirmed();
        node.Tell(new MemberContacted(reader.Node, reader.Term));
    }

    private DataReply? ReadRefusal(bool anyMember)
    {
        if (offline)
        {
            return OfflineRefusal();
        }

        if (anyMember)
        {
            return lastReport.Condition == CollectionCondition.Recovering
                ? new DataUnavailable($"{name} {lastReport.Reason}", RetryAfter)
                : null;
        }

        return duty.ServesReads ? null : duty.Writes switch
        {
            WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
            WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, RetryAfter),
            _ => null,
        };
    }

    private void ReadAs(bool anyMember, Func<DataReply> work)
    {
        if (ReadRefusal(anyMember) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }

        Read(Sender, work);
    }

    private void Read(IActorRef sender, Func<DataReply> work)
    {
        if (Interlocked.Increment(ref readsAtWork) > options.MaxReaders)
        {
            Interlocked.Decrement(ref readsAtWork);
            sender.Tell(new DataUnavailable($"{options.MaxReaders} reads of {name} are already running", RetryAfter));
            return;
        }

        Task.Run(() =>
        {
            try
            {
                return work();
            }
            finally
            {
                Interlocked.Decrement(ref readsAtWork);
            }
        }).PipeTo(sender, self, failure: error => ReadFailure(error));
    }

    private DataReply ReadFailure(Exception error) => error switch
    {
        UnknownIndexException unknown => LookUpFailure(unknown.Index),
        IndexBeingBuiltException unbuilt => LookUpFailure(unbuilt.Index),
        ArgumentException argument => DataInvalid.Of(argument, "request"),
        _ => new DataUnavailable($"{name} cannot be read: {error.Message}", RetryAfter),
    };

    private void SendChanges(ReadChanges request, IActorRef sender)
    {
        var (present, held) = (duty, HeldByAllThrough());
        Read(sender, () => request.Reader is FeedReader.Member
            ? new ChangesRead(store.ReadChanges(request.Since, request.Limit), present.Term, held)
            : FeedForClients.Read(store, request, present, held, RetryAfter));
    }

    /// <summary>Answers the waiting readers for which there is a change now.</summary>
    private void ServeWaiters()
    {
        if (waitingReaders.Count == 0)
        {
            return;
        }

        var last = store.Position.Seq;
        foreach (var waiting in waitingReaders.FindAll(waiting => waiting.Ahead && waiting.Request.Since <= last))
        {
            waitingReaders.Remove(waiting);
            self.Tell(waiting.Request, waiting.Sender);
        }

        AnswerWaiters(waiting => waiting.Request.Since < last);
    }

    private void AnswerWaiters(Predicate<WaitingReader> wanted)
    {
        foreach (var waiting in waitingReaders.FindAll(wanted))
        {
            SendChanges(waiting.Request, waiting.Sender);
        }

        waitingReaders.RemoveAll(wanted);
    }

    /// <summary>After a change of duty each member must ask again, so that it learns of the new term.</summary>
    private void RefuseMemberWaiters()
    {
        foreach (var waiting in waitingReaders.Where(waiting => waiting.Request.Reader is FeedReader.Member))
        {
            waiting.Sender.Tell(new DataUnavailable("the replica set changes its primary", TimeSpan.Zero));
        }

        waitingReaders.RemoveAll(waiting => waiting.Request.Reader is FeedReader.Member);
    }

    private void OnDeadlines()
    {
        var now = Now;
        nextDeadlineCheck = DateTimeOffset.MaxValue;
        ExpireUnconfirmed(now);
        if (waitingReaders.Find(waiting => waiting.Ahead && waiting.Deadline <= now) is { Request: { Reader: FeedReader.Member reader, Since: var since } })
        {
            OnReaderStaysAhead(reader, since);
        }

        AnswerWaiters(waiting => waiting.Deadline <= now);
        ScheduleDeadlines();
    }

    private void ScheduleDeadlines()
    {
        var next = waitingReaders.Select(waiting => waiting.Deadline)
            .Append(confirmations?.NextDeadline ?? DateTimeOffset.MaxValue)
            .Min();
        if (next >= nextDeadlineCheck)
        {
            return;
        }

        nextDeadlineCheck = next;
        var delay = next - Now;
        Timers.StartSingleTimer("deadlines", CheckDeadlines.Instance, delay > TimeSpan.FromMilliseconds(1) ? delay : TimeSpan.FromMilliseconds(1));
    }

    /// <param name="Ahead">A member that has more than this one in the term in which this one leads.</param>
    private sealed record WaitingReader(ReadChanges Request, IActorRef Sender, DateTimeOffset Deadline, bool Ahead);
}
