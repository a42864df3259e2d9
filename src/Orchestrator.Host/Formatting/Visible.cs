using System.Globalization;

namespace Orchestrator.Host.Formatting;

/// <summary>Text of others for a terminal and a log: it does nothing to them, and begins no line of its own.</summary>
internal static class Visible
{
    /// <summary>Characters that <see cref="IsAll"/> does not allow are written out, as <c>\u001B</c>.</summary>
    public static string Of(string text) => IsAll(text)
        ? text
        : string.Concat(text.Select(c => ActsOnItsReader(c) ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString()));

    /// <summary>
    /// Whether a reader sees every character of a text where it stands: no control characters and line breaks, nothing that turns the direction of
    /// text round, joins or hides.
    /// </summary>
    public static bool IsAll(string text) => !text.Any(ActsOnItsReader);

    private static bool ActsOnItsReader(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
