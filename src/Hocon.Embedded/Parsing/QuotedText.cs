using System.Globalization;
using System.Text;

namespace Hocon.Parsing;

/// <summary>Reads strings in quotes, JSON's and the ones in triple quotes.</summary>
internal static class QuotedText
{
    private const string TripleQuote = "\"\"\"";

    /// <summary>Reads the string that begins at the cursor with a quote.</summary>
    public static string Read(TextCursor cursor) => cursor.At(TripleQuote) ? ReadTriple(cursor) : ReadSingle(cursor);

    private static string ReadSingle(TextCursor cursor)
    {
        var text = new StringBuilder();
        cursor.Take();
        while (cursor.Current != '"')
        {
            if (cursor.Current is TextCursor.End or '\n')
            {
                throw cursor.Expected("the closing quote of the string");
            }

            text.Append(cursor.Current == '\\' ? ReadEscape(cursor) : cursor.Take());
        }

        cursor.Take();
        return text.ToString();
    }

    /// <summary>Between triple quotes nothing is escaped; of more than three closing quotes the last three close.</summary>
    private static string ReadTriple(TextCursor cursor)
    {
        var start = cursor.Here;
        var text = new StringBuilder();
        cursor.Skip(TripleQuote.Length);
        while (!cursor.At(TripleQuote) || cursor.Peek(TripleQuote.Length) == '"')
        {
            if (cursor.Current == TextCursor.End)
            {
                throw new HoconParserException(start, "expected three closing quotes for this string, found the end of the text");
            }

            text.Append(cursor.Take());
        }

        cursor.Skip(TripleQuote.Length);
        return text.ToString();
    }

    private static char ReadEscape(TextCursor cursor)
    {
        cursor.Take();
        var escaped = cursor.Current switch
        {
            '"' or '\\' or '/' => (char)cursor.Current,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => ReadCodeUnit(cursor),
            _ => throw cursor.Expected("one of \" \\ / b f n r t u after the backslash (in triple quotes a backslash is not special)"),
        };
        cursor.Take();
        return escaped;
    }

    /// <summary>Reads uXXXX and leaves the cursor on the last digit.</summary>
    private static char ReadCodeUnit(TextCursor cursor)
    {
        var code = 0;
        for (var i = 0; i < 4; i++)
        {
            cursor.Take();
            if (cursor.Current == TextCursor.End || !char.IsAsciiHexDigit((char)cursor.Current))
            {
                throw cursor.Expected("four hexadecimal digits after \\u");
            }

            code = (code * 16) + int.Parse([(char)cursor.Current], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return (char)code;
    }
}
