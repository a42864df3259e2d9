using System.Globalization;

namespace Orchestrator.Engines.MongoDb;

/// <summary>What the versions of MongoDB do differently where compaction is concerned (manual pages of compact; SERVER-55589).</summary>
internal sealed record MongoDbVersion(Version Number)
{
    public static MongoDbVersion Newest { get; } = new(new Version(99, 0, 0));

    /// <summary>Whether the server stores its data by MMAPv1.</summary>
    public bool IsMmap { get; init; }

    /// <summary>Whether some servers of the version do: MMAPv1 is the only storage engine before 3.0, and gone in 4.2.</summary>
    public bool MayBeMmap => !Since(4, 2);

    /// <summary>Whether all do.</summary>
    public bool MustBeMmap => !Since(3, 0);

    /// <summary>Of a text such as <c>7.0.14</c> or <c>8.0.0-rc1</c>.</summary>
    public static MongoDbVersion Parse(string text)
    {
        var parts = text.Split('-', '+')[0].Split('.')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Concat([0, 0, 0])
            .ToList();
        return new MongoDbVersion(new Version(parts[0], parts[1], parts[2]));
    }

    /// <summary>Whether a member that compacts stays SECONDARY; else it goes to RECOVERING by itself.</summary>
    public bool StaysSecondary => Since(5, 0, 3) || (Since(4, 4, 9) && !Since(5, 0)) || (Since(4, 2, 18) && !Since(4, 4));

    /// <summary>Whether a member that compacts goes on replicating; else its lag grows meanwhile.</summary>
    public bool ReplicatesMeanwhile => Since(6, 0, 2) || (Since(5, 0, 12) && !Since(6, 0)) || (Since(4, 4, 17) && !Since(5, 0));

    public bool HasFreeSpaceTarget => Since(7, 3);

    public bool HasDryRun => Since(8, 0);

    public bool HasAutoCompact => Since(8, 0);

    /// <summary>From which version the statistics tell how many pages a compaction will write.</summary>
    public bool ExpectsPages => Since(8, 0);

    /// <summary>Whether a collection whose name begins with <c>system.</c> can be compacted.</summary>
    public bool CompactsSystemCollections => Since(7, 0);

    /// <summary>Whether a compaction tells in the list of operations how far it is.</summary>
    public bool ShowsProgress => IsMmap;

    /// <summary>As <c>featureCompatibilityVersion</c> names it.</summary>
    public string Feature => Number.ToString(2);

    public override string ToString() => Number.ToString(3);

    private bool Since(int major, int minor, int patch = 0) => Number >= new Version(major, minor, patch);
}
