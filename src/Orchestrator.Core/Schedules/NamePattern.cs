namespace Orchestrator.Core.Schedules;

/// <summary>Patterns of names: <c>*</c> for any text, <c>?</c> for one character; capitals matter.</summary>
public static class NamePattern
{
    /// <summary>Whether any pattern matches; an empty list matches everything.</summary>
    public static bool AnyMatches(IReadOnlyList<string> patterns, string name) =>
        patterns.Count == 0 || patterns.Any(pattern => Matches(pattern, name));

    /// <summary>Whether the whole name is as the pattern says. Takes at most the product of both lengths in steps.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (at, from) = (0, 0);
        var (star, retry) = (-1, 0);
        while (from < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, retry) = (at++, from);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || pattern[at] == name[from]))
            {
                at++;
                from++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more.
                (at, from) = (star + 1, ++retry);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(at).Trim('*').Length == 0;
    }
}
