using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Replication;

/// <summary>
/// The JSON form of a piece of a change feed, as <c>GET .../changes</c> answers it to clients and to members:
/// <code>
/// {"term":3,"since":10,"sinceTerm":2,"through":12,"lastSeq":12,"lastTerm":3,"purgedThrough":0,"heldByAllThrough":12,
///  "terms":[{"term":3,"firstSeq":11}],
///  "history":[{"seq":10,"checksum":"…"},{"seq":12,"checksum":"…"}],
///  "changes":[{"seq":11,"id":"a","rev":"…","term":3,"deleted":false,"body":{…}},
///             {"seq":12,"id":"b","rev":"…","term":3,"deleted":true,"deletedAt":"2026-01-31T12:00:00.000Z"}]}
/// </code>
/// <c>term</c> is the one that the answering node follows. A body is carried byte for byte, so that replicas have equal
/// checksums. The query: <c>since</c> (default 0), <c>limit</c> (default <see cref="DefaultLimit"/>), <c>wait</c> in
/// seconds (default 0); a member adds <c>member</c>, <c>term</c>, <c>lastTerm</c>, <c>confirmed</c> (default 0) and, if it knows it,
/// <c>checksum</c>, the running checksum of its history at <c>since</c>, and gets <c>history</c>, that of the source at the ends of its commits. With <c>id</c> instead of
/// <c>since</c> the answer holds the present version of that document alone, if there is one.
/// Status codes beside 200, all with a problem document that has the named members:
/// 307 to the primary (<c>Location</c>); 404 no such collection; 409 the reader's term is stale
/// (<c>promisedTerm</c>); 410 the reader's history differs (<c>commonSequence</c>, <c>term</c>, and <c>difference</c> where it must copy all anew); 503 not served now
/// (<c>Retry-After</c>).
/// </summary>
public static class FeedJson
{
    /// <summary>Changes in an answer unless the query says otherwise.</summary>
    public const int DefaultLimit = 1000;

    /// <summary>Changes in an answer at most.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>Name of the member that a 409 for a stale term adds to its problem document.</summary>
    public const string PromisedTermName = "promisedTerm";

    /// <summary>Name of the member that a 410 for a parted history adds to its problem document.</summary>
    public const string CommonSequenceName = "commonSequence";

    /// <summary>Name of the member that a 410 adds if the collection must be copied anew: why.</summary>
    public const string DifferenceName = "difference";

    /// <summary>Name of the query's parameter, and of the field of a point of the history.</summary>
    public const string ChecksumName = "checksum";

    /// <summary>Name of the member that says which term the answering node follows.</summary>
    public const string TermName = "term";

    // A body stands three levels below the feed's own.
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = DocumentRules.MaxDepth + 3 };

    /// <summary>Writes a piece of a feed.</summary>
    public static void Write(IBufferWriter<byte> output, ChangesRead read)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        var batch = read.Batch;
        writer.WriteStartObject();
        writer.WriteNumber(TermName, read.Term);
        writer.WriteNumber("since", batch.Since);
        writer.WriteNumber("sinceTerm", batch.SinceTerm);
        writer.WriteNumber("through", batch.Through);
        writer.WriteNumber("lastSeq", batch.Last.Seq);
        writer.WriteNumber("lastTerm", batch.Last.Term);
        writer.WriteNumber("purgedThrough", batch.PurgedThrough);
        writer.WriteNumber("heldByAllThrough", read.HeldByAllThrough);
        writer.WriteStartArray("terms");
        foreach (var start in batch.Terms)
        {
            writer.WriteStartObject();
            writer.WriteNumber("term", start.Term);
            writer.WriteNumber("firstSeq", start.FirstSeq);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteHistory(writer, batch.History);
        writer.WriteStartArray("changes");
        foreach (var change in batch.Changes)
        {
            WriteChange(writer, change);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <exception cref="JsonException">Not that form; the message names the member.</exception>
    public static ChangesRead Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, Reading);
        var root = document.RootElement;
        var terms = Required(root, "terms", JsonValueKind.Array).EnumerateArray()
            .Select(start => new TermStart(Number(start, "term"), Number(start, "firstSeq")))
            .ToList();
        var changes = Required(root, "changes", JsonValueKind.Array).EnumerateArray().Select(ReadChange).ToList();
        var batch = new ChangeBatch(
            Number(root, "since"),
            Number(root, "sinceTerm"),
            Number(root, "through"),
            changes,
            terms,
            new FeedPosition(Number(root, "lastTerm"), Number(root, "lastSeq")),
            Number(root, "purgedThrough"))
        {
            History = ReadHistory(root),
        };
        return new ChangesRead(batch, Number(root, TermName), Number(root, "heldByAllThrough"));
    }

    /// <summary>A checksum as it is written; null if it is none.</summary>
    public static UInt128? ReadChecksum(string? text) =>
        text is { Length: 32 } && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum) ? checksum : null;

    private static void WriteHistory(Utf8JsonWriter writer, IReadOnlyList<HistoryPoint> history)
    {
        if (history.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("history");
        foreach (var point in history)
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq", point.Seq);
            writer.WriteString(ChecksumName, point.Checksum.ToString("x32", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>A source of an earlier version tells none.</summary>
    private static List<HistoryPoint> ReadHistory(JsonElement root) => root.TryGetProperty("history", out _)
        ? [.. Required(root, "history", JsonValueKind.Array).EnumerateArray().Select(point => new HistoryPoint(
            Number(point, "seq"),
            ReadChecksum(Required(point, ChecksumName, JsonValueKind.String).GetString())
                ?? throw new JsonException($"the change feed's '{ChecksumName}' is not 32 hexadecimal digits")))]
        : [];

    private static void WriteChange(Utf8JsonWriter writer, ChangeRecord change)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq", change.Seq);
        writer.WriteString("id", change.Id);
        writer.WriteString("rev", change.Rev);
        writer.WriteNumber("term", change.Term);
        writer.WriteBoolean("deleted", change.Deleted);
        if (change.DeletedAt is { } deletedAt)
        {
            writer.WriteString("deletedAt", deletedAt);
        }
        else
        {
            writer.WritePropertyName("body");
            writer.WriteRawValue(change.Body.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static ChangeRecord ReadChange(JsonElement change)
    {
        var deleted = Required(change, "deleted", JsonValueKind.True, JsonValueKind.False).GetBoolean();
        return new ChangeRecord(
            Number(change, "seq"),
            Required(change, "id", JsonValueKind.String).GetString()!,
            Required(change, "rev", JsonValueKind.String).GetString()!,
            Number(change, "term"),
            deleted ? Instant(change, "deletedAt") : null,
            deleted ? default : JsonMarshal.GetRawUtf8Value(Required(change, "body", JsonValueKind.Object)).ToArray());
    }

    private static JsonElement Required(JsonElement parent, string name, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var value) || !kinds.Contains(value.ValueKind))
        {
            throw new JsonException($"the change feed's '{name}' is missing or of a wrong kind");
        }

        return value;
    }

    private static long Number(JsonElement parent, string name) =>
        Required(parent, name, JsonValueKind.Number).TryGetInt64(out var number)
            ? number
            : throw new JsonException($"the change feed's '{name}' is not a whole number");

    private static DateTimeOffset Instant(JsonElement parent, string name) =>
        Required(parent, name, JsonValueKind.String).TryGetDateTimeOffset(out var instant)
            ? instant
            : throw new JsonException($"the change feed's '{name}' is not a time");
}
