using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <content>Clients' writes: group commit, and the wait for a majority.</content>
internal sealed partial class CollectionActor
{
    /// <summary>Documents in one bulk at most.</summary>
    internal const int MaxBulk = 10_000;

    private readonly WriteQueue writes;
    private MajorityConfirmations? confirmations;
    private bool committing;

    private void ReceiveWrites()
    {
        Receive<PutDocument>(put => Enqueue(
            put.Concern,
            () => [new WriteOperation.Put(put.Id, put.Body, put.ExpectedRev)],
            (outcomes, term) => SingleReply(put.Id, put.ExpectedRev, outcomes[0], term)));
        Receive<DeleteDocument>(delete => Enqueue(
            delete.Concern,
            () => [new WriteOperation.Delete(delete.Id, delete.ExpectedRev)],
            (outcomes, term) => SingleReply(delete.Id, delete.ExpectedRev, outcomes[0], term)));
        Receive<WriteBulk>(OnWriteBulk);
    }

    private static WriteOperation ToOperation(BulkWrite write) => write.Body.IsEmpty
        ? new WriteOperation.Delete(write.Id)
        : new WriteOperation.Put(write.Id, write.Body) { KeepsSame = true };

    private static DataReply SingleReply(string id, string? expectedRev, WriteOutcome outcome, long term) => outcome switch
    {
        WriteOutcome.Written written => new DocumentWritten(id, written.Rev, written.Seq, term),
        WriteOutcome.Conflict conflict => new WriteConflict(id, expectedRev ?? "", conflict.CurrentRev ?? ""),
        _ => new DocumentMissing(id),
    };

    private static BulkWritten BulkReply(IReadOnlyList<BulkWrite> writes, IReadOnlyList<WriteOutcome> outcomes, long term)
    {
        int created = 0, replaced = 0, unchanged = 0, deleted = 0;
        foreach (var (write, outcome) in writes.Zip(outcomes))
        {
            switch (outcome)
            {
                case WriteOutcome.Written when write.Body.IsEmpty:
                    deleted++;
                    break;
                case WriteOutcome.Written { Created: true }:
                    created++;
                    break;
                case WriteOutcome.Written:
                    replaced++;
                    break;
                case WriteOutcome.Unchanged:
                    unchanged++;
                    break;
            }
        }

        return new BulkWritten(created + replaced + deleted, LastSequence(outcomes), term)
        {
            Created = created,
            Replaced = replaced,
            Unchanged = unchanged,
            Deleted = deleted,
        };
    }

    /// <summary>What must be confirmed: also what was there already, perhaps written a moment ago.</summary>
    private static long LastSequence(IReadOnlyList<WriteOutcome> outcomes) => outcomes.Select(outcome => outcome switch
    {
        WriteOutcome.Written written => written.Seq,
        WriteOutcome.Unchanged unchanged => unchanged.Seq,
        _ => 0,
    }).DefaultIfEmpty(0).Max();

    private void OnWriteBulk(WriteBulk bulk)
    {
        if (bulk.Writes.Count is 0 or > MaxBulk)
        {
            Sender.Tell(new DataInvalid("documents", $"a bulk has 1 to {MaxBulk} documents, this one has {bulk.Writes.Count}"));
            return;
        }

        Enqueue(
            bulk.Concern,
            () => bulk.Writes.Select(ToOperation).ToList(),
            (outcomes, term) => BulkReply(bulk.Writes, outcomes, term));
    }

    private void Enqueue(
        WriteConcern concern,
        Func<IReadOnlyList<WriteOperation>> operations,
        Func<IReadOnlyList<WriteOutcome>, long, DataReply> reply)
    {
        if (WriteRefusal() is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }

        try
        {
            if (writes.TryAdd(new PendingWrite(Sender, operations(), concern, reply)))
            {
                StartCommit();
            }
            else
            {
                Sender.Tell(new DataUnavailable($"{options.MaxQueuedWrites} writes already wait for {name}", RetryAfter));
            }
        }
        catch (ArgumentException e)
        {
            Sender.Tell(DataInvalid.Of(e, "document"));
        }
    }

