namespace Orchestrator.Host.Formatting;

/// <summary>Text of others for a terminal and a log: it does nothing to them, and begins no line of its own.</summary>
internal static class Visible
{
    /// <summary>Control characters, line breaks and what turns the direction of text round are written out, as <c>\u001B</c>.</summary>
    public static string Of(string text) => text.Any(ActsOnItsReader)
        ? string.Concat(text.Select(c => ActsOnItsReader(c) ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString()))
        : text;

    private static bool ActsOnItsReader(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
