using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>Names one attempt at one step of one run, so that a late answer to an earlier attempt is recognised.</summary>
public sealed record CompactionTicket(string RunId, int Step, int Attempt)
{
    /// <summary>
    /// Whether another ticket of the same run came after this one. A node that has seen the later one refuses this one:
    /// it is an order that was overtaken, and another member may be compacting by now.
    /// </summary>
    public bool IsOvertakenBy(CompactionTicket other) =>
        RunId == other.RunId && (Step, Attempt).CompareTo((other.Step, other.Attempt)) < 0;
}

/// <summary>How a member shall compact.</summary>
/// <param name="Mode">One of the engine's modes.</param>
/// <param name="Force">Compact although the member is primary.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate; 0 is unlimited.</param>
/// <param name="Comment">Free text that appears in logs, events and reports.</param>
public sealed record CompactionSettings(
    string Mode,
    bool Force,
    long MaxBytesPerSecond,
    string Comment)
{
    /// <summary>Options that only the engine's driver understands, as its <see cref="EngineCapabilities.Options"/> declare them.</summary>
    public OptionValues EngineOptions { get; init; } = OptionValues.None;

    /// <summary>
    /// Check the files of what was compacted, and fail the attempt if anything is wrong. For whoever orders a member directly; a run
    /// verifies by itself, see <see cref="VerifyCollections"/>, since it compares members too.
    /// </summary>
    public bool Verify { get; init; }
}

/// <summary>Progress of a member's compaction over all its units and stages.</summary>
/// <param name="Unit">Path of the unit that is being compacted.</param>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Fraction">0 to 1 over everything; never goes back within an attempt.</param>
/// <param name="UnitsDone">Units finished.</param>
/// <param name="UnitsTotal">Units to do.</param>
/// <param name="BytesCopied">Bytes written so far.</param>
/// <param name="BytesPerSecond">Present rate.</param>
public sealed record CompactionProgress(
    string Unit,
    string Stage,
    double Fraction,
    int UnitsDone,
    int UnitsTotal,
    long BytesCopied,
    double BytesPerSecond)
{
    /// <summary>Expected time until the unit's end, in seconds; -1 while it is unknown.</summary>
    public double RemainingSeconds { get; init; } = -1;

    /// <summary>Rows of the stage that are done.</summary>
    public long RowsDone { get; init; }

    /// <summary>Rows of the stage.</summary>
    public long RowsTotal { get; init; }

    /// <summary>Longest time so far that writes were kept waiting.</summary>
    public TimeSpan LongestWritePause { get; init; }
}

/// <summary>
/// What compacting one unit did; sizes are the lengths of its files in bytes, or what they occupy on disk in the mode that leaves the
/// lengths alone.
/// </summary>
public sealed record UnitCompacted(
    StorageUnit Unit,
    long BytesBefore,
    long BytesAfter,
    long Rows,
    long TombstonesDropped,
    TimeSpan Duration,
    TimeSpan LongestWritePause)
{
    /// <summary>What the files got shorter by, or gave back to the file system without getting shorter.</summary>
    [JsonIgnore]
    public long BytesFreed => PhysicalBytesBefore == 0
        ? BytesBefore - BytesAfter
        : Math.Max(BytesBefore - BytesAfter, PhysicalBytesBefore - PhysicalBytesAfter);

    /// <summary>Blocks that the file system held for the files before, in bytes; 0 where it is not known.</summary>
    public long PhysicalBytesBefore { get; init; }

    /// <summary>Blocks that the file system holds for the files afterwards, in bytes; 0 where it is not known.</summary>
    public long PhysicalBytesAfter { get; init; }

    /// <summary>Whether its sizes are what the files occupy, since the mode leaves their lengths alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepsLength { get; init; }

    /// <summary>Plain size of the live bodies divided by their stored size; 1 where nothing is compressed, 0 where it is not known.</summary>
    public double CompressionRatio { get; init; }

    /// <summary>Time of each stage, in the order of the work.</summary>
    public IReadOnlyList<StageTime> Stages { get; init; } = [];
}

/// <summary>How long one stage of a unit's compaction took.</summary>
public sealed record StageTime(string Stage, TimeSpan Duration);

