using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Clients' writes: what waits is committed in one transaction (group commit), and answered when as many members have it as was asked for.</summary>
internal sealed class ClientWrites(ICollection collection, CollectionAccess access, ReignConfirmations confirmations)
{
    /// <summary>Documents in one bulk at most.</summary>
    private const int MaxBulk = 10_000;

    private readonly WriteQueue _queue = new(collection.Options.MaxQueuedWrites, collection.Options.MaxWritesPerCommit);
    private bool _isCommitting;

    public void OnPut(PutDocument put) => Enqueue(
        put.Concern,
        () => [new WriteOperation.Put(put.Id, put.Body, put.ExpectedRev)],
        (outcomes, term) => SingleReply(put.Id, put.ExpectedRev, outcomes[0], term));

    public void OnDelete(DeleteDocument delete) => Enqueue(
        delete.Concern,
        () => [new WriteOperation.Delete(delete.Id, delete.ExpectedRev)],
        (outcomes, term) => SingleReply(delete.Id, delete.ExpectedRev, outcomes[0], term));

    public void OnBulk(WriteBulk bulk)
    {
        if (bulk.Writes.Count is 0 or > MaxBulk)
        {
            collection.Sender.Tell(new DataInvalid("documents", $"a bulk has 1 to {MaxBulk} documents, this one has {bulk.Writes.Count}"));
            return;
        }

        Enqueue(
            bulk.Concern,
            () => bulk.Writes.Select(ToOperation).ToList(),
            (outcomes, term) => BulkReply(bulk.Writes, outcomes, term));
    }

    /// <summary>After a change of duty.</summary>
    public void RefuseQueuedUnlessGranted()
    {
        if (Refusal() is { } refusal)
        {
            RefuseQueued(refusal);
        }
    }

    /// <summary>Answers all writes that wait for a commit.</summary>
    public void RefuseQueued(DataReply refusal)
    {
        foreach (var write in _queue.TakeAll())
        {
            write.Sender.Tell(refusal);
        }
    }

    /// <summary>Commits what waits in one transaction, unless storage work is under way: then what comes meanwhile joins the next commit.</summary>
    public void StartCommit()
    {
        if (_isCommitting || !collection.Lane.Idle || _queue.Count == 0)
        {
            return;
        }

        _isCommitting = true;
        var batch = _queue.TakeForCommit();
        var operations = batch.SelectMany(write => write.Operations).ToList();
        var term = collection.Duty.Term;
        var store = collection.Store;
        collection.Lane.Run(() => store.Commit(operations, term), outcomes => Committed(batch, outcomes, term), error => CommitFailed(batch, error));
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

    private void Enqueue(
        WriteConcern concern,
        Func<IReadOnlyList<WriteOperation>> operations,
        Func<IReadOnlyList<WriteOutcome>, long, DataReply> reply)
    {
        var sender = collection.Sender;
        if (Refusal() is { } refusal)
        {
            sender.Tell(refusal);
            return;
        }

        try
        {
            if (_queue.TryAdd(new PendingWrite(sender, operations(), concern, reply)))
            {
                StartCommit();
            }
            else
            {
                sender.Tell(new DataUnavailable($"{collection.Options.MaxQueuedWrites} writes already wait for {collection.Name}", CollectionAccess.RetryAfter));
            }
        }
        catch (ArgumentException e)
        {
            sender.Tell(DataInvalid.Of(e, "document"));
        }
    }

    private DataReply? Refusal() => access.IsOffline ? access.OfflineRefusal() : collection.Duty.Writes switch
    {
        WritePermission.Granted when confirmations.Waiting >= collection.Options.MaxUnconfirmedWrites =>
            new DataUnavailable($"{collection.Options.MaxUnconfirmedWrites} writes to {collection.Name} already wait for a majority", CollectionAccess.RetryAfter),
        WritePermission.Granted => null,
        WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
        WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, CollectionAccess.RetryAfter),
        var unknown => throw new InvalidOperationException($"unknown permission {unknown}"),
    };

    private void Committed(IReadOnlyList<PendingWrite> batch, IReadOnlyList<WriteOutcome> outcomes, long term)
    {
        _isCommitting = false;
        var offset = 0;
        foreach (var write in batch)
        {
            var own = outcomes.Skip(offset).Take(write.Operations.Count).ToList();
            offset += write.Operations.Count;
            Acknowledge(write, own, term);
        }

        confirmations.AnswerConfirmed();
    }

    private void Acknowledge(PendingWrite write, IReadOnlyList<WriteOutcome> outcomes, long term)
    {
        var reply = write.Reply(outcomes, term);
        var sequence = LastSequence(outcomes);
        if (write.Concern == WriteConcern.Primary || sequence == 0)
        {
            write.Sender.Tell(reply);
        }
        else
        {
            confirmations.Await(write.Sender, sequence, term, reply);
        }
    }

    private void CommitFailed(IReadOnlyList<PendingWrite> batch, Exception error)
    {
        _isCommitting = false;
        collection.Log.Error(error, "{0}: a commit of {1} writes failed", collection.Name, batch.Count);
        foreach (var write in batch)
        {
            write.Sender.Tell(new DataUnavailable($"{collection.Name} cannot be written: {error.Message}", CollectionAccess.RetryAfter));
        }

        if (error is CorruptFileException)
        {
            collection.NoteDamage($"cannot be written: {error.Message}");
        }
    }
}
