namespace Orchestrator.Storage;

/// <summary>One write that a client asks for: a put or a delete.</summary>
public abstract record WriteOperation
{
    /// <summary>As <see cref="ExpectedRev"/>: the document must not exist.</summary>
    public const string MustNotExist = "";

    private WriteOperation(string id, string? expectedRev)
    {
        Id = id;
        ExpectedRev = expectedRev;
    }

    /// <summary>See <see cref="DocumentRules.WhyIdIsInvalid"/>.</summary>
    public string Id { get; }

    /// <summary>
    /// Null: whatever is there. <see cref="MustNotExist"/>: only if there is no live document. Else: only if the
    /// live document has this rev.
    /// </summary>
    public string? ExpectedRev { get; }

    /// <summary>Stores a document under an id, whether one is there or not.</summary>
    public sealed record Put : WriteOperation
    {
        /// <exception cref="ArgumentException">The id or the body is not allowed; the message says why.</exception>
        public Put(string id, ReadOnlyMemory<byte> body, string? expectedRev = null)
            : base(id, expectedRev)
        {
            if (DocumentRules.WhyIdIsInvalid(id) is { } wrong)
            {
                throw new ArgumentException(wrong, nameof(id));
            }

            if (DocumentRules.WhyBodyIsInvalid(body.Span) is { } why)
            {
                throw new ArgumentException($"document '{id}' {why}", nameof(body));
            }

            Body = body;
        }

        /// <summary>Whether nothing is written where the live document has the very same body.</summary>
        public bool KeepsSame { get; init; }

        /// <summary>One JSON object in UTF-8, stored byte for byte.</summary>
        public ReadOnlyMemory<byte> Body { get; }
    }

    /// <summary>Deletes a document; a tombstone takes its place in the feed.</summary>
    public sealed record Delete : WriteOperation
    {
        /// <param name="id">Of any form: what could be stored once can be deleted.</param>
        /// <exception cref="ArgumentException">The id is empty.</exception>
        public Delete(string id, string? expectedRev = null)
            : base(id, expectedRev)
        {
            ArgumentException.ThrowIfNullOrEmpty(id);
        }
    }
}

/// <summary>What became of one <see cref="WriteOperation"/>.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>On disk, as change <paramref name="Seq"/>.</summary>
    /// <param name="Seq">Place in the feed, from 1.</param>
    /// <param name="Rev">The document's new rev, the same on every replica.</param>
    /// <param name="Created">True if there was no live document before.</param>
    public sealed record Written(long Seq, string Rev, bool Created) : WriteOutcome;

    /// <summary>The live document has the very body already; see <see cref="WriteOperation.Put.KeepsSame"/>. Nothing was written.</summary>
    /// <param name="Seq">Place in the feed of what is there.</param>
    /// <param name="Rev">The document's rev.</param>
    public sealed record Unchanged(long Seq, string Rev) : WriteOutcome;

    /// <summary>Refused: the document is not in the expected rev. Nothing was written.</summary>
    /// <param name="CurrentRev">Rev of the live document, or null if there is none.</param>
    public sealed record Conflict(string? CurrentRev) : WriteOutcome;

    /// <summary>A delete of a document that is not there. Nothing was written.</summary>
    public sealed record NotFound : WriteOutcome;
}
