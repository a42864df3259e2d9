using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.Milvus;

/// <summary>What a Milvus cluster can do, and what its compaction costs.</summary>
public static class MilvusCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

    /// <summary>Option: whether rows are arranged by the clustering key.</summary>
    public const string Clustering = "clustering";

    /// <summary>Option: whether growing segments are flushed before.</summary>
    public const string Flush = "flush";

    /// <summary>Option: the one partition that is compacted.</summary>
    public const string Partition = "partition";

    /// <summary>Option: the one channel that is compacted.</summary>
    public const string Channel = "channel";

    /// <summary>Option: the segments that are compacted.</summary>
    public const string Segments = "segments";

    /// <summary>Option: whether only deletions that wait in L0 segments are applied.</summary>
    public const string L0 = "l0";

    /// <summary>Option: how large segments are to become.</summary>
    public const string TargetSize = "targetSizeMB";

    private const string Clustered = "2.5";
    private const string Narrowed = "2.6";
    private const string Sized = "3.0";
    private const string NoPadding = "it pads no records";

    /// <summary>With the options of all versions.</summary>
    public static EngineCapabilities Instance { get; } = Of(_ => "");

    /// <summary>Those of a cluster, by the version that it tells.</summary>
    /// <param name="version">Null if it is not told: only gRPC does.</param>
    internal static EngineCapabilities Of(MilvusClusterOptions options, string? version) => Of(least =>
        options.Management is not null ? $"compactions are ordered on the management port (clusters.{options.Name}.management), which does not have it"
        : least == Clustered ? ""
        : version is null ? $"Milvus takes it by gRPC only, and gRPC does not answer on {options.Endpoints[0].Authority}"
        : !IsAtLeast(version, least) ? $"Milvus {version} does not have it; {least} and later do"
        : "");

    /// <summary>
    /// The data nodes write new segments while the old ones serve; a compaction cannot be stopped (milvus-io/milvus, <c>datacoord</c>).
    /// </summary>
    /// <param name="why">Why there is no option that came with a version; empty if there is.</param>
    private static EngineCapabilities Of(Func<string, string> why) => new(
        CompactionScopeKind.Collection,
        CompactionAvailability.Serving,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: false,
        ReportsProgress: true,
        CanCancel: false,
        CanPause: false,
        HasPrimary: false,
        [Compact])
    {
        MustStay = StayingMembers.One,
        Options =
        [
            new(Clustering, EngineOptionKind.Flag, "Arrange rows by the clustering key, of collections that have one.") { Default = "off", Since = Clustered, Refusal = why(Clustered) },
            new(Flush, EngineOptionKind.Flag, "Flush growing segments before; without it they are not compacted.") { Default = "off" },
            new(Partition, EngineOptionKind.Text, "Compact this partition only.") { Unit = "NAME", Since = Narrowed, Refusal = why(Narrowed) },
            new(Channel, EngineOptionKind.Text, "Compact this virtual channel only, of one collection.") { Unit = "NAME", Since = Narrowed, Refusal = why(Narrowed) },
            new(Segments, EngineOptionKind.Text, "Compact these segments only, of one collection; commas between them.") { Unit = "IDS", Since = Narrowed, Refusal = why(Narrowed) },
            new(L0, EngineOptionKind.Flag, "Only apply deletions that wait in segments of level 0.") { Default = "off", Since = Narrowed, Refusal = why(Narrowed) },
            new(TargetSize, EngineOptionKind.Size, "Merge segments until they are about so large.")
            {
                Least = 1,
                Most = 1024 * 1024,
                Default = "Milvus's own",
                Unit = "MIB",
                Since = Sized,
                Refusal = why(Sized),
            },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down; Milvus limits its tasks by settings of its own" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "it has no members without a vote" },
            new("freeSpaceTargetMB", EngineOptionKind.Size, "") { Refusal = "which segments are compacted Milvus decides" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "its own garbage collection removes what an unfinished compaction leaves" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Refusal = NoPadding },
        ],
    };

    /// <summary>A version that is no number, of a build of one's own, is told as too old: a server skips options that it does not know.</summary>
    private static bool IsAtLeast(string version, string least) =>
        Version.TryParse(string.Join('.', version.Split('-')[0].Split('.').Take(2)), out var has) && has >= Version.Parse(least);
}
