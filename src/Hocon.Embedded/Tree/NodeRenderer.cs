using System.Globalization;
using System.Text;

namespace Hocon.Tree;

/// <summary>
/// Writes a resolved tree as JSON, which is HOCON too: strings in quotes, numbers, booleans and null bare. Reading the
/// text back gives an equal tree.
/// </summary>
internal static class NodeRenderer
{
    /// <param name="node">What to write.</param>
    /// <param name="indent">Spaces for each level; 0 writes one line.</param>
    public static string Render(ConfigNode node, int indent = 2)
    {
        var text = new StringBuilder();
        Write(text, node, indent, 0);
        return text.ToString();
    }

    /// <summary>A string as a JSON literal; unpaired surrogates and control characters are escaped.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                text.Append(c).Append(value[++i]);
                continue;
            }

            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFEFF'
                    => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>Whether a scalar reads as a JSON number or boolean and may stand without quotes.</summary>
    public static bool IsBare(ScalarNode scalar) => scalar.Kind switch
    {
        ScalarKind.Null => true,
        ScalarKind.Unquoted => scalar.Text is "true" or "false" || IsNumber(scalar.Text),
        _ => false,
    };

    /// <summary>Whether a text is a number by JSON's grammar.</summary>
    public static bool IsNumber(string text)
    {
        var i = text.StartsWith('-') ? 1 : 0;
        var whole = Digits(text, ref i);
        if (whole == 0 || (whole > 1 && text[i - whole] == '0'))
        {
            return false;
        }

        if (i < text.Length && text[i] == '.')
        {
            i++;
            if (Digits(text, ref i) == 0)
            {
                return false;
            }
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            i += i < text.Length && text[i] is '+' or '-' ? 1 : 0;
            if (Digits(text, ref i) == 0)
            {
                return false;
            }
        }

        return i == text.Length;
    }

    private static int Digits(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        return position - start;
    }

    private static void Write(StringBuilder text, ConfigNode node, int indent, int level)
    {
        switch (node)
        {
            case ScalarNode scalar:
                text.Append(IsBare(scalar) ? scalar.Text : Quote(scalar.Text));
                break;
            case ArrayNode array:
                WriteItems(text, '[', ']', array.Items, indent, level, item => Write(text, item, indent, level + 1));
                break;
            case ObjectNode fields:
                WriteItems(text, '{', '}', fields.Fields, indent, level, field =>
                {
                    text.Append(Quote(field.Key)).Append(": ");
                    Write(text, field.Value, indent, level + 1);
                });
                break;
        }
    }

    private static void WriteItems<T>(StringBuilder text, char open, char close, IReadOnlyList<T> items, int indent, int level, Action<T> write)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            NewLine(text, indent, level + 1, i > 0);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            NewLine(text, indent, level, false);
        }

        text.Append(close);
    }

    private static void NewLine(StringBuilder text, int indent, int level, bool spaceOnOneLine)
    {
        if (indent > 0)
        {
            text.Append('\n').Append(' ', indent * level);
        }
        else if (spaceOnOneLine)
        {
            text.Append(' ');
        }
    }
}
