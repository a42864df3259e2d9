using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>What all documents of one configuration share while they are parsed.</summary>
internal sealed class ParseContext(IncludeSource includes)
{
    private readonly List<string> _open = [];
    private int _included;

    /// <summary>Loads what an include statement names, refusing cycles and floods.</summary>
    /// <param name="statement">Position of the statement.</param>
    /// <param name="kind">How the name was written.</param>
    /// <param name="name">The name as written.</param>
    /// <param name="required">Whether it is an error that nothing has this name.</param>
    public IReadOnlyList<SourceText> Load(Origin statement, HoconCallbackType kind, string name, bool required)
    {
        if (++_included > Limits.Includes)
        {
            throw new HoconParserException(statement, $"more than {Limits.Includes} include statements were carried out; do files include one another?");
        }

        IReadOnlyList<SourceText> found;
        try
        {
            found = includes.Load(kind, name, statement.Source);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new HoconParserException(statement, $"cannot include \"{name}\": {e.Message}", e);
        }

        return found.Count > 0 || !required
            ? found
            : throw new HoconParserException(statement, $"cannot include \"{name}\": it does not exist, and the include is required");
    }

    /// <summary>Parses an included text while it is marked as open, so that including it again inside is an error.</summary>
    public RawObject Parse(Origin statement, SourceText source, IReadOnlyList<string> prefix, int depth)
    {
        if (source.Name is not null && _open.Contains(source.Name))
        {
            throw new HoconParserException(statement, $"includes form a cycle: {string.Join(" -> ", _open.Append(source.Name))}");
        }

        if (_open.Count >= Limits.IncludeDepth)
        {
            throw new HoconParserException(statement, $"includes are nested deeper than {Limits.IncludeDepth}: {string.Join(" -> ", _open)}");
        }

        _open.Add(source.Name ?? "(text)");
        var parsed = new DocumentParser(source, this, prefix, depth).Parse();
        _open.RemoveAt(_open.Count - 1);
        return parsed;
    }
}
