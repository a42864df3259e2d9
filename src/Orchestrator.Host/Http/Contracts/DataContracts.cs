using System.Text.Json;

namespace Orchestrator.Host.Http.Contracts;

/// <summary>A write that is on as many disks as was asked for.</summary>
/// <param name="Rev">The document's new revision, also in the ETag.</param>
/// <param name="Sequence">Its number in the collection's change feed.</param>
/// <param name="Term">The term of the primary that took it.</param>
public sealed record WrittenDto(string Id, string Rev, long Sequence, long Term);

/// <summary>All writes of a bulk are on as many disks as was asked for.</summary>
/// <param name="Count">Writes that changed something.</param>
/// <param name="LastSequence">The highest number in the change feed of what was written, or was there already; 0 for none.</param>
/// <param name="Term">The term of the primary that took it.</param>
/// <param name="Created">Documents that were not there.</param>
/// <param name="Replaced">Documents that had another body.</param>
/// <param name="Unchanged">Documents that had the very same body: they keep their revision.</param>
/// <param name="Deleted">Documents that are gone.</param>
public sealed record BulkWrittenDto(int Count, long LastSequence, long Term, int Created, int Replaced, int Unchanged, int Deleted);

/// <summary>Databases in the order of their names.</summary>
/// <param name="Next">If there are others: the <c>after</c> of the next page.</param>
public sealed record DatabaseListDto(IReadOnlyList<DatabaseDto> Databases, string? Next);

/// <param name="Collections">How many it has.</param>
public sealed record DatabaseDto(string Name, int Collections);

/// <summary>Collections of a database in the order of their names.</summary>
/// <param name="Next">If there are others: the <c>after</c> of the next page.</param>
public sealed record CollectionListDto(IReadOnlyList<CollectionEntryDto> Collections, string? Next);

/// <param name="Indexes">Names of its indexes.</param>
public sealed record CollectionEntryDto(string Name, IReadOnlyList<string> Indexes);

/// <summary>The collection is gone.</summary>
public sealed record CollectionDroppedDto(string Database, string Collection);

/// <summary>Documents in the order of their ids.</summary>
/// <param name="Next">If there are others: the <c>after</c> of the next page.</param>
public sealed record DocumentListDto(IReadOnlyList<DocumentEntryDto> Documents, string? Next);

/// <param name="Sequence">The number of its last change in the collection's change feed.</param>
/// <param name="Body">The document; absent where bodies are not asked for, or where it has a problem.</param>
/// <param name="Problem">Of a document that an older version let in: why it is none. A write or a deletion of that id mends it.</param>
public sealed record DocumentEntryDto(string Id, string Rev, long Sequence, JsonElement? Body, string? Problem);

/// <summary>A piece of a collection's change feed, in order.</summary>
/// <param name="Term">The term that the answering node follows.</param>
/// <param name="Since">The piece begins after this sequence number.</param>
/// <param name="Through">The piece is complete up to this sequence number; read on from here.</param>
/// <param name="LastSeq">The last sequence number of the whole feed now.</param>
/// <param name="LastTerm">The term of the feed's last change.</param>
/// <param name="PurgedThrough">Tombstones up to this sequence number may be gone.</param>
/// <param name="HeldByAllThrough">Every member has the changes up to this sequence number on disk, as far as the node knows.</param>
/// <param name="Terms">Where in the piece each term begins.</param>
public sealed record ChangesDto(
    long Term,
    long Since,
    long Through,
    long LastSeq,
    long LastTerm,
    long PurgedThrough,
    long HeldByAllThrough,
    IReadOnlyList<TermStartDto> Terms,
    IReadOnlyList<ChangeDto> Changes);

public sealed record TermStartDto(long Term, long FirstSeq);

/// <param name="DeletedAt">Of a deletion: when.</param>
/// <param name="Body">The document; absent for a deletion.</param>
public sealed record ChangeDto(long Seq, string Id, string Rev, long Term, bool Deleted, DateTimeOffset? DeletedAt, JsonElement? Body);

/// <summary>Defines an index.</summary>
/// <param name="Path">For example <c>$.customer.city</c>.</param>
public sealed record IndexBody(string Path);

/// <summary>An index as this node has it.</summary>
public sealed record IndexDto(string Name, string Path)
{
    /// <summary><c>ready</c>, <c>building</c> (look-ups are refused until it is built), or <c>failed</c>: it is tried again.</summary>
    public string State { get; init; } = "ready";

    /// <summary>About how much of it is built, 0 to 1.</summary>
    public double Progress { get; init; } = 1;

    /// <summary>Why it cannot be built now.</summary>
    public string? Problem { get; init; }
}

/// <summary>The index is gone.</summary>
public sealed record IndexDroppedDto(string Name);

/// <summary>Entries of an index in key order.</summary>
/// <param name="Next">What to give as <c>after</c> for the next page; null at the end.</param>
public sealed record IndexEntriesDto(IReadOnlyList<IndexEntryDto> Entries, string? Next);

/// <param name="Key">The value under the index's path.</param>
/// <param name="Id">The document.</param>
public sealed record IndexEntryDto(JsonElement Key, string Id);

/// <summary>What this node holds of a collection.</summary>
/// <param name="Checksum">SHA-256 over the live documents in id order; equal on members with equal contents.</param>
public sealed record SummaryDto(long Documents, string Checksum, long LastSequence);

/// <summary>Answer of the probes.</summary>
/// <param name="Status"><c>ok</c>, <c>ready</c> or <c>not-ready</c>.</param>
/// <param name="Reason">What is missing; empty if nothing.</param>
public sealed record HealthDto(string Status, string Reason);
