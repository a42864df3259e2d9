namespace Orchestrator.Storage.Indexes;

/// <summary>What an index must know of one row that was written.</summary>
/// <param name="RemovedSeq">Seq of the version that is gone; 0 = there was none.</param>
/// <param name="AddedSeq">Seq of the new live version; 0 = a tombstone.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct RowReplacement(long RemovedSeq, long AddedSeq, ReadOnlyMemory<byte> Body)
{
    /// <summary>Keeps of the last of them only what is gone, without the new body: for rounds that are too large for memory.</summary>
    public static void KeepRemovalOnly(List<RowReplacement> rows)
    {
        var removed = rows[^1].RemovedSeq;
        rows.RemoveAt(rows.Count - 1);
        if (removed != 0)
        {
            rows.Add(new RowReplacement(removed, 0, default));
        }
    }
}