    private DataReply? WriteRefusal() => offline ? OfflineRefusal() : duty.Writes switch
    {
        WritePermission.Granted when confirmations?.Waiting >= options.MaxUnconfirmedWrites =>
            new DataUnavailable($"{options.MaxUnconfirmedWrites} writes to {name} already wait for a majority", RetryAfter),
        WritePermission.Granted => null,
        WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
        WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, RetryAfter),
        var unknown => throw new InvalidOperationException($"unknown permission {unknown}"),
    };

    private void RefuseQueuedWritesUnlessGranted()
    {
        if (WriteRefusal() is { } refusal)
        {
            foreach (var write in writes.TakeAll())
            {
                write.Sender.Tell(refusal);
            }
        }
    }

    /// <summary>Commits what waits in one transaction, unless storage work is under way: then what comes meanwhile joins the next commit.</summary>
    private void StartCommit()
    {
        if (committing || !lane.Idle || writes.Count == 0)
        {
            return;
        }

        committing = true;
        var batch = writes.TakeForCommit();
        var operations = batch.SelectMany(write => write.Operations).ToList();
        var term = duty.Term;
        lane.Run(() => store.Commit(operations, term), outcomes => Committed(batch, outcomes, term), error => CommitFailed(batch, error));
    }

    private void Committed(IReadOnlyList<PendingWrite> batch, IReadOnlyList<WriteOutcome> outcomes, long term)
    {
        committing = false;
        var offset = 0;
        foreach (var write in batch)
        {
            var own = outcomes.Skip(offset).Take(write.Operations.Count).ToList();
            offset += write.Operations.Count;
            Acknowledge(write, own, term);
        }

        AnswerConfirmed();
    }

    private void Acknowledge(PendingWrite write, IReadOnlyList<WriteOutcome> outcomes, long term)
    {
        var reply = write.Reply(outcomes, term);
        var sequence = LastSequence(outcomes);
        if (write.Concern == WriteConcern.Primary || sequence == 0)
        {
            write.Sender.Tell(reply);
        }
        else if (confirmations is { } waiting && waiting.Term == term)
        {
            waiting.Await(new UnconfirmedWrite(write.Sender, sequence, Now + options.ConfirmationTimeout, reply));
            ScheduleDeadlines();
        }
        else
        {
            write.Sender.Tell(new WriteNotConfirmed("this member stopped being primary before a majority had the write"));
        }
    }

    private void CommitFailed(IReadOnlyList<PendingWrite> batch, Exception error)
    {
        committing = false;
        log.Error(error, "{0}: a commit of {1} writes failed", name, batch.Count);
        foreach (var write in batch)
        {
            write.Sender.Tell(new DataUnavailable($"{name} cannot be written: {error.Message}", RetryAfter));
        }

        // What does not touch the damaged part goes on. Others must hear of it: a member with sound files is to be primary, this one to be rebuilt.
        failure = error is CorruptFileException ? $"cannot be written: {error.Message}" : failure;
    }

    private void AnswerConfirmed()
    {
        foreach (var write in confirmations?.TakeConfirmed() ?? [])
        {
            write.Sender.Tell(write.Reply);
        }
    }

    private void GiveUpUnconfirmed(string reason)
    {
        foreach (var write in confirmations?.TakeAll() ?? [])
        {
            write.Sender.Tell(new WriteNotConfirmed(reason));
        }
    }

    private void ExpireUnconfirmed(DateTimeOffset now)
    {
        foreach (var write in confirmations?.TakeExpired(now) ?? [])
        {
            write.Sender.Tell(new WriteNotConfirmed(
                $"a majority did not confirm within {options.ConfirmationTimeout.TotalSeconds:0.#} s"));
        }
    }
}
