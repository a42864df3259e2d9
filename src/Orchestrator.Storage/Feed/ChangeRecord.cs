namespace Orchestrator.Storage.Feed;

/// <summary>One change of the feed: the current version of a document, or its tombstone.</summary>
/// <param name="Seq">Place in the feed, from 1. Each write takes a new one, so a document's older versions leave the feed.</param>
/// <param name="Id">Document id.</param>
/// <param name="Rev">Opaque, new with each write, the same on every replica.</param>
/// <param name="Term">Term of the primary that took the write, from 1.</param>
/// <param name="DeletedAt">When the primary deleted it (UTC, whole milliseconds), or null for a live document.</param>
/// <param name="Body">JSON in UTF-8; empty for a tombstone.</param>
public sealed record ChangeRecord(
    long Seq, string Id, string Rev, long Term, DateTimeOffset? DeletedAt, ReadOnlyMemory<byte> Body)
{
    /// <summary>True for a tombstone.</summary>
    public bool Deleted => DeletedAt is not null;
}

/// <summary>From where on the feed was written by a term's primary.</summary>
/// <param name="Term">From 1.</param>
/// <param name="FirstSeq">First seq that the term's primary could give.</param>
public sealed record TermStart(long Term, long FirstSeq);

/// <summary>How far a feed goes. Of two members of a set, the one with the higher position has all that the other has confirmed.</summary>
/// <param name="Term">Term of the last change; 0 for an empty feed.</param>
/// <param name="Seq">Seq of the last change; 0 for an empty feed.</param>
public sealed record FeedPosition(long Term, long Seq) : IComparable<FeedPosition>
{
    public static FeedPosition Empty { get; } = new(0, 0);

    /// <summary>By term, then by seq.</summary>
    public int CompareTo(FeedPosition? other) =>
        other is null ? 1 : Term != other.Term ? Term.CompareTo(other.Term) : Seq.CompareTo(other.Seq);
}

/// <summary>A piece of a feed in seq order, as a reader gets it and a secondary applies it.</summary>
/// <param name="Since">The changes are all that come after this seq ...</param>
/// <param name="SinceTerm">Term of the feed at <paramref name="Since"/>: a reader with another one there has another history.</param>
/// <param name="Through">... up to and with this one. Ask on from here.</param>
/// <param name="Changes">Ascending by seq, with gaps where older versions were.</param>
/// <param name="Terms">Every term that starts after <paramref name="Since"/>, also where no change of it is left.</param>
/// <param name="Last">Position of the whole feed at the time of reading; its seq is at least <paramref name="Through"/>.</param>
/// <param name="PurgedThrough">Tombstones up to this seq may have been dropped: a reader that is behind must resynchronise.</param>
public sealed record ChangeBatch(
    long Since,
    long SinceTerm,
    long Through,
    IReadOnlyList<ChangeRecord> Changes,
    IReadOnlyList<TermStart> Terms,
    FeedPosition Last,
    long PurgedThrough)
{
    /// <summary>True if nothing comes after <see cref="Through"/>.</summary>
    public bool AtEnd => Through == Last.Seq;

    /// <summary>
    /// The source's ends of commits, ascending: the last one up to <see cref="Since"/>, if it is known, and all that are known up to
    /// <see cref="Through"/>. None where the source does not know the checksum of its history.
    /// </summary>
    public IReadOnlyList<HistoryPoint> History { get; init; } = [];
}

/// <summary>
/// The running checksum of a feed at the end of one of its commits: over all changes up to there, also those that have been replaced
/// since. Two members with different ones at the same place have different histories, whatever their positions say.
/// </summary>
/// <param name="Seq">Last change of the commit; 0 for the beginning of the feed.</param>
public readonly record struct HistoryPoint(long Seq, UInt128 Checksum);

/// <summary>What <c>Apply</c> did.</summary>
/// <param name="Applied">Changes written.</param>
/// <param name="Skipped">Changes that were there already.</param>
/// <param name="Position">The member's position now, on disk.</param>
public sealed record ApplyResult(int Applied, int Skipped, FeedPosition Position);

/// <summary>What <c>RollBack</c> did.</summary>
/// <param name="DroppedRows">Changes dropped.</param>
/// <param name="SavedFile">NDJSON file with the dropped changes, or null if there were none.</param>
/// <param name="PendingRefetch">Documents whose current version must now be fetched from the primary.</param>
public sealed record RollBackResult(long DroppedRows, string? SavedFile, long PendingRefetch);

/// <summary>A live document.</summary>
/// <param name="Body">JSON in UTF-8.</param>
public sealed record StoredDocument(string Id, string Rev, long Seq, ReadOnlyMemory<byte> Body);

/// <summary>A digest of the live documents of a collection, equal on replicas with equal contents whatever their files look like.</summary>
/// <param name="Sha256">Hexadecimal, over id, rev and body of the live documents in order of their ids.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="Position">Position of the feed that the digest belongs to.</param>
public sealed record ContentChecksum(string Sha256, long Documents, FeedPosition Position);
