using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Host.Formatting;

/// <summary>Moments as people and programs write them.</summary>
internal static partial class Times
{
    public const string Example = "2026-02-01T06:00:00Z";

    /// <summary>
    /// A date and time with its offset from UTC, as RFC 3339 writes it (also with a space for the <c>T</c>, as this program prints it); null for
    /// anything else. Without an offset nobody could know which zone was meant.
    /// </summary>
    public static DateTimeOffset? Read(string text) =>
        Shape().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
