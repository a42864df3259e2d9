namespace Orchestrator.HttpDoubles.Milvus;

/// <summary>A collection of the double.</summary>
/// <param name="dimension">Of its vectors of floats; each row has an id of 8 bytes too.</param>
public sealed class MilvusDoubleCollection(string database, string name, long rows, long deleted, int dimension = 254)
{
    public string Database => database;

    public string Name => name;

    public int Dimension => dimension;

    /// <summary>Rows of flushed segments, the deleted ones among them.</summary>
    public long Rows { get; set; } = rows;

    public long Deleted { get; set; } = deleted;

    /// <summary>Rows in growing segments, which no compaction sees.</summary>
    public long Growing { get; set; }

    public bool IsLoaded { get; set; } = true;

    /// <summary>Background compaction holds its segments.</summary>
    public bool IsHeldByBackground { get; set; }
}

/// <summary>A compaction that was ordered, with its counts of plans.</summary>
public sealed class MilvusDoubleJob(MilvusDoubleCollection collection)
{
    public MilvusDoubleCollection Collection => collection;

    public int Executing { get; set; } = 1;

    public int TimedOut { get; set; }

    public int Completed { get; set; }

    public int Failed { get; set; }
}

/// <summary>How plans end from now on.</summary>
public enum MilvusDoubleEnding
{
    Good,

    /// <summary>The plan times out.</summary>
    TimesOut,

    /// <summary>The plan fails: REST v2 has no count for that, the older API has.</summary>
    Fails,
}
