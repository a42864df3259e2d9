using Akka.Actor;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <summary>A client's request to one collection of the node in this process; it never crosses the wire.</summary>
public abstract record DataRequest(string Database, string Collection) : INoSerializationVerificationNeeded;

/// <summary>How many members must have a write on disk before it is acknowledged.</summary>
public enum WriteConcern
{
    /// <summary>The primary alone (<c>w=1</c>).</summary>
    Primary,

    /// <summary>A majority of the configured members (<c>w=majority</c>).</summary>
    Majority,
}

/// <summary>Stores a document. Answered with <see cref="DocumentWritten"/>.</summary>
/// <param name="Body">A JSON object, UTF-8.</param>
/// <param name="ExpectedRev">
/// Refused with <see cref="WriteConflict"/> unless this is the present revision; null for no condition, empty for a
/// document that must not exist.
/// </param>
public sealed record PutDocument(string Database, string Collection, string Id, ReadOnlyMemory<byte> Body, string? ExpectedRev, WriteConcern Concern)
    : DataRequest(Database, Collection);

/// <summary>Deletes a document. Answered with <see cref="DocumentWritten"/>, or <see cref="DocumentMissing"/>.</summary>
public sealed record DeleteDocument(string Database, string Collection, string Id, string? ExpectedRev, WriteConcern Concern)
    : DataRequest(Database, Collection);

/// <summary>Stores and deletes many documents in one commit. Answered with <see cref="BulkWritten"/>.</summary>
public sealed record WriteBulk(string Database, string Collection, IReadOnlyList<BulkWrite> Writes, WriteConcern Concern)
    : DataRequest(Database, Collection);

/// <param name="Body">A JSON object, UTF-8, which is not written if the document has it already; empty deletes the document.</param>
public sealed record BulkWrite(string Id, ReadOnlyMemory<byte> Body);

/// <summary>Answered with <see cref="DocumentFound"/> or <see cref="DocumentMissing"/>.</summary>
/// <param name="FromAnyMember">Whether a secondary may answer, with what it has.</param>
public sealed record GetDocument(string Database, string Collection, string Id, bool FromAnyMember) : DataRequest(Database, Collection);

/// <summary>Asks which collections there are, as this member knows. Answered with <see cref="CollectionsListed"/>.</summary>
public sealed record ListCollections() : DataRequest("", "");

/// <summary>Reads documents in the order of their ids. Answered with <see cref="DocumentsListed"/>.</summary>
/// <param name="After">Ids after this one; empty for the first.</param>
/// <param name="Limit">At most this many; fewer where they are large.</param>
/// <param name="FromAnyMember">Whether a secondary may answer, with what it has.</param>
public sealed record ListDocuments(string Database, string Collection, string After, int Limit, bool FromAnyMember)
    : DataRequest(Database, Collection);

/// <summary>Reads the change feed. Answered with <see cref="ChangesRead"/>.</summary>
/// <param name="Since">Changes after this sequence number.</param>
/// <param name="Limit">At most this many.</param>
/// <param name="Wait">How long to wait for a first change.</param>
/// <param name="Reader">Who reads.</param>
public sealed record ReadChanges(string Database, string Collection, long Since, int Limit, TimeSpan Wait, FeedReader Reader)
    : DataRequest(Database, Collection);

/// <summary>
/// A member's question for the present version of one document, asked after a roll-back. Answered with
/// <see cref="ChangesRead"/> that holds one change (a deletion as such) or none, or with <see cref="TermStale"/>.
/// </summary>
public sealed record ReadVersion(string Database, string Collection, string Id, FeedReader.Member Reader) : DataRequest(Database, Collection);

/// <summary>Who reads a change feed.</summary>
public abstract record FeedReader
{
    private FeedReader()
    {
    }

    /// <summary>A client.</summary>
    public sealed record Client : FeedReader;

