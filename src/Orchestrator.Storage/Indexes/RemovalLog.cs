namespace Orchestrator.Storage.Indexes;

/// <summary>
/// The seqs of entries that the writer removed from an index since a compaction last asked: it may have copied them
/// before.
/// </summary>
/// <param name="capacity">With more the log is of no use.</param>
internal sealed class RemovalLog(int capacity)
{
    private readonly object gate = new();
    private List<long> seqs = [];
    private string? invalid;

    /// <summary>False if removals were lost; the copy is then of no use.</summary>
    public bool IsValid => WhyInvalid is null;

    /// <summary>Why removals were lost; null if none were.</summary>
    public string? WhyInvalid
    {
        get
        {
            lock (gate)
            {
                return invalid;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return seqs.Count;
            }
        }
    }

    /// <summary>Called after the removals are committed, so that a snapshot taken after <see cref="Take"/> has all that it returned.</summary>
    public void Add(IReadOnlyList<RowReplacement> rows)
    {
        lock (gate)
        {
            if (seqs.Count + rows.Count > capacity)
            {
                invalid ??= $"more than {capacity} entries were removed meanwhile";
                return;
            }

            foreach (var row in rows)
            {
                if (row.RemovedSeq != 0)
                {
                    seqs.Add(row.RemovedSeq);
                }
            }
        }
    }

    public IReadOnlyList<long> Take()
    {
        lock (gate)
        {
            var taken = seqs;
            seqs = [];
            return taken;
        }
    }

    /// <summary>Undoes <see cref="Take"/> after an error.</summary>
    public void PutBack(IReadOnlyList<long> taken)
    {
        lock (gate)
        {
            seqs.InsertRange(0, taken);
        }
    }

    /// <param name="why">Without a full stop.</param>
    public void Invalidate(string why)
    {
        lock (gate)
        {
            invalid ??= why;
        }
    }
}
