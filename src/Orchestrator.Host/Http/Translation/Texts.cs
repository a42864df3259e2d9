using System.Text.Json;

namespace Orchestrator.Host.Http.Translation;

/// <summary>How names of the vocabulary are written in the API.</summary>
internal static class Texts
{
    /// <summary>The name of an enumeration's value in kebab case: <c>SteppingDown</c> is <c>stepping-down</c>.</summary>
    public static string ToText<T>(this T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static string? NullIfEmpty(this string text) => text.Length == 0 ? null : text;
}
