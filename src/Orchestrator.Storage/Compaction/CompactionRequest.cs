using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Compaction;

/// <summary>How a compaction works.</summary>
public enum CompactionMode
{
    /// <summary>Online: into a new file beside the old one, which then takes its place. Can be interrupted and resumed.</summary>
    Rewrite,

    /// <summary>The collection is offline meanwhile: one <c>VACUUM INTO</c>, then the new file takes the old one's place.</summary>
    Exclusive,

    /// <summary>Online and in place: the file's tail goes into free pages, in small slices. Needs no temporary space.</summary>
    Incremental,

    /// <summary>Online and in place: the blocks of free pages go back to the file system; the file's length stays. Linux.</summary>
    Release,
}

/// <summary>The modes' names in requests and settings.</summary>
public static class CompactionModes
{
    /// <summary>The name of a mode: <c>rewrite</c>, <c>exclusive</c>, <c>incremental</c> or <c>release</c>.</summary>
    public static string Name(this CompactionMode mode) => mode switch
    {
        CompactionMode.Rewrite => "rewrite",
        CompactionMode.Exclusive => "exclusive",
        CompactionMode.Incremental => "incremental",
        CompactionMode.Release => "release",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such mode."),
    };

    /// <summary>The mode of a name; an empty name is <c>rewrite</c>. False if there is none of that name.</summary>
    public static bool TryParse(string name, out CompactionMode mode)
    {
        foreach (var each in Enum.GetValues<CompactionMode>())
        {
            if (name == each.Name())
            {
                mode = each;
                return true;
            }
        }

        mode = CompactionMode.Rewrite;
        return name.Length == 0;
    }
}

/// <summary>Which tombstones a compaction may drop: those that fulfil both conditions.</summary>
/// <param name="DeletedBefore">Deleted before this time: the end of the retention.</param>
/// <param name="HeldByAllThrough">With a seq up to this one, which every member of the replica set has on disk.</param>
public sealed record TombstonePurge(DateTimeOffset DeletedBefore, long HeldByAllThrough)
{
    /// <summary>Keeps them all.</summary>
    public static TombstonePurge None { get; } = new(DateTimeOffset.UnixEpoch, 0);

    /// <summary>In Unix milliseconds.</summary>
    internal long Before => DeletedBefore.ToUnixTimeMilliseconds();

    /// <param name="deletedAt">In Unix milliseconds; 0 for a document.</param>
    internal bool Drops(long seq, long deletedAt) => deletedAt > 0 && deletedAt < Before && seq <= HeldByAllThrough;

    internal bool DropsNothing => Before <= 0 || HeldByAllThrough <= 0;
}

/// <summary>What to compact and how.</summary>
/// <param name="Documents">Whether to compact the documents.</param>
/// <param name="Indexes">Names of the indexes to compact; null = all of them.</param>
/// <param name="Purge">Which tombstones to drop with the documents; in the mode <c>release</c> none are dropped.</param>
public sealed record CompactionRequest(bool Documents, IReadOnlyList<string>? Indexes, TombstonePurge Purge)
{
    /// <summary>The lowest speed limit, in bytes per second.</summary>
    public const long LowestSpeedLimit = 1 << 16;

    /// <summary>Documents and all indexes with <c>rewrite</c>, every tombstone kept, no limit of speed.</summary>
    public static CompactionRequest Everything { get; } = new(true, null, TombstonePurge.None);

    public CompactionMode Mode { get; init; }

    /// <summary>Most bytes to write (or to move) per second, at least <see cref="LowestSpeedLimit"/>; null = no limit.</summary>
    public long? MaxBytesPerSecond { get; init; }

    /// <summary><c>incremental</c>: free space that may stay in each file, in bytes; 0 or more.</summary>
    public long FreeSpaceTargetBytes { get; init; } = 20L << 20;

    /// <summary>Removes the partial copy when the disk gets full; else it is kept, to go on from.</summary>
    public bool DiscardPartial { get; init; }

    /// <summary>The units that are named, in the order of the work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The speed limit is too low.</exception>
    /// <exception cref="UnknownIndexException"/>
    internal List<CompactionUnit> UnitsOf(IndexSet indexes)
    {
        RequireSpeedLimit(MaxBytesPerSecond);
        var names = Indexes is null
            ? indexes.Files.Select(index => index.Definition.Name)
            : Indexes.Select(name => indexes.Find(name).Definition.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase);
        return [.. Documents ? [CompactionUnit.Documents] : Array.Empty<CompactionUnit>(), .. names.Select(name => new CompactionUnit(name))];
    }

    /// <exception cref="ArgumentOutOfRangeException">The speed limit is too low.</exception>
    internal static void RequireSpeedLimit(long? bytesPerSecond)
    {
        if (bytesPerSecond < LowestSpeedLimit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaxBytesPerSecond), bytesPerSecond, $"The speed limit must be at least {LowestSpeedLimit} bytes per second.");
        }
    }
}
