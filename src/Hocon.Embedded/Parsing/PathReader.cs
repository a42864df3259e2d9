using System.Text;

namespace Hocon.Parsing;

/// <summary>Reads path expressions in a document: keys, and what stands in a substitution.</summary>
internal static class PathReader
{
    /// <summary>
    /// Reads keys joined by dots. Quoted and unquoted text side by side is one key, with the space between them; space
    /// around the whole path is dropped.
    /// </summary>
    /// <param name="cursor">At the first character of the path.</param>
    /// <param name="what">What the path is, for errors, as in "a key".</param>
    public static IReadOnlyList<string> Read(TextCursor cursor, string what)
    {
        var keys = new List<string>();
        var key = new StringBuilder();
        var any = false;
        while (true)
        {
            var spaces = cursor.TakeSpaces();
            if (cursor.AtComment || !TryReadPart(cursor, out var part, out var isDot))
            {
                break;
            }

            key.Append(any || keys.Count > 0 ? spaces : "");
            if (isDot)
            {
                Finish();
            }
            else
            {
                key.Append(part);
                any = true;
            }
        }

        if (keys.Count == 0 && !any)
        {
            throw cursor.Expected(what);
        }

        Finish();
        return keys;

        void Finish()
        {
            if (!any)
            {
                throw cursor.Expected("a key before and after each dot of a path (an empty key is written \"\")");
            }

            keys.Add(key.ToString());
            key.Clear();
            any = false;
        }
    }

    private static bool TryReadPart(TextCursor cursor, out string part, out bool isDot)
    {
        isDot = cursor.TryTake('.');
        if (isDot)
        {
            part = ".";
            return true;
        }

        if (cursor.Current == '"')
        {
            part = QuotedText.Read(cursor);
            return true;
        }

        part = cursor.TakeUnquoted(stopAtDot: true);
        return part.Length > 0;
    }
}
