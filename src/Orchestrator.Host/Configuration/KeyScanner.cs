using System.Text;

namespace Orchestrator.Host.Configuration;

/// <summary>A key, or an include statement.</summary>
/// <param name="Path">Path of the key; of the object around an include statement.</param>
/// <param name="Line">From 1.</param>
/// <param name="Include">The included name; null for a key.</param>
internal sealed record ScannedKey(IReadOnlyList<string> Path, int Line, string? Include);

/// <summary>
/// Finds the keys of a HOCON text and their lines. It expects a text that a parser has accepted, and on any other it
/// ends without an answer that can be relied on. Elements of arrays are passed over.
/// </summary>
internal sealed class KeyScanner(string text)
{
    private readonly List<ScannedKey> _found = [];
    private int _position;
    private int _line = 1;

    public IReadOnlyList<ScannedKey> Scan()
    {
        var open = new Stack<IReadOnlyList<string>>();
        open.Push([]);
        while (!AtEnd)
        {
            SkipSeparators();
            if (AtEnd)
            {
                break;
            }

            if (Current == '{')
            {
                // Only the root's brace stands where a key is expected.
                Take();
                continue;
            }

            if (Current == '}')
            {
                Take();
                if (open.Count > 1)
                {
                    SkipValue(open, open.Pop(), inValue: true);
                }

                continue;
            }

            var line = _line;
            var path = ReadPath(open.Peek(), out var include);
            _found.Add(new ScannedKey(path, line, include));
            if (include is null)
            {
                SkipValue(open, path, inValue: false);
            }
        }

        return _found;
    }

    private bool AtEnd => _position >= text.Length;

    private char Current => text[_position];

    private bool At(string expected) => string.CompareOrdinal(text, _position, expected, 0, expected.Length) == 0;

    private char Take()
    {
        var c = text[_position++];
        _line += c == '\n' ? 1 : 0;
        return c;
    }

    private void SkipSeparators()
    {
        while (!AtEnd && (char.IsWhiteSpace(Current) || Current is ',' or '\uFEFF' || SkipComment()))
        {
            if (!AtEnd)
            {
                Take();
            }
        }
    }

    private bool SkipComment()
    {
        if (Current != '#' && !At("//"))
        {
            return false;
        }

        while (!AtEnd && Current != '\n')
        {
            Take();
        }

        return true;
    }

    /// <summary>Reads a key up to its separator, or an include statement.</summary>
    private IReadOnlyList<string> ReadPath(IReadOnlyList<string> around, out string? include)
    {
        var path = new List<string>(around);
        var key = new StringBuilder();
        var unquoted = new StringBuilder();
        include = null;
        while (!AtEnd && Current is not (':' or '=' or '{' or '}' or '+' or ','))
        {
            if (Current == '"')
            {
                var quoted = ReadQuoted();
                if (IsInclude(unquoted.ToString(), path.Count == around.Count))
                {
                    include = quoted;
                    SkipToEndOfInclude();
                    return around;
                }

                key.Append(quoted);
            }
            else if (Current == '.')
            {
                Take();
                path.Add(key.ToString().Trim());
                key.Clear();
            }
            else
            {
                var c = Take();
                key.Append(c);
                unquoted.Append(c);
            }
        }

        path.Add(key.ToString().Trim());
        return path;
    }

    private static bool IsInclude(string before, bool firstKey)
    {
        var words = before.Replace(" ", "", StringComparison.Ordinal).Trim();
        return firstKey && words is "include" or "includefile(" or "includerequired(" or "includerequired(file(" or "includeclasspath(" or "includeurl(";
    }

    private void SkipToEndOfInclude()
    {
        while (!AtEnd && Current is ')' or ' ' or '\t')
        {
            Take();
        }
    }

    private string ReadQuoted()
    {
        const string triple = "\"\"\"";
        var content = new StringBuilder();
        if (At(triple))
        {
            _position += triple.Length;
            while (!AtEnd && (!At(triple) || (_position + 3 < text.Length && text[_position + 3] == '"')))
            {
                content.Append(Take());
            }

            _position = Math.Min(_position + triple.Length, text.Length);
            return content.ToString();
        }

        Take();
        while (!AtEnd && Current != '"')
        {
            if (Current == '\\')
            {
                Take();
            }

            if (!AtEnd)
            {
                content.Append(Take());
            }
        }

        _position = Math.Min(_position + 1, text.Length);
        return content.ToString();
    }

    /// <summary>Passes over a value up to its end, or into an object that it begins.</summary>
    /// <param name="open">Paths of the objects around.</param>
    /// <param name="path">Path of the value.</param>
    /// <param name="inValue">Whether part of the value has been passed, so that a line's end ends it.</param>
    private void SkipValue(Stack<IReadOnlyList<string>> open, IReadOnlyList<string> path, bool inValue)
    {
        var arrays = 0;
        while (!AtEnd)
        {
            if (Current == '"')
            {
                ReadQuoted();
                inValue = true;
            }
            else if (At("${"))
            {
                while (!AtEnd && Take() != '}')
                {
                }

                inValue = true;
            }
            else if (SkipComment())
            {
            }
            else if (arrays == 0 && Current == '{')
            {
                Take();
                open.Push(path);
                return;
            }
            else if (arrays == 0 && (Current is ',' or '}' || (inValue && Current == '\n')))
            {
                return;
            }
            else
            {
                var c = Take();
                arrays += c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
                inValue |= !char.IsWhiteSpace(c) && c is not (':' or '=' or '+');
            }
        }
    }
}
