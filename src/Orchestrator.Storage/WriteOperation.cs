using System.Text;
using System.Text.Json;

namespace Orchestrator.Storage;

/// <summary>One write that a client asks for: a put or a delete.</summary>
public abstract record WriteOperation
{
    /// <summary>As <see cref="ExpectedRev"/>: the document must not exist.</summary>
    public const string MustNotExist = "";

    /// <summary>Longest document id, in UTF-8 bytes.</summary>
    public const int MaxIdBytes = 512;

    /// <summary>Longest body, in bytes.</summary>
    public const int MaxBodyBytes = 16 << 20;

    private WriteOperation(string id, string? expectedRev)
    {
        if (WhyIdIsInvalid(id) is { } why)
        {
            throw new ArgumentException(why, nameof(id));
        }

        Id = id;
        ExpectedRev = expectedRev;
    }

    /// <summary>1 to <see cref="MaxIdBytes"/> UTF-8 bytes, no control characters.</summary>
    public string Id { get; }

    /// <summary>
    /// Null: whatever is there. <see cref="MustNotExist"/>: only if there is no live document. Else: only if the
    /// live document has this rev.
    /// </summary>
    public string? ExpectedRev { get; }

    /// <summary>Why a document id is not allowed, or null if it is.</summary>
    public static string? WhyIdIsInvalid(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return "A document id must not be empty.";
        }

        foreach (var rune in id.EnumerateRunes())
        {
            // EnumerateRunes gives U+FFFD for a lone surrogate; the same character written out is legal but pointless.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return $"The document id '{id}' has a control or invalid character.";
            }
        }

        var bytes = Encoding.UTF8.GetByteCount(id);
        return bytes > MaxIdBytes ? $"A document id has at most {MaxIdBytes} UTF-8 bytes, this one has {bytes}." : null;
    }

    /// <summary>Why bytes are not allowed as a body, or null if they are: one JSON object in UTF-8.</summary>
    public static string? WhyBodyIsInvalid(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBodyBytes)
        {
            return $"A document has at most {MaxBodyBytes} bytes, this one has {body.Length}.";
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "A document must be a JSON object.";
            }

            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            return "Not valid JSON: " + e.Message;
        }
    }

    /// <summary>Stores a document under an id, whether one is there or not.</summary>
    public sealed record Put : WriteOperation
    {
        /// <exception cref="ArgumentException">The id or the body is not allowed; the message says why.</exception>
        public Put(string id, ReadOnlyMemory<byte> body, string? expectedRev = null)
            : base(id, expectedRev)
        {
            if (WhyBodyIsInvalid(body.Span) is { } why)
            {
                throw new ArgumentException($"Document '{id}': {why}", nameof(body));
            }

            Body = body;
        }

        /// <summary>One JSON object in UTF-8, stored byte for byte.</summary>
        public ReadOnlyMemory<byte> Body { get; }
    }

    /// <summary>Deletes a document; a tombstone takes its place in the feed.</summary>
    public sealed record Delete : WriteOperation
    {
        /// <exception cref="ArgumentException">The id is not allowed; the message says why.</exception>
        public Delete(string id, string? expectedRev = null)
            : base(id, expectedRev)
        {
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

    /// <summary>Refused: the document is not in the expected rev. Nothing was written.</summary>
    /// <param name="CurrentRev">Rev of the live document, or null if there is none.</param>
    public sealed record Conflict(string? CurrentRev) : WriteOutcome;

    /// <summary>A delete of a document that is not there. Nothing was written.</summary>
    public sealed record NotFound : WriteOutcome;
}
