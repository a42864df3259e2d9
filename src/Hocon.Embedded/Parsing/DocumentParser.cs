using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>
/// Reads one text by HOCON's grammar (https://github.com/lightbend/config/blob/main/HOCON.md) into raw values, and the
/// texts it includes. Recursive descent; the depth is bounded by <see cref="Limits.Depth"/>.
/// </summary>
internal sealed class DocumentParser
{
    private readonly TextCursor _cursor;
    private readonly ParseContext _context;
    private readonly IReadOnlyList<string> _prefix;
    private readonly ValueParser _values;
    private readonly int _depth;

    /// <param name="source">The text.</param>
    /// <param name="context">Shared with the including text.</param>
    /// <param name="prefix">Path at which the text is included.</param>
    /// <param name="depth">Nesting around the text.</param>
    public DocumentParser(SourceText source, ParseContext context, IReadOnlyList<string> prefix, int depth)
    {
        _cursor = new TextCursor(source.Text, source.Name);
        _context = context;
        _prefix = prefix;
        _depth = depth;
        _values = new ValueParser(_cursor, prefix, ParseBracedObject);
        if (source.Text.Length > Limits.TextLength)
        {
            throw new HoconParserException(_cursor.Here, $"the text is longer than {Limits.TextLength} characters");
        }
    }

    /// <summary>Reads the whole text, whose root must be an object, with or without braces.</summary>
    public RawObject Parse()
    {
        _cursor.SkipBlank();
        switch (_cursor.Current)
        {
            case '[':
                throw _cursor.Error("expected keys with values, found an array: a file cannot be a list alone; give it a key, as in name = [a, b]");
            case '{':
                var root = ParseBracedObject([], _depth);
                _cursor.SkipBlank();
                return _cursor.Current == TextCursor.End ? root : throw _cursor.Expected("the end of the text after the closing '}'");
            default:
                return ParseFields([], _depth, braced: false);
        }
    }

    private RawObject ParseBracedObject(IReadOnlyList<string> path, int depth)
    {
        _cursor.Take();
        return ParseFields(path, depth, braced: true);
    }

    private RawObject ParseFields(IReadOnlyList<string> path, int depth, bool braced)
    {
        var fields = new RawObject(_cursor.Here);
        while (true)
        {
            _cursor.SkipBlank();
            if (_cursor.Current == TextCursor.End && !braced)
            {
                return fields;
            }

            if (_cursor.Current == '}' && braced)
            {
                _cursor.Take();
                return fields;
            }

            if (_cursor.Current == '}')
            {
                throw _cursor.Expected("a key: there is no '{' that this '}' closes");
            }

            if (!TryParseInclude(fields, path, depth))
            {
                ParseField(fields, path, depth);
            }

            var newLine = _cursor.SkipBlank();
            if (!_cursor.TryTake(',') && !newLine && _cursor.Current is not ('}' or TextCursor.End))
            {
                throw _cursor.Expected("a comma, a new line or '}' after the value");
            }
        }
    }

    private void ParseField(RawObject fields, IReadOnlyList<string> path, int depth)
    {
        var keyOrigin = _cursor.Here;
        if (_cursor.Current == TextCursor.End)
        {
            throw _cursor.Expected("'}' or a key");
        }

        var key = PathReader.Read(_cursor, "a key");
        if (depth + key.Count > Limits.Depth)
        {
            throw new HoconParserException(keyOrigin, $"objects and arrays are nested deeper than {Limits.Depth}");
        }

        _cursor.SkipBlank();
        var append = _cursor.At("+=");
        if (append)
        {
            _cursor.Skip(2);
        }
        else if (_cursor.Current != '{' && !_cursor.TryTake(':') && !_cursor.TryTake('='))
        {
            throw _cursor.Expected($"':', '=', '+=' or '{{' after the key {PathExpression.Render(key)}");
        }

        _cursor.SkipBlank();
        var value = _values.Parse([.. path, .. key], depth + key.Count);
        fields.Set(key, keyOrigin, append ? new RawAppend(keyOrigin, value) : value);
    }

    /// <summary>The unquoted word include at the start of a key is a statement, never a key.</summary>
    private bool TryParseInclude(RawObject fields, IReadOnlyList<string> path, int depth)
    {
        const string keyword = "include";
        var next = _cursor.Peek(keyword.Length);
        if (!_cursor.At(keyword) || !(next is TextCursor.End or '"' or '(' or ':' or '=' or '{' || char.IsWhiteSpace((char)next)))
        {
            return false;
        }

        var statement = _cursor.Here;
        _cursor.Skip(keyword.Length);
        _cursor.SkipBlank();
        var (kind, name, required) = ParseIncludeArgument();
        var prefix = (IReadOnlyList<string>)[.. _prefix, .. path];
        foreach (var source in _context.Load(statement, kind, name, required))
        {
            fields.Merge(_context.Parse(statement, source, prefix, depth));
        }

        return true;
    }

    private (HoconCallbackType Kind, string Name, bool Required) ParseIncludeArgument()
    {
        if (_cursor.Current == '"')
        {
            return (HoconCallbackType.File, QuotedText.Read(_cursor), false);
        }

        if (_cursor.Current == '[')
        {
            throw _cursor.Error("expected one file, found a list: write an include statement for each file");
        }

        var form = new[] { "required(", "file(", "url(", "classpath(" }.FirstOrDefault(_cursor.At)
            ?? throw _cursor.Expected("a file's name in quotes, file(\"...\") or required(...) after include (a key of this name is written \"include\")");
        _cursor.Skip(form.Length);
        _cursor.SkipBlank();
        (HoconCallbackType Kind, string Name, bool Required) argument;
        if (form == "required(")
        {
            if (_cursor.At("required("))
            {
                throw _cursor.Expected("a file's name in quotes or file(\"...\") inside required(...)");
            }

            argument = ParseIncludeArgument() with { Item3 = true };
        }
        else
        {
            var kind = form switch { "url(" => HoconCallbackType.Url, "classpath(" => HoconCallbackType.Resource, _ => HoconCallbackType.File };
            argument = _cursor.Current == '"' ? (kind, QuotedText.Read(_cursor), false) : throw _cursor.Expected("a name in quotes");
        }

        _cursor.SkipBlank();
        return _cursor.TryTake(')') ? argument : throw _cursor.Expected("')'");
    }
}