/// <summary>Where one attempt stands, as its member knows it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "status")]
[JsonDerivedType(typeof(CompactionRunning), "running")]
[JsonDerivedType(typeof(CompactionSucceeded), "succeeded")]
[JsonDerivedType(typeof(CompactionFailed), "failed")]
[JsonDerivedType(typeof(CompactionPaused), "paused")]
public abstract record CompactionStatus(CompactionTicket Ticket)
{
    /// <summary>What an attempt that has ended has compacted.</summary>
    [JsonIgnore]
    public IReadOnlyList<UnitCompacted> Compacted => this switch
    {
        CompactionSucceeded done => done.Units,
        CompactionFailed failed => failed.Units,
        CompactionPaused paused => paused.Units,
        _ => [],
    };
}

/// <summary>The attempt is at work.</summary>
public sealed record CompactionRunning(CompactionTicket Ticket, CompactionProgress Progress) : CompactionStatus(Ticket)
{
    /// <summary>The id of the job; null where the ticket itself is enough to find it again.</summary>
    public JobId? Job { get; init; }
}

/// <summary>The attempt has compacted every unit.</summary>
public sealed record CompactionSucceeded(CompactionTicket Ticket, IReadOnlyList<UnitCompacted> Units) : CompactionStatus(Ticket)
{
    /// <summary>By what that was judged, where the member did not tell it; else empty.</summary>
    public string Judged { get; init; } = "";
}

/// <summary>The attempt ended without finishing; <paramref name="Units"/> are those that were done before.</summary>
public sealed record CompactionFailed(CompactionTicket Ticket, string Reason, IReadOnlyList<UnitCompacted> Units) : CompactionStatus(Ticket)
{
    /// <summary>Whether it would fail again until an operator has changed something.</summary>
    public bool IsPermanent { get; init; }
}

/// <summary>
/// The attempt was stopped to go on later: <paramref name="Units"/> are done, what was copied of the next one is kept, and
/// another ticket for the same units goes on from there.
/// </summary>
/// <param name="Progress">Where it stopped.</param>
public sealed record CompactionPaused(CompactionTicket Ticket, IReadOnlyList<UnitCompacted> Units, CompactionProgress Progress)
    : CompactionStatus(Ticket);

/// <summary>What compacting a unit would free.</summary>
/// <param name="Size">The unit's sizes now.</param>
/// <param name="BytesFreed">Expected gain in bytes; never negative.</param>
/// <param name="TemporaryBytes">Space needed beside the files while it runs, in bytes.</param>
/// <param name="Duration">Expected time, writes of others not counted.</param>
public sealed record UnitEstimate(UnitSize Size, long BytesFreed, long TemporaryBytes, TimeSpan Duration)
{
    /// <summary>Why the unit is not compacted whatever it would free: it cannot be, or its cluster's rules leave it out; empty if it may be.</summary>
    /// <remarks>Journals and the wire know it as <c>against</c>.</remarks>
    [JsonPropertyName("against")]
    public string Refusal { get; init; } = "";

    /// <summary>The replica set to which this copy belongs; empty where its member belongs to one only.</summary>
    public string ReplicaSet { get; init; } = "";

    /// <summary>
    /// How early its replica set is compacted where a cluster has many: those with the highest come first, equal ones in the cluster's order.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Priority { get; init; }

    /// <summary>
    /// Whether the gain is about right only: documents are to be stored with another compression, of which the effect was measured on some
    /// of them.
    /// </summary>
    public bool Sampled { get; init; }

    /// <summary>What the driver tells beyond the numbers, or why it cannot tell one; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>The estimate under a limit of the copying rate: what is copied takes at least that long.</summary>
    /// <param name="maxBytesPerSecond">0 is unlimited.</param>
    public UnitEstimate AtMost(long maxBytesPerSecond)
    {
        var copying = maxBytesPerSecond <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)TemporaryBytes / maxBytesPerSecond);
        return copying > Duration ? this with { Duration = copying } : this;
    }

    /// <inheritdoc cref="FragmentationOf"/>
    [JsonIgnore]
    public double Fragmentation => FragmentationOf(BytesFreed, Size.FileBytes);

    /// <summary>
    /// How fragmented files are, wherever that is shown or compared with a limit: the share of them that a compaction in the mode that
    /// was estimated would free, 0 to 1; 0 for empty ones.
    /// </summary>
    public static double FragmentationOf(long bytesFreed, long fileBytes) =>
        fileBytes <= 0 ? 0 : Math.Clamp((double)bytesFreed / fileBytes, 0, 1);

    /// <summary>What compacting units would free, as people read it, for example <c>about 12.5 MiB</c>.</summary>
    public static string GainText(IReadOnlyCollection<UnitEstimate> units) =>
        (units.Any(unit => unit.Sampled) ? "about " : "") + ByteText.Of(units.Sum(unit => unit.BytesFreed));
}
