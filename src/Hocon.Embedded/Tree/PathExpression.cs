using System.Text;

namespace Hocon.Tree;

/// <summary>Paths as text: keys joined by dots, a key in quotes where it holds anything but letters, digits, '-' and '_'.</summary>
internal static class PathExpression
{
    /// <summary>Splits a path such as <c>a.b."c.d"</c>.</summary>
    /// <exception cref="HoconException">The path is empty, or has an empty or unfinished element.</exception>
    public static IReadOnlyList<string> Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var keys = new List<string>();
        var position = 0;
        do
        {
            keys.Add(ReadKey(path, ref position));
        }
        while (position++ < path.Length);

        return keys;
    }

    /// <summary>Writes a path so that <see cref="Parse"/> reads it back.</summary>
    public static string Render(IEnumerable<string> keys) => string.Join('.', keys.Select(RenderKey));

    public static string RenderKey(string key)
    {
        return key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? key
            : NodeRenderer.Quote(key);
    }

    private static string ReadKey(string path, ref int position)
    {
        var key = new StringBuilder();
        var quoted = false;
        while (position < path.Length && path[position] != '.')
        {
            if (path[position] != '"')
            {
                key.Append(path[position++]);
                continue;
            }

            quoted = true;
            position++;
            while (position < path.Length && path[position] != '"')
            {
                key.Append(ReadQuotedCharacter(path, ref position));
            }

            if (position++ >= path.Length)
            {
                throw new HoconException($"The path '{path}' has a quote that is not closed.");
            }
        }

        return quoted || key.Length > 0
            ? key.ToString()
            : throw new HoconException($"The path '{path}' has an empty element; expected keys joined by single dots.");
    }

    private static char ReadQuotedCharacter(string path, ref int position)
    {
        var c = path[position++];
        if (c != '\\' || position >= path.Length)
        {
            return c;
        }

        var escaped = path[position++];
        if (escaped == 'u' && position + 4 <= path.Length
            && ushort.TryParse(path.AsSpan(position, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code))
        {
            position += 4;
            return (char)code;
        }

        return escaped switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escaped };
    }
}
