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
/// <param name="Verify">Check the files of what was compacted; the node knows nobody to compare them with.</param>
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

/// <summary>Whose index files without a definition are removed; absent for all collections.</summary>
/// <param name="PartialCopies">Also the partial copies that interrupted compactions left to be gone on with; absent = no.</param>
public sealed record IndexCleanupBody(string? Database, string? Collection, bool? PartialCopies);

/// <summary>Which collection is put aside and copied anew.</summary>
/// <param name="Reason">Why, for the audit trail.</param>
/// <param name="All">Instead of a collection: all of the node, which also rebuilds a node whose own file is damaged.</param>
public sealed record ResyncBody(string? Database, string? Collection, string? Reason, bool? All = null);

/// <summary>How a verification stands. The supervisor keeps the last ones; one that takes over does not know them.</summary>
/// <param name="Database">Only this database; null for all.</param>
/// <param name="Collection">Only this collection; null for all.</param>
/// <param name="By">Who ordered it.</param>
/// <param name="State"><c>checking-files</c>, <c>comparing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Reason">Why it failed or was cancelled.</param>
/// <param name="HeardAt">When the members were last heard of.</param>
/// <param name="FinishedAt">Null while it is at work.</param>
/// <param name="Progress">Where it is; null once it has ended.</param>
/// <param name="Result">What was found; null unless it is completed.</param>
public sealed record VerificationStatusDto(
    string Id,
    string Cluster,
    string Node,
    string? Database,
    string? Collection,
    string By,
    string State,
    string? Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset HeardAt,
    DateTimeOffset? FinishedAt,
    VerificationProgressDto? Progress,
    VerificationDto? Result);

/// <param name="Collection">The collection that is looked at.</param>
/// <param name="Stage"><c>file NAME</c>, <c>feed</c>, <c>index NAME</c>, <c>checksum</c> or <c>compare</c>.</param>
/// <param name="Done">Rows of the collection looked at; in the stage <c>compare</c>, sequence numbers compared.</param>
/// <param name="Total">As they were counted at the beginning.</param>
/// <param name="CollectionsDone">Collections finished in this state.</param>
/// <param name="CollectionsTotal">Collections to do.</param>
public sealed record VerificationProgressDto(
    string Collection, string Stage, long Done, long Total, int CollectionsDone, int CollectionsTotal);

/// <summary>What checking a node's files found.</summary>
/// <param name="Sound">Whether nothing is wrong in its files, and no member that was compared differs.</param>
public sealed record VerificationDto(string Node, bool Sound, IReadOnlyList<CollectionVerdictDto> Collections);

/// <param name="Problems">Sentences that name the file; empty if nothing is wrong.</param>
/// <param name="Documents">Live documents that were checked.</param>
/// <param name="IndexEntries">Index entries that were checked against their documents.</param>
/// <param name="Term">Term of the feed's last change when it was checked.</param>
/// <param name="Sequence">Sequence number of that change.</param>
/// <param name="Checksum">Equal on members with equal contents.</param>
public sealed record CollectionVerdictDto(
    string Database, string Collection, IReadOnlyList<string> Problems, long Documents, long IndexEntries, long Term, long Sequence, string Checksum)
{
    /// <summary>How the members' copies compare; null where only the files were checked.</summary>
    public ComparisonDto? Comparison { get; init; }
}

/// <summary>What comparing the members' copies of a collection found.</summary>
/// <param name="Through">Changes up to this sequence number were compared: all members had them when it began.</param>
/// <param name="Rows">Changes compared.</param>
/// <param name="Compared">The members that were compared.</param>
/// <param name="NotCompared">Those that were not.</param>
/// <param name="Differences">The members that differ from the majority or, where there is none, from the primary.</param>
/// <param name="Changing">Documents that were written so fast that no two looks could be compared.</param>
/// <param name="EndedEarly">Whether it was ended because enough differences were found.</param>
public sealed record ComparisonDto(
    long Through,
    long Rows,
    IReadOnlyList<string> Compared,
    IReadOnlyList<MemberNotComparedDto> NotCompared,
    IReadOnlyList<MemberDifferenceDto> Differences,
    long Changing,
    bool EndedEarly);

public sealed record MemberNotComparedDto(string Node, string Reason);

/// <param name="Documents">Documents in which it differs.</param>
/// <param name="FirstId">The least of their ids.</param>
/// <param name="LastId">The greatest of their ids.</param>
/// <param name="Ids">Some of their ids, at most 100.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record MemberDifferenceDto(
    string Node, long Documents, string FirstId, string LastId, IReadOnlyList<string> Ids, string Advice);

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
