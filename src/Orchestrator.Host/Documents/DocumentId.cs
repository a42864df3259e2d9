using System.Text.Json;
using Orchestrator.Storage;

namespace Orchestrator.Host.Documents;

/// <summary>Finds the id that a document carries.</summary>
internal static class DocumentId
{
    /// <summary>
    /// The id from the field <c>_id</c> or else <c>id</c>: a string or a whole number. Both are null where there is
    /// neither field; the problem says why a field cannot be an id.
    /// </summary>
    /// <param name="isStored">Whether the document is one that is there already, perhaps under an id that no new one may have.</param>
    public static (string? Id, string? Problem) Of(JsonElement document, bool isStored = false)
    {
        foreach (var name in (ReadOnlySpan<string>)["_id", "id"])
        {
            if (document.TryGetProperty(name, out var value))
            {
                return Text(value) is not { Length: > 0 } id
                    ? (null, $"the field {name} must be a string or a whole number to be an id, and not empty")
                    : !isStored && DocumentRules.WhyIdIsInvalid(id) is { } why ? (null, $"the field {name}: {why}") : (id, null);
            }
        }

        return (null, null);
    }

    /// <summary>Why a document cannot be stored under an id: its field <c>_id</c> says another one. Null if it can.</summary>
    public static string? WhyNot(JsonElement document, string id) =>
        document.TryGetProperty("_id", out var value) && Text(value) != id
            ? $"the field _id must be the document's id '{id}', or be left out"
            : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out _) => value.GetRawText(),
        _ => null,
    };
}
