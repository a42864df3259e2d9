using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Host.Kubernetes.Metacontroller;

/// <summary>
/// What Metacontroller is to do for an object of somebody else's kind that wants a compaction: one CompactionRun, made of the object's
/// <c>spec.compaction</c>, as its child (CompositeController) or attachment (DecoratorController). Pure; the requests and answers:
/// https://metacontroller.github.io/metacontroller/api/compositecontroller.html#sync-hook
/// </summary>
internal static class MetacontrollerHooks
{
    /// <summary>How Metacontroller names the group of the children.</summary>
    public const string Children = "CompactionRun." + ResourceKind.ApiVersion;

    private const int LongestName = 52;

    /// <summary>The run that there is to be, and what it has come to. A changed <c>spec.compaction</c> is another run; the former one is deleted and so cancelled.</summary>
    /// <returns>Null if the request is none of Metacontroller's.</returns>
    public static JsonObject? Sync(JsonObject request) => Owner(request) is { } owner
        ? Answer(request, owner, WantedRun(owner))
        : null;

    /// <summary>Nothing is to be there; the owner is let go when its runs have gone, which is when their work was stopped or finished.</summary>
    /// <inheritdoc cref="Sync" path="/returns"/>
    public static JsonObject? Finalize(JsonObject request)
    {
        if (Owner(request) is not { } owner)
        {
            return null;
        }

        var answer = Answer(request, owner, null);
        answer["finalized"] = Observed(request).Count == 0;
        return answer;
    }

    /// <summary>The objects to which the run refers: when they change, sync is asked again, and has them.</summary>
    /// <inheritdoc cref="Sync" path="/returns"/>
    public static JsonObject? Customize(JsonObject request)
    {
        if (Owner(request) is not { } owner)
        {
            return null;
        }

        var spec = owner["spec"]?["compaction"] as JsonObject;
        List<JsonNode> rules = [];
        if (Text(spec?["clusterRef"]?["name"]) is { Length: > 0 } cluster)
        {
            rules.Add(Related(ResourceKind.Cluster, owner, [cluster]));
        }

        if (spec?["windowRefs"] is JsonArray { Count: > 0 } windows)
        {
            rules.Add(Related(ResourceKind.Window, owner, windows.Select(window => Text(window?["name"]))));
        }

        return new JsonObject { ["relatedResources"] = new JsonArray([.. rules]) };
    }

    private static bool IsDecorator(JsonObject request) => request["object"] is JsonObject;

    private static JsonObject? Owner(JsonObject request) =>
        (request["parent"] ?? request["object"]) is JsonObject owner && owner["metadata"] is JsonObject metadata && Text(metadata["name"]).Length > 0 ? owner : null;

    private static JsonObject Observed(JsonObject request) => (request["children"] ?? request["attachments"])?[Children] as JsonObject ?? [];

    /// <summary>A composite's status is all of it: what others keep in a decorated object's is left as it is.</summary>
    private static JsonObject Answer(JsonObject request, JsonObject owner, JsonObject? run)
    {
        var found = run is null ? null : Observed(request)[Text(run["metadata"]!["name"])] as JsonObject;
        var compaction = run is null
            ? new JsonObject { ["state"] = "None", ["message"] = "spec.compaction.clusterRef.name says which cluster to compact" }
            : new JsonObject
            {
                ["runName"] = Text(run["metadata"]!["name"]),
                ["state"] = Text(found?["status"]?["state"]) is { Length: > 0 } state ? state : "Pending",
                ["message"] = Text(found?["status"]?["message"]),
                ["reclaimedBytes"] = found?["status"]?["reclaimedBytes"]?.DeepClone(),
            };
        var status = IsDecorator(request) ? owner["status"]?.DeepClone() as JsonObject ?? [] : [];
        status["compaction"] = compaction;
        if (!IsDecorator(request))
        {
            status["observedGeneration"] = owner["metadata"]!["generation"]?.DeepClone();
        }

        return new JsonObject
        {
            ["status"] = status,
            [IsDecorator(request) ? "attachments" : "children"] = run is null ? [] : new JsonArray(run),
        };
    }

    private static JsonObject? WantedRun(JsonObject owner)
    {
        if (owner["spec"]?["compaction"] is not JsonObject spec || Text(spec["clusterRef"]?["name"]).Length == 0)
        {
            return null;
        }

        // What can be changed in a run is no other run.
        var lasting = spec.DeepClone().AsObject();
        lasting.Remove("suspend");
        var name = Text(owner["metadata"]!["name"]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lasting.ToJsonString())))[..8];
        return new JsonObject
        {
            ["apiVersion"] = ResourceKind.ApiVersion,
            ["kind"] = ResourceKind.Run.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{name[..Math.Min(name.Length, LongestName)]}-{hash}",
                ["namespace"] = owner["metadata"]!["namespace"]?.DeepClone(),
            },
            ["spec"] = spec.DeepClone(),
        };
    }

    private static JsonObject Related(ResourceKind kind, JsonObject owner, IEnumerable<string> names) => new()
    {
        ["apiVersion"] = ResourceKind.ApiVersion,
        ["resource"] = kind.Plural,
        ["namespace"] = owner["metadata"]!["namespace"]?.DeepClone(),
        ["names"] = new JsonArray([.. names.Select(name => (JsonNode)name)]),
    };

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
