using System.Text;
using System.Text.Json;
using Orchestrator.Storage;

namespace Orchestrator.Host.Documents;

/// <summary>Finds the id that a document carries, without building a tree of it: a document can have very many fields.</summary>
internal static class DocumentId
{
    /// <summary>
    /// The id from the field <c>_id</c> or else <c>id</c>: a string or a whole number. Both are null where there is
    /// neither field; the problem says why a field cannot be an id.
    /// </summary>
    /// <param name="body">One that <see cref="DocumentRules.WhyBodyIsInvalid"/> allows.</param>
    /// <param name="isStored">Whether the document is one that is there already, perhaps under an id that no new one may have.</param>
    public static (string? Id, string? Problem) Of(ReadOnlySpan<byte> body, bool isStored = false)
    {
        foreach (var name in (ReadOnlySpan<string>)["_id", "id"])
        {
            if (TryFind(body, name, out var value))
            {
                return value is not { Length: > 0 } id
                    ? (null, $"the field {name} must be a string or a whole number to be an id, and not empty")
                    : !isStored && DocumentRules.WhyIdIsInvalid(id) is { } why ? (null, $"the field {name}: {why}") : (id, null);
            }
        }

        return (null, null);
    }

    /// <summary>Why a document cannot be stored under an id: its field <c>_id</c> says another one. Null if it can.</summary>
    public static string? WhyNot(ReadOnlySpan<byte> body, string id) =>
        TryFind(body, "_id", out var value) && value != id
            ? $"the field _id must be the document's id '{id}', or be left out"
            : null;

    /// <param name="value">Null for one that cannot be an id.</param>
    private static bool TryFind(ReadOnlySpan<byte> body, string name, out string? value)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DocumentRules.MaxDepth + 1 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                value = Text(ref reader);
                return true;
            }

            reader.Skip();
        }

        value = null;
        return false;
    }

    private static string? Text(ref Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.String => value.GetString(),
        JsonTokenType.Number when value.TryGetInt64(out _) => Encoding.ASCII.GetString(value.ValueSpan),
        _ => null,
    };
}
