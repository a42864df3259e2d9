using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Web.Parts;

/// <summary>What a person enters for a plan. It is read by the reader of the API's requests, with the same errors.</summary>
internal sealed class PlanForm
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["scope.databases"] = "Databases",
        ["scope.collections"] = "Collections",
        ["scope.nodes"] = "Members",
        ["scope.indexes"] = "Only these indexes",
        ["options.mode"] = "Mode",
        ["options.maxBytesPerSecond"] = "Rate limit",
        ["options.minReclaimableBytes"] = "Only what frees at least",
        ["options.comment"] = "Comment",
        ["window"] = "Window",
    };

    public string Databases { get; set; } = "";

    public string Collections { get; set; } = "";

    public string Nodes { get; set; } = "";

    public string Indexes { get; set; } = "";

    public string Mode { get; set; } = "";

    public string Rate { get; set; } = "";

    public string Gain { get; set; } = "";

    public string Comment { get; set; } = "";

    public string Window { get; set; } = "";

    public bool NeedsApproval { get; set; }

    public bool Force { get; set; }

    /// <summary>The request, or what is wrong with it.</summary>
    public (CompactionBody? Body, ProblemDto? Problem) Read(string cluster, EngineProviders engines)
    {
        var scope = new JsonObject();
        var options = new JsonObject { ["force"] = Force };
        AddNames(scope, "databases", Databases);
        AddNames(scope, "collections", Collections);
        AddNames(scope, "nodes", Nodes);
        if (AddNames(scope, "indexes", Indexes))
        {
            scope["documents"] = false;
        }

        AddText(options, "mode", Mode);
        AddText(options, "maxBytesPerSecond", Rate);
        AddText(options, "minReclaimableBytes", Gain);
        AddText(options, "comment", Comment);
        var request = new JsonObject { ["cluster"] = cluster, ["scope"] = scope, ["options"] = options, ["needsApproval"] = NeedsApproval };
        AddText(request, "window", Window);

        var errors = new List<FieldErrorDto>();
        var body = CompactionBodyReader.Read(JsonElement.Parse(request.ToJsonString()), cluster, engines, errors);
        return errors.Count == 0
            ? (body, null)
            : (null, new ProblemDto(
                "The request is not valid.", 400, string.Join("; ", errors.Select(error => $"{Label(error.Field)}: {error.Message}")), "invalid", Errors: errors));
    }

    /// <summary>What the field is called on the page; lists name the entry too.</summary>
    private static string Label(string field) => Labels.GetValueOrDefault(field.Split('[')[0], field);

    private static bool AddNames(JsonObject to, string field, string text)
    {
        var names = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length > 0)
        {
            to[field] = new JsonArray([.. names.Select(name => (JsonNode)name)]);
        }

        return names.Length > 0;
    }

    private static void AddText(JsonObject to, string field, string text)
    {
        if (text.Trim().Length > 0)
        {
            to[field] = text.Trim();
        }
    }
}
