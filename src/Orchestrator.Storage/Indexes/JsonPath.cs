using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// A path to one value: member names and array positions, the "normalized path" part of RFC 9535 plus dot notation.
/// </summary>
internal sealed class JsonPath
{
    private const int MaxSegments = 32;
    private readonly Segment[] segments;

    private JsonPath(Segment[] segments)
    {
        this.segments = segments;
    }

    /// <exception cref="ArgumentException">Not a path; the message says where.</exception>
    public static JsonPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var segments = new List<Segment>();
        var at = 0;
        if (text.StartsWith('$'))
        {
            at = 1;
        }
        else
        {
            segments.Add(ReadName(text, ref at));
        }

        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                at++;
                segments.Add(ReadName(text, ref at));
            }
            else if (text[at] == '[')
            {
                segments.Add(ReadBracket(text, ref at));
            }
            else
            {
                throw Error(text, at, "'.' or '[' expected");
            }

            if (segments.Count > MaxSegments)
            {
                throw Error(text, at, $"more than {MaxSegments} parts");
            }
        }

        return segments.Count > 0 ? new JsonPath([.. segments]) : throw Error(text, at, "a member name is missing");
    }

    /// <summary>The key of the document's value at this path, or null if there is no scalar there.</summary>
    public IndexKey? Extract(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read())
            {
                return null;
            }

            foreach (var segment in segments)
            {
                if (!(segment.Name is null ? EnterElement(ref reader, segment.Position) : EnterMember(ref reader, segment.Name)))
                {
                    return null;
                }
            }

            return IndexKey.FromToken(ref reader);
        }
        catch (JsonException)
        {
            // Bodies are checked when they are written; one that still cannot be read has no entry.
            return null;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder("$");
        foreach (var segment in segments)
        {
            if (segment.Name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{segment.Position}]");
            }
            else if (segment.Text!.All(IsPlain))
            {
                text.Append('.').Append(segment.Text);
            }
            else
            {
                text.Append("['").Append(segment.Text!.Replace("\\", "\\\\").Replace("'", "\\'")).Append("']");
            }
        }

        return text.ToString();
    }

    private static bool EnterMember(ref Utf8JsonReader reader, byte[] name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool EnterElement(ref Utf8JsonReader reader, int position)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == position)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static Segment ReadName(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && IsPlain(text[at]))
        {
            at++;
        }

        return at > start ? Segment.Member(text[start..at]) : throw Error(text, at, "a member name is missing");
    }

    private static Segment ReadBracket(string text, ref int at)
    {
        at++;
        if (at < text.Length && text[at] is '\'' or '"')
        {
            var name = ReadQuoted(text, ref at);
            Expect(text, ref at, ']');
            return Segment.Member(name);
        }

        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            throw Error(text, start, "an array position or a quoted name expected");
        }

        Expect(text, ref at, ']');
        return new Segment(null, null, position);
    }

    private static string ReadQuoted(string text, ref int at)
    {
        var quote = text[at++];
        var name = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            name.Append(text[at++]);
        }

        Expect(text, ref at, quote);
        return name.ToString();
    }

    private static void Expect(string text, ref int at, char expected)
    {
        if (at >= text.Length || text[at] != expected)
        {
            throw Error(text, at, $"'{expected}' expected");
        }

        at++;
    }

    private static bool IsPlain(char c) => c is not ('.' or '[' or ']' or '\'' or '"' or '$' or '*' or '?' or '\\') && !char.IsWhiteSpace(c) && !char.IsControl(c);

    private static ArgumentException Error(string text, int at, string what) =>
        new($"The JSON path '{text}' is not valid at position {at + 1}: {what}.", "jsonPath");

    private sealed record Segment(string? Text, byte[]? Name, int Position)
    {
        public static Segment Member(string name) => new(name, Encoding.UTF8.GetBytes(name), 0);
    }
}
