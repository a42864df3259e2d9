using Akka.Actor;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The answer to a <see cref="DataRequest"/>.</summary>
public abstract record DataReply : INoSerializationVerificationNeeded;

/// <summary>The write is on as many disks as was asked for.</summary>
public sealed record DocumentWritten(string Id, string Rev, long Sequence, long Term) : DataReply;

public sealed record DocumentFound(string Id, string Rev, long Sequence, ReadOnlyMemory<byte> Body) : DataReply;

/// <param name="Documents">In the order of their ids.</param>
/// <param name="More">Whether there are others after them.</param>
public sealed record DocumentsListed(IReadOnlyList<StoredDocument> Documents, bool More) : DataReply;

/// <param name="Collections">In the order of their names; without those of the node itself.</param>
public sealed record CollectionsListed(IReadOnlyList<ListedCollection> Collections) : DataReply;

/// <param name="Indexes">Names of its indexes.</param>
public sealed record ListedCollection(string Database, string Collection, IReadOnlyList<string> Indexes);

public sealed record DocumentMissing(string Id) : DataReply;

/// <summary>All writes of a bulk are on as many disks as was asked for.</summary>
/// <param name="Count">Writes that changed something.</param>
public sealed record BulkWritten(int Count, long LastSequence, long Term) : DataReply
{
    /// <summary>Documents that were not there.</summary>
    public int Created { get; init; }

    /// <summary>Documents that had another body.</summary>
    public int Replaced { get; init; }

    /// <summary>Documents that had the very same body: they keep their revision.</summary>
    public int Unchanged { get; init; }

    public int Deleted { get; init; }
}

/// <summary>A piece of the change feed. <see cref="Replication.FeedJson"/> is its form on the wire.</summary>
/// <param name="Term">The term that the answering node follows.</param>
/// <param name="HeldByAllThrough">Every configured member has the changes up to this sequence number on disk, as far as the answering node knows.</param>
public sealed record ChangesRead(ChangeBatch Batch, long Term, long HeldByAllThrough) : DataReply;

/// <summary>The reader follows a lower term than this node has promised: it must find the new primary first.</summary>
public sealed record TermStale(long PromisedTerm) : DataReply;

/// <summary>The reader's history parts from this one: it must drop everything after <paramref name="CommonSequence"/>.</summary>
public sealed record HistoryParted(long CommonSequence, long Term) : DataReply
{
    /// <summary>
    /// Why nothing tells where they part: the reader has lost changes, or has others of the same term, and must copy the collection anew. Empty
    /// where <see cref="CommonSequence"/> tells it.
    /// </summary>
    public string Difference { get; init; } = "";
}

/// <summary>
/// The index is defined and being built here, or waits for its turn; look-ups are refused until it is built. Writes go on meanwhile.
/// </summary>
/// <param name="Fraction">About how much of it is built, 0 to 1.</param>
/// <param name="Problem">Why it cannot be built now; it is tried again. Else empty.</param>
public sealed record IndexBuilding(string Name, string JsonPath, double Fraction, string Problem) : DataReply;

/// <summary>The index is built here. Other members build it when the catalog reaches them.</summary>
public sealed record IndexDefined(string Name, string JsonPath) : DataReply;

public sealed record IndexDropped(string Name) : DataReply;

public sealed record IndexMissing(string Name) : DataReply;

/// <param name="Key">The key as JSON.</param>
public sealed record IndexEntry(string Key, string Id);

/// <summary>Entries of an index in key order.</summary>
/// <param name="Next">Where the next page begins; empty if there is none.</param>
public sealed record IndexEntriesRead(IReadOnlyList<IndexEntry> Entries, string Next) : DataReply;

/// <param name="Checksum">SHA-256 over the live documents in id order, hexadecimal; equal on members with equal contents.</param>
public sealed record CollectionSummary(long Documents, string Checksum, long LastSequence) : DataReply;

/// <summary>A collection as this member has it.</summary>
/// <param name="Settings">Its settings and indexes.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="LastSequence">The last change.</param>
public sealed record CollectionDescribed(CollectionSettings Settings, long Documents, long LastSequence) : DataReply
{
    /// <summary>Indexes that are being built here.</summary>
    public IReadOnlyList<IndexBuilding> Building { get; init; } = [];
}

/// <summary>A majority has on disk that the collection is no more.</summary>
public sealed record CollectionDropped(string Database, string Collection) : DataReply;

/// <summary>Another member takes this request.</summary>
/// <param name="PrimaryAddress">Base URL of the primary; empty when there is none now.</param>
public sealed record NotPrimary(string Primary, string PrimaryAddress) : DataReply;

/// <summary>The revision is not the expected one.</summary>
/// <param name="PresentRev">Empty if there is no such document.</param>
public sealed record WriteConflict(string Id, string ExpectedRev, string PresentRev) : DataReply;

/// <summary>The write is on the primary's disk, but a majority did not confirm it in time: it may survive or not.</summary>
public sealed record WriteNotConfirmed(string Reason) : DataReply;

/// <summary>The node does not serve this now.</summary>
public sealed record DataUnavailable(string Reason, TimeSpan RetryAfter) : DataReply;

/// <summary>The request is wrong; the message names the field.</summary>
public sealed record DataInvalid(string Field, string Message) : DataReply
{
    /// <summary>The argument that storage refused, and why, without what .NET adds for programmers.</summary>
    /// <param name="otherwise">The field, where the error names no argument.</param>
    internal static DataInvalid Of(ArgumentException error, string otherwise) =>
        new(error.ParamName is "jsonPath" ? "path" : error.ParamName ?? otherwise, Core.ErrorText.Of(error));
}

/// <summary>No such database or collection.</summary>
public sealed record CollectionMissing(string Database, string Collection) : DataReply;
