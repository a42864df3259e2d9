using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Host.Kubernetes;

/// <summary>One object of a custom resource, as the API server gave it. Never changed: what is to be changed is sent as a patch.</summary>
internal sealed class Resource(JsonObject content)
{
    private static readonly JsonObject _empty = [];

    public JsonObject Content => content;

    public string Kind => Text("kind");

    public string Name => Text("metadata", "name");

    public string Namespace => Text("metadata", "namespace");

    public string Uid => Text("metadata", "uid");

    public string Version => Text("metadata", "resourceVersion");

    public long Generation => Find("metadata", "generation")?.GetValue<long>() ?? 0;

    public DateTimeOffset CreatedAt => Time("metadata", "creationTimestamp") ?? DateTimeOffset.UnixEpoch;

    public bool IsBeingDeleted => Find("metadata", "deletionTimestamp") is not null;

    public JsonObject Spec => content["spec"] as JsonObject ?? _empty;

    public JsonObject Status => content["status"] as JsonObject ?? _empty;

    public IReadOnlyList<string> Finalizers =>
        Find("metadata", "finalizers") is JsonArray list ? [.. list.Select(item => item!.GetValue<string>())] : [];

    /// <summary>Of a run: whether nothing more will come of it.</summary>
    public bool HasEnded => Condition("Succeeded") is "True" or "False";

    /// <summary>Names it in messages and orders.</summary>
    public string FullName => $"{Namespace}/{Name}";

    public static Resource From(object given) => new(given switch
    {
        JsonElement element => JsonObject.Create(element)!,
        JsonObject node => node,
        _ => throw new InvalidOperationException($"unexpected content: {given.GetType().Name}"),
    });

    public JsonNode? Find(params ReadOnlySpan<string> path)
    {
        JsonNode? found = content;
        foreach (var name in path)
        {
            found = (found as JsonObject)?[name];
        }

        return found;
    }

    public string Text(params ReadOnlySpan<string> path) =>
        Find(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public bool Flag(params ReadOnlySpan<string> path) => Find(path) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public long? Whole(params ReadOnlySpan<string> path) => Find(path) is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public IReadOnlyList<string> Texts(params ReadOnlySpan<string> path) =>
        Find(path) is JsonArray list ? [.. list.OfType<JsonValue>().Select(item => item.ToString())] : [];

    public DateTimeOffset? Time(params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The status of one of its conditions, <c>True</c>, <c>False</c> or <c>Unknown</c>; empty if it has none of this type.</summary>
    public string Condition(string type) => (Status["conditions"] as JsonArray)?
        .OfType<JsonObject>()
        .FirstOrDefault(condition => condition["type"]?.ToString() == type)?["status"]?.ToString() ?? "";
}
