using Orchestrator.Core;

namespace Orchestrator.Host.Configuration;

/// <summary>Paths of settings as text, and which known name an unknown one was meant to be.</summary>
internal static class SettingNames
{
    /// <summary>Joins keys by dots; a key that is no plain word is put in quotes, as HOCON's path expressions want it.</summary>
    public static string Join(IEnumerable<string> path) => string.Join('.', path.Select(key =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? key
            : $"\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));

    /// <summary>The known name that is nearest to a mistyped one, or null when none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        var (best, distance) = known
            .Select(candidate => (Candidate: candidate, Distance: Distance(name, candidate)))
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best is not null && distance <= Math.Max(2, name.Length / 3) ? best : null;
    }

    /// <summary>Names of very different lengths are never near, and a pasted text is not worth comparing.</summary>
    private static int Distance(string left, string right) =>
        Math.Abs(left.Length - right.Length) > 10 ? int.MaxValue : EditDistance.Between(left, right);
}