    /// <summary>
    /// A member of the replica set. Answered with <see cref="TermStale"/> if a higher term is promised here, and with
    /// <see cref="HistoryParted"/> if its history parts from this one's before <see cref="ReadChanges.Since"/>.
    /// </summary>
    /// <param name="Node">Name of the member.</param>
    /// <param name="Term">The term whose primary it follows, or is.</param>
    /// <param name="LastTerm">Term of the change at <see cref="ReadChanges.Since"/>; 0 for the beginning of the feed.</param>
    /// <param name="Confirmed">
    /// The whole state of the primary's feed at this sequence number is on its disk, which confirms every change up to it;
    /// at most <see cref="ReadChanges.Since"/>, since what follows is kept apart until the feed's end is reached. 0 confirms
    /// nothing.
    /// </param>
    public sealed record Member(string Node, long Term, long LastTerm, long Confirmed = 0) : FeedReader
    {
        /// <summary>The running checksum of its history at <see cref="ReadChanges.Since"/>, or null if it does not know it.</summary>
        public UInt128? Checksum { get; init; }

        /// <summary>Which collection of its name it has: another one's feed is not to be mixed with it.</summary>
        public int Incarnation { get; init; } = 1;
    }
}

/// <summary>
/// Creates or replaces an index. Answered with <see cref="IndexDefined"/> when it is built, or, if that takes longer than
/// <see cref="NodeOptions.IndexBuildWait"/>, with <see cref="IndexBuilding"/>.
/// </summary>
/// <param name="JsonPath">For example <c>$.customer.city</c>.</param>
public sealed record PutIndex(string Database, string Collection, string Name, string JsonPath) : DataRequest(Database, Collection);

/// <summary>Answered with <see cref="IndexDefined"/>, <see cref="IndexBuilding"/> or <see cref="IndexMissing"/>.</summary>
public sealed record GetIndex(string Database, string Collection, string Name) : DataRequest(Database, Collection);

/// <summary>Answered with <see cref="IndexDropped"/> or <see cref="IndexMissing"/>.</summary>
public sealed record DropIndex(string Database, string Collection, string Name) : DataRequest(Database, Collection);

/// <summary>Looks entries up by equality or range. Answered with <see cref="IndexEntriesRead"/> or <see cref="IndexMissing"/>.</summary>
/// <param name="Key">A JSON scalar for equality; empty for a range.</param>
/// <param name="From">Lower bound, inclusive, a JSON scalar; empty for none.</param>
/// <param name="To">Upper bound, inclusive, a JSON scalar; empty for none.</param>
public sealed record ReadIndexEntries(string Database, string Collection, string Name, string Key, string From, string To, int Limit)
    : DataRequest(Database, Collection)
{
    /// <summary>Where the page begins: what the one before gave as <see cref="IndexEntriesRead.Next"/>; empty for the first.</summary>
    public string After { get; init; } = "";
}

/// <summary>Asks for a <see cref="CollectionSummary"/>: number of live documents and checksum of their contents.</summary>
public sealed record SummarizeCollection(string Database, string Collection) : DataRequest(Database, Collection);

/// <summary>
/// Sets how a collection is stored, on every member; creates the collection where it is missing. Answered with
/// <see cref="CollectionDescribed"/> once the catalog has it and this member acts by it.
/// </summary>
/// <param name="Compression">How bodies are stored from now on; those that are there change with the next compaction.</param>
/// <param name="Cap">The size at which the oldest documents make room; null for none.</param>
public sealed record PutCollection(string Database, string Collection, CompressionSetting Compression, CapLimit? Cap)
    : DataRequest(Database, Collection);

/// <summary>Removes a collection with all its documents and indexes, on every member and for good. Answered with <see cref="CollectionDropped"/>.</summary>
public sealed record DropCollection(string Database, string Collection) : DataRequest(Database, Collection);

/// <summary>Asks for a <see cref="CollectionDescribed"/>: settings, indexes and number of documents as this member has them.</summary>
public sealed record DescribeCollection(string Database, string Collection) : DataRequest(Database, Collection);
