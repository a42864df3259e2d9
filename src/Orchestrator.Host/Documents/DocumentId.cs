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
    public static (string? Id, string? Problem) Of(JsonElement document)
    {
        foreach (var name in (ReadOnlySpan<string>)["_id", "id"])
        {
            if (document.TryGetProperty(name, out var value))
            {
                return Read(name, value);
            }
        }

        return (null, null);
    }

    private static (string? Id, string? Problem) Read(string name, JsonElement value)
    {
        var id = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number when value.TryGetInt64(out _) => value.GetRawText(),
            _ => null,
        };
        if (id is null)
        {
            return (null, $"the field {name} must be a string or a whole number to be an id");
        }

        return WriteOperation.WhyIdIsInvalid(id) is { } why ? (null, $"the field {name}: {why}") : (id, null);
    }
}
