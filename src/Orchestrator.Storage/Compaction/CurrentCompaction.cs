namespace Orchestrator.Storage.Compaction;

/// <summary>The compaction of a collection that is under way: at most one.</summary>
internal sealed class CurrentCompaction(CollectionDirectory directory)
{
    /// <summary>Null if none is. Any thread.</summary>
    public CompactionJob? Job
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The source is not any more what was copied: a compaction under way cannot go on.</summary>
    public void Refuse(string why) => Job?.Refuse(why);

    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    public void RequireNone()
    {
        if (Job is not null)
        {
            throw new CompactionRefusedException($"{directory} is already being compacted.");
        }
    }

    /// <exception cref="CompactionRefusedException">The index is still to be compacted by the compaction under way.</exception>
    public void RequireNotCompacted(string index)
    {
        if (Job?.Covers(index) == true)
        {
            throw new CompactionRefusedException($"Index '{index}' of {directory} is being compacted.");
        }
    }
}
