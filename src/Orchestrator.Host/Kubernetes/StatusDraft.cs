using System.Text.Json.Nodes;
using Orchestrator.Core;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The status of an object in the making, by the API conventions: conditions keep since when they are as they are.</summary>
internal sealed class StatusDraft
{
    private readonly Resource _resource;
    private readonly string _now;
    private readonly JsonArray _conditions = [];

    public StatusDraft(Resource resource, DateTimeOffset now)
    {
        _resource = resource;
        _now = TimeText.Iso(now);
        Content["observedGeneration"] = resource.Generation;
        Content["conditions"] = _conditions;
    }

    public JsonObject Content { get; } = [];

    /// <summary>Whether it says anything new. What it does not name stays as it is.</summary>
    public bool IsNews => Content.Any(entry => !JsonNode.DeepEquals(entry.Value, _resource.Status[entry.Key]));

    /// <summary>The API server limits how long some texts may be, and a status is read by many.</summary>
    public static string Shortened(string text, int most) => text.Length <= most ? text : $"{text[..(most - 3)]}...";

    /// <summary>What was in the status before and is to stay.</summary>
    public StatusDraft Keep(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Content.ContainsKey(name) && _resource.Status[name] is { } value)
            {
                Content[name] = value.DeepClone();
            }
        }

        return this;
    }

    public StatusDraft Set(string name, JsonNode? value)
    {
        if (value is not null)
        {
            Content[name] = value;
        }

        return this;
    }

    /// <param name="status">Null for Unknown.</param>
    /// <param name="reason">One word in CamelCase.</param>
    public StatusDraft Condition(string type, bool? status, string reason, string message)
    {
        var text = status switch { true => "True", false => "False", _ => "Unknown" };
        var earlier = (_resource.Status["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => condition["type"]?.ToString() == type);
        var since = earlier?["status"]?.ToString() == text ? earlier["lastTransitionTime"]?.ToString() ?? _now : _now;
        _conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = text,
            ["observedGeneration"] = _resource.Generation,
            ["lastTransitionTime"] = since,
            ["reason"] = reason,
            ["message"] = message,
        });
        return this;
    }

    /// <summary>A name of the API as one word in CamelCase: <c>completed-with-skips</c> is <c>CompletedWithSkips</c>.</summary>
    public static string CamelCase(string name) => string.Concat(
        name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(ReasonText.Capital));
}
