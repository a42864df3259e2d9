using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Orchestrator.Storage;

/// <summary>
/// What may be stored as a document: one rule for every way in and for the check of what is stored already. Reasons are parts of
/// sentences; whoever asks says before them which document, line or field it is.
/// </summary>
public static class DocumentRules
{
    /// <summary>Longest document id, in UTF-8 bytes.</summary>
    public const int MaxIdBytes = 512;

    /// <summary>Longest body, in bytes.</summary>
    public const int MaxBodyBytes = 16 << 20;

    /// <summary>Levels of objects and arrays in a body; the document itself is the first.</summary>
    public const int MaxDepth = 64;

    /// <summary>Fields in a body, of all its objects together: whoever reads it needs many times its bytes for them.</summary>
    public const int MaxFields = 100_000;

    /// <summary>The reason for JSON that is cut off, perhaps because it goes on in the next line.</summary>
    public const string Incomplete = "ends in the middle of its object";

    private const string HalfPair = "has a string with half a surrogate pair, such as \\ud800 alone, which stands for no character";

    private const int MaxShownName = 60;

    /// <summary>
    /// Why an id is not allowed for a new document, or null if it is. The same ids can be written into a URL: <c>.</c> and <c>..</c>
    /// cannot, since clients and servers take them for steps in the path, encoded or not (RFC 3986, section 5.2.4).
    /// </summary>
    public static string? WhyIdIsInvalid(string? id) => id is "." or ".."
        ? $"the id '{id}' cannot be part of a URL; choose another one"
        : WhyIdIsUnreadable(id);

    /// <summary>Why bytes are not allowed as a body, or null if they are: one JSON object in UTF-8 without repeated fields.</summary>
    public static string? WhyBodyIsInvalid(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBodyBytes)
        {
            return $"is {body.Length} bytes long; a document has at most {MaxBodyBytes} bytes (16 MiB)";
        }

        if (WhyNotUtf8(body) is { } reason)
        {
            return reason;
        }

        try
        {
            // One level more than allowed, so that the level too many is found here, and named.
            var options = new JsonReaderOptions { MaxDepth = MaxDepth + 1 };
            return WhyNotAnObject(new Utf8JsonReader(body, isFinalBlock: false, new JsonReaderState(options)));
        }
        catch (JsonException e)
        {
            return DescribeJson(e);
        }
        catch (InvalidOperationException)
        {
            return HalfPair;
        }
    }

    /// <summary>Why names and strings in JSON cannot be read, or null if they can: what the parser alone lets pass.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static string? WhyTextIsInvalid(ReadOnlySpan<byte> json)
    {
        if (WhyNotUtf8(json) is { } reason)
        {
            return reason;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }

            return null;
        }
        catch (InvalidOperationException)
        {
            return HalfPair;
        }
    }

    /// <summary>What is wrong with JSON, and where.</summary>
    public static string DescribeJson(JsonException e) => e.LineNumber > 0
        ? $"{DescribeJsonFault(e)} at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"
        : $"{DescribeJsonFault(e)} at byte {e.BytePositionInLine + 1}";

    /// <summary>What is wrong with JSON. The parser tells by its text alone that it is too deep.</summary>
    public static string DescribeJsonFault(JsonException e) => e.Message.Contains("maximum configured depth", StringComparison.Ordinal)
        ? $"has more than {MaxDepth} levels of objects and arrays"
        : "is not valid JSON";

    /// <summary>Why an id cannot be in a feed. What older versions let in must still be replicated, and deleted.</summary>
    internal static string? WhyIdIsUnreadable(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return "the id must not be empty";
        }

        foreach (var rune in id.EnumerateRunes())
        {
            // EnumerateRunes gives U+FFFD for a lone surrogate; the same character written out is legal but pointless.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return $"the id '{id}' has a control or invalid character";
            }
        }

        var bytes = Encoding.UTF8.GetByteCount(id);
        return bytes > MaxIdBytes ? $"the id has {bytes} bytes in UTF-8; {MaxIdBytes} are allowed" : null;
    }

    private static string? WhyNotAnObject(Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return "must be a JSON object";
        }

        // The names of each object that is open, by its level.
        var names = new List<HashSet<string>> { new(StringComparer.Ordinal) };
        var fields = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MaxDepth:
                    return $"has more than {MaxDepth} levels of objects and arrays at byte {reader.TokenStartIndex + 1}; {MaxDepth} are allowed";
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Open(names, reader.CurrentDepth);
                    break;
                case JsonTokenType.PropertyName when ++fields > MaxFields:
                    return $"has more than {MaxFields} fields at byte {reader.TokenStartIndex + 1}; {MaxFields} are allowed";
                case JsonTokenType.PropertyName:
                    var name = reader.GetString()!;
                    if (!names[reader.CurrentDepth - 1].Add(name))
                    {
                        return $"has the field '{Shortened(name)}' twice in one object, the second time at byte {reader.TokenStartIndex + 1}; keep one of them";
                    }

                    break;
                case JsonTokenType.String when reader.ValueIsEscaped:
                    // Finds escapes that stand for no character, which the reader alone lets pass.
                    _ = reader.GetString();
                    break;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0 ? null : Incomplete;
    }

    private static void Open(List<HashSet<string>> names, int depth)
    {
        if (depth == names.Count)
        {
            names.Add(new HashSet<string>(StringComparer.Ordinal));
        }
        else
        {
            names[depth].Clear();
        }
    }

    private static string? WhyNotUtf8(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            return null;
        }

        var at = FirstInvalid(text);
        return $"is not UTF-8: byte {at + 1} (0x{text[at]:X2}) belongs to another encoding; convert the text to UTF-8";
    }

    private static int FirstInvalid(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(body[at..], out _, out var bytes) == System.Buffers.OperationStatus.Done)
        {
            at += bytes;
        }

        return at;
    }

    private static string Shortened(string name) => name.Length <= MaxShownName ? name : name[..MaxShownName] + "...";
}
