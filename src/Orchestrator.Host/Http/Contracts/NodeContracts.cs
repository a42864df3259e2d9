using Orchestrator.Core.Planning;

namespace Orchestrator.Host.Http.Contracts;

/// <summary>Compacts units of one node directly, without a plan. Everything may be left out: all units with the defaults.</summary>
/// <param name="Database">Only this database; absent for all.</param>
/// <param name="Collection">Only this collection of the database; absent for all.</param>
/// <param name="Documents">Whether documents are compacted; true unless said otherwise.</param>
/// <param name="Indexes"><c>"all"</c> (the default), <c>"none"</c> or a list of names.</param>
/// <param name="DryRun">Answer with the estimates, and compact nothing.</param>
/// <param name="Mode">Compaction mode; absent takes the engine's default.</param>
/// <param name="Force">Compact although this node is primary; refused without it.</param>
/// <param name="FreeSpaceTargetMB">Free space that may stay in a file (mode <c>incremental</c>), in MiB.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate; 0 is unlimited. May be changed while it runs.</param>
/// <param name="DiscardPartial">On a full disk remove the partial copy instead of keeping it to resume.</param>
/// <param name="Verify">Check the files of what was compacted.</param>
/// <param name="Comment">Free text that appears in logs.</param>
public sealed record NodeCompactionBody(
    string? Database,
    string? Collection,
    bool? Documents,
    IndexSelection? Indexes,
    bool? DryRun,
    string? Mode,
    bool? Force,
    int? FreeSpaceTargetMB,
    long? MaxBytesPerSecond,
    bool? DiscardPartial,
    bool? Verify,
    string? Comment);

/// <summary>What a compaction would bring and need.</summary>
/// <param name="BytesFreed">Over all units.</param>
/// <param name="TemporaryBytes">Space needed while it runs: units are compacted one after another, so the largest counts.</param>
public sealed record EstimatesDto(long BytesFreed, long TemporaryBytes, IReadOnlyList<UnitEstimateDto> Units);

/// <summary>The compactions at work and lately ended on this node, oldest first.</summary>
public sealed record NodeCompactionsDto(IReadOnlyList<CompactionDto> Compactions);

/// <summary>Which collections an order is for; absent for all.</summary>
public sealed record CollectionScopeBody(string? Database, string? Collection);

/// <summary>What checking a node's files found.</summary>
/// <param name="Sound">Whether nothing is wrong.</param>
public sealed record VerificationDto(string Node, bool Sound, IReadOnlyList<CollectionVerdictDto> Collections);

/// <param name="Problems">Sentences that name the file; empty if nothing is wrong.</param>
/// <param name="Documents">Live documents that were checked.</param>
/// <param name="IndexEntries">Index entries that were checked against their documents.</param>
/// <param name="Term">Term of the feed's last change when it was checked.</param>
/// <param name="Sequence">Sequence number of that change.</param>
/// <param name="Checksum">Equal on members with equal contents.</param>
public sealed record CollectionVerdictDto(
    string Database, string Collection, IReadOnlyList<string> Problems, long Documents, long IndexEntries, long Term, long Sequence, string Checksum);

/// <summary>Index files without a definition that were removed.</summary>
/// <param name="BytesFreed">Bytes given back to the file system.</param>
/// <param name="Files">Paths on the node.</param>
public sealed record IndexCleanupDto(string Node, long BytesFreed, IReadOnlyList<string> Files);

/// <summary>A collection is being copied anew from the primary.</summary>
/// <param name="KeptIn">Where its former files are on the node; remove them when they are of no use.</param>
public sealed record ResyncDto(string Node, string Database, string Collection, string KeptIn);

/// <summary>How a collection is stored, on every member.</summary>
/// <param name="Compression"><c>none</c> (the default), <c>brotli</c> or <c>deflate</c>; documents that are there change with the next compaction.</param>
/// <param name="Level">Of the compression: brotli 0 to 11, deflate 0 to 9; higher is smaller and slower.</param>
/// <param name="MaxBytes">Caps the collection: the oldest documents are deleted beyond so many bytes of stored bodies.</param>
/// <param name="MaxDocuments">Caps the collection: the oldest documents are deleted beyond so many.</param>
public sealed record CollectionBody(string? Compression, int? Level, long? MaxBytes, long? MaxDocuments);

/// <summary>A collection as this very node has it.</summary>
/// <param name="MaxBytes">Absent if it is not capped by bytes.</param>
/// <param name="MaxDocuments">Absent if it is not capped by documents.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="LastSequence">The last change.</param>
public sealed record CollectionDto(
    string Database,
    string Collection,
    string Compression,
    int Level,
    long? MaxBytes,
    long? MaxDocuments,
    IReadOnlyList<IndexDto> Indexes,
    long Documents,
    long LastSequence);
