using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>Reads values: concatenations of strings, arrays, objects and substitutions.</summary>
/// <param name="cursor">The text.</param>
/// <param name="prefix">Path at which the text is included.</param>
/// <param name="parseObject">Reads an object, given its path and depth, with the cursor on its brace.</param>
internal sealed class ValueParser(TextCursor cursor, IReadOnlyList<string> prefix, Func<IReadOnlyList<string>, int, RawObject> parseObject)
{
    /// <summary>Reads a value up to the comma, line end, comment or bracket that ends it.</summary>
    /// <param name="path">Path of the field, relative to the text's root.</param>
    /// <param name="depth">Nesting around the value.</param>
    public RawValue Parse(IReadOnlyList<string> path, int depth)
    {
        var start = cursor.Here;
        var parts = new List<RawValue>();
        while (true)
        {
            var spaceOrigin = cursor.Here;
            var spaces = cursor.TakeSpaces();
            if (AtEndOfValue)
            {
                break;
            }

            if (spaces.Length > 0 && parts.Count > 0)
            {
                parts.Add(new RawSpace(spaceOrigin, spaces));
            }

            parts.Add(ParsePart(path, depth));
        }

        return parts.Count switch
        {
            0 => throw cursor.Expected("a value"),
            1 => parts[0],
            _ => new RawConcatenation(start, parts),
        };
    }

    private bool AtEndOfValue => cursor.Current is TextCursor.End or '\n' or ',' or '}' or ']' || cursor.AtComment;

    private RawValue ParsePart(IReadOnlyList<string> path, int depth)
    {
        var origin = cursor.Here;
        if (depth >= Limits.Depth && cursor.Current is '{' or '[')
        {
            throw cursor.Error($"objects and arrays are nested deeper than {Limits.Depth}");
        }

        switch (cursor.Current)
        {
            case '"':
                return new RawScalar(origin, QuotedText.Read(cursor), ScalarKind.Quoted);
            case '{':
                return parseObject(path, depth + 1);
            case '[':
                return ParseArray(depth + 1);
            case '$':
                return ParseSubstitution();
        }

        var text = cursor.TakeUnquoted(stopAtDot: false);
        return text.Length > 0
            ? new RawScalar(origin, text, text == "null" ? ScalarKind.Null : ScalarKind.Unquoted)
            : throw cursor.Expected("a value; a text with this character must stand in quotes");
    }

    private RawArray ParseArray(int depth)
    {
        var origin = cursor.Here;
        cursor.Take();
        var items = new List<RawValue>();
        while (true)
        {
            cursor.SkipBlank();
            if (cursor.TryTake(']'))
            {
                return new RawArray(origin, items);
            }

            items.Add(Parse([], depth));
            var newLine = cursor.SkipBlank();
            if (!cursor.TryTake(',') && !newLine && cursor.Current != ']')
            {
                throw cursor.Expected("a comma, a new line or ']' after the element");
            }
        }
    }

    private RawSubstitution ParseSubstitution()
    {
        var origin = cursor.Here;
        cursor.Take();
        if (!cursor.TryTake('{'))
        {
            throw cursor.Expected("'{' after '$' (a dollar sign that is text must stand in quotes)");
        }

        var optional = cursor.TryTake('?');
        var path = PathReader.Read(cursor, "a path");
        if (path.Count > Limits.Depth)
        {
            throw new HoconParserException(origin, $"the path has more than {Limits.Depth} elements");
        }

        var list = cursor.At("[]");
        cursor.Skip(list ? 2 : 0);
        return cursor.TryTake('}')
            ? new RawSubstitution(origin, path, prefix, optional, list)
            : throw cursor.Expected("'}' at the end of the substitution");
    }
}
