using System.Text.Json;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Reads fields that some versions do not have.</summary>
internal static class CouchDbJson
{
    /// <summary>A text; empty if it is not there or no text.</summary>
    public static string TextOf(this JsonElement json, string field) =>
        json.FieldOf(field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    /// <summary>A whole number; 0 if it is not there or no number.</summary>
    public static long NumberOf(this JsonElement json, string field) =>
        json.FieldOf(field) is { ValueKind: JsonValueKind.Number } value ? value.TryGetInt64(out var whole) ? whole : (long)value.GetDouble() : 0;

    public static bool FlagOf(this JsonElement json, string field) => json.FieldOf(field) is { ValueKind: JsonValueKind.True };

    /// <summary>A field; null if there is none.</summary>
    public static JsonElement? FieldOf(this JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value) ? value : null;

    /// <summary>The elements of a list; none if it is not there.</summary>
    public static IEnumerable<JsonElement> ListOf(this JsonElement json, string field) =>
        json.FieldOf(field) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string> TextsOf(this JsonElement json, string field) =>
        [.. json.ListOf(field).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
}
