using System.Text.Json.Serialization;

namespace Orchestrator.Core.Topology;

/// <summary>The sizes of a storage unit's files, all in bytes.</summary>
/// <param name="Unit">What was measured.</param>
/// <param name="FileBytes">Length of the files without a log that comes and goes, before a compaction as after it.</param>
/// <param name="LiveBytes">What the same live data would take in a fresh file.</param>
/// <param name="PhysicalBytes">Blocks that the file system holds now for the files and their logs.</param>
public sealed record UnitSize(StorageUnit Unit, long FileBytes, long LiveBytes, long PhysicalBytes)
{
    /// <summary>What the documents take uncompressed, as clients read them, in bytes; null where the engine does not tell it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExternalBytes { get; init; }

    /// <summary>How many indexes beside the unit nothing uses any more, though their files are still there; null where the engine does not tell it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StaleIndexes { get; init; }

    /// <summary>Bytes that a compaction can give back; never negative.</summary>
    [JsonIgnore]
    public long ReclaimableBytes => Math.Max(0, FileBytes - LiveBytes);
}
