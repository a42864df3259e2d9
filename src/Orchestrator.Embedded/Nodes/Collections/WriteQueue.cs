using Akka.Actor;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>A client's write that waits for a commit.</summary>
/// <param name="Operations">What to store, at least one, in one commit.</param>
/// <param name="Reply">Makes the answer from the outcomes and the term; called once.</param>
internal sealed record PendingWrite(
    IActorRef Sender,
    IReadOnlyList<WriteOperation> Operations,
    WriteConcern Concern,
    Func<IReadOnlyList<WriteOutcome>, long, DataReply> Reply);

/// <summary>Writes that wait for a commit, in order of arrival, bounded.</summary>
/// <param name="capacity">Writes that may wait.</param>
/// <param name="commitLimit">Operations in one commit; a single write may exceed it.</param>
internal sealed class WriteQueue(int capacity, int commitLimit)
{
    private readonly Queue<PendingWrite> waiting = new();

    public int Count => waiting.Count;

    /// <summary>False if the queue is full.</summary>
    public bool TryAdd(PendingWrite write)
    {
        if (waiting.Count >= capacity)
        {
            return false;
        }

        waiting.Enqueue(write);
        return true;
    }

    /// <summary>The oldest writes that fit into one commit; empty if none wait.</summary>
    public IReadOnlyList<PendingWrite> TakeForCommit()
    {
        var taken = new List<PendingWrite>();
        var operations = 0;
        while (waiting.TryPeek(out var next) && (taken.Count == 0 || operations + next.Operations.Count <= commitLimit))
        {
            operations += next.Operations.Count;
            taken.Add(waiting.Dequeue());
        }

        return taken;
    }

    /// <summary>Empties the queue.</summary>
    public IReadOnlyList<PendingWrite> TakeAll()
    {
        var all = waiting.ToList();
        waiting.Clear();
        return all;
    }
}
