namespace Orchestrator.Core.Nodes;

/// <summary>
/// Asks a member for digests of a piece of a collection's feed, so that members can be compared without sending documents. Answered with
/// <see cref="RangesDigested"/>. Holds nothing up: it reads one snapshot of at most some 8 000 changes, or 32 MiB.
/// </summary>
/// <param name="After">The piece begins after this sequence number.</param>
/// <param name="Through">And ends with this one at the latest.</param>
/// <param name="Borders">
/// Ends of the ranges, ascending, the last one the end of the piece; empty lets the member choose ranges of bounded size.
/// </param>
public sealed record DigestRanges(long Epoch, string Database, string Collection, long After, long Through, IReadOnlyList<long> Borders) : INodeCommand
{
    /// <summary>Tombstones up to this sequence number are left out: some members may have dropped them.</summary>
    public long TombstonesAfter { get; init; }
}

/// <summary>Digests of consecutive ranges, of one snapshot.</summary>
/// <param name="Sequence">Where the member's feed ended.</param>
/// <param name="PurgedThrough">The last tombstone that the member has dropped; 0 if it has dropped none.</param>
/// <param name="Ranges">Ascending, each beginning where the former one ends; empty if there is nothing after the beginning.</param>
public sealed record RangesDigested(string Node, long Sequence, long PurgedThrough, IReadOnlyList<RangeDigest> Ranges)
{
    /// <summary>Why the member cannot be compared now; else empty.</summary>
    public string NotComparable { get; init; } = "";
}

/// <summary>Everything that a member has in a range of the feed.</summary>
/// <param name="After">The range begins after this sequence number.</param>
/// <param name="Through">And ends with this one.</param>
/// <param name="Rows">Changes in it.</param>
/// <param name="Digest">
/// Sum, modulo 2^128, of the first 16 bytes of each change's SHA-256 over sequence number, term, id, revision, whether it is deleted, and
/// body; hexadecimal. Equal contents give equal digests in whatever order they are read; meant against accidents, not against forgery.
/// </param>
public sealed record RangeDigest(long After, long Through, long Rows, string Digest);

/// <summary>
/// Asks a member which versions it holds: of some documents, or of everything in a range of the feed. Answered with
/// <see cref="VersionsListed"/>.
/// </summary>
/// <param name="After">The range begins after this sequence number. Unused with <paramref name="Ids"/>.</param>
/// <param name="Through">And ends with this one.</param>
/// <param name="Ids">At most 100 ids of documents; empty for the range.</param>
public sealed record ListVersions(long Epoch, string Database, string Collection, long After, long Through, IReadOnlyList<string> Ids) : INodeCommand
{
    /// <inheritdoc cref="DigestRanges.TombstonesAfter"/>
    public long TombstonesAfter { get; init; }
}

/// <summary>What a member holds, of one snapshot.</summary>
/// <param name="Sequence">Where the member's feed ended.</param>
/// <param name="PurgedThrough">The last tombstone that the member has dropped; 0 if it has dropped none.</param>
/// <param name="Through">Of a range: the versions are all up to this sequence number; ask on from here.</param>
/// <param name="Versions">Ascending by sequence number; of named documents those that it has.</param>
public sealed record VersionsListed(string Node, long Sequence, long PurgedThrough, long Through, IReadOnlyList<HeldVersion> Versions)
{
    /// <summary>Why the member cannot be compared now; else empty.</summary>
    public string NotComparable { get; init; } = "";
}

/// <summary>The version of a document that a member holds.</summary>
/// <param name="Digest">Of this change alone, as in <see cref="RangeDigest.Digest"/>.</param>
public sealed record HeldVersion(long Sequence, string Id, bool Deleted, string Digest);
