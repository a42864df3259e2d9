namespace Orchestrator.MongoDouble;

/// <summary>One collection of a member, with a file for its documents and one for each index.</summary>
internal sealed class DoubleCollection(string database, string name)
{
    public string Database => database;

    public string Name => name;

    public string Namespace => $"{database}.{name}";

    public string Type { get; init; } = "collection";

    public bool IsCapped { get; init; }

    public long Documents { get; set; } = 1000;

    public bool HasIndexBuild { get; set; }

    public DoubleFile Data { get; init; } = new();

    public Dictionary<string, DoubleFile> Indexes { get; } = new() { ["_id_"] = new DoubleFile { Bytes = 64 << 10 } };

    public IEnumerable<DoubleFile> Files => Indexes.Values.Prepend(Data);

    public DoubleCollection Copy()
    {
        var copy = new DoubleCollection(database, name) { Type = Type, IsCapped = IsCapped, Documents = Documents, HasIndexBuild = HasIndexBuild, Data = Data.Copy() };
        copy.Indexes.Clear();
        foreach (var (index, file) in Indexes)
        {
            copy.Indexes[index] = file.Copy();
        }

        return copy;
    }
}

/// <summary>One file of WiredTiger.</summary>
internal sealed class DoubleFile
{
    public long Bytes { get; set; }

    /// <summary>Blocks in it that may be reused.</summary>
    public long Free { get; set; }

    /// <summary>Free blocks that no compaction gives back, whatever it expects: they lie before blocks that cannot be moved.</summary>
    public long Stuck { get; set; }

    public long PagesReviewed { get; set; }

    public long PagesExpected { get; set; }

    /// <summary>
    /// What a compaction gives back: nothing from a file of 1 MB or less, nothing where less than a tenth is free, and nothing
    /// where less than the target is free (0 for none).
    /// </summary>
    public long Gain(long target) => Bytes > 1 << 20 && Free * 10 >= Bytes && Free >= target ? Free : 0;

    public DoubleFile Copy() => new() { Bytes = Bytes, Free = Free };
}
