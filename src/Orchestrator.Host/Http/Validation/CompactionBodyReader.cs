using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Reads the body of a plan or run, with every error that can be told without the cluster's state.</summary>
internal static class CompactionBodyReader
{
    public const int MaxCommentLength = 1024;

    /// <summary>A slower compaction would not keep up with the writes that it copies.</summary>
    public const long MinBytesPerSecond = 64 * 1024;

    private const int MaxNameLength = 255;
    private const int MaxParallel = 1000;

    /// <param name="cluster">The cluster that the address names; null where the body must name it.</param>
    /// <param name="engines">Whose options there are.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <returns>To be used only if there are no errors.</returns>
    public static CompactionBody Read(JsonElement body, string? cluster, EngineProviders engines, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var named = fields.Text("cluster", MaxNameLength, required: cluster is null && body.ValueKind == JsonValueKind.Object);
        if (named is not null && cluster is not null && named != cluster)
        {
            fields.Error("cluster", $"is '{named}', but the address names '{cluster}'");
        }

        var scope = fields.Object("scope") is { } scopeFields ? ReadScope(scopeFields) : null;
        var options = fields.Object("options") is { } optionFields ? ReadOptions(optionFields, engines) : null;
        var (window, needsApproval) = (fields.Text("window", MaxNameLength), fields.Flag("needsApproval"));
        fields.RejectUnknown();
        return new CompactionBody(named ?? cluster, scope, options, window, needsApproval);
    }

    /// <summary>A copying rate; null when absent.</summary>
    public static long? ReadRate(JsonFields fields)
    {
        var rate = fields.Size("maxBytesPerSecond", 0, long.MaxValue);
        if (rate is > 0 and < MinBytesPerSecond)
        {
            fields.Error("maxBytesPerSecond", $"must be 0 (no limit) or at least {MinBytesPerSecond}, not {rate}");
        }

        return rate;
    }

    private static ScopeBody ReadScope(JsonFields fields)
    {
        var scope = new ScopeBody(
            fields.Names("databases"),
            fields.Names("collections"),
            fields.Flag("documents"),
            ReadIndexes(fields),
            fields.Names("nodes"),
            fields.Names("replicaSets"));
        fields.RejectUnknown();
        if (scope is { Documents: false, Indexes: IndexSelection.NoIndexes })
        {
            fields.Error("documents", "is false and indexes is \"none\": nothing is left to compact");
        }

        return scope;
    }

    public static IndexSelection? ReadIndexes(JsonFields fields)
    {
        if (!fields.TryGet("indexes", out var value))
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.ValueEquals("all"):
                return IndexSelection.All;
            case JsonValueKind.String when value.ValueEquals("none"):
                return IndexSelection.None;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                return fields.Names("indexes", value) is { Count: > 0 } names ? IndexSelection.Named(names) : null;
            default:
                fields.Error("indexes", $"must be \"all\", \"none\" or a list of index names, not {Describe(value)}");
                return null;
        }
    }

    private static string Describe(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? "an empty list" : JsonFields.Describe(value);

    /// <summary>Which modes and options the engine has is for the planner to say: it knows the engine.</summary>
    private static OptionsBody ReadOptions(JsonFields fields, EngineProviders engines)
    {
        var options = new OptionsBody(
            ReadMode(fields),
            fields.Flag("force"),
            ReadRate(fields),
            fields.Flag("giveBackPrimary"),
            fields.Size("minReclaimableBytes", 0, long.MaxValue),
            fields.Share("minFragmentation"),
            fields.Text("comment", MaxCommentLength))
        {
            IncludeLearners = fields.Flag("includeLearners"),
            Verify = fields.Flag("verify"),
            OnFailure = ReadFailurePolicy(fields),
            MaxParallelReplicaSets = (int?)fields.Whole("maxParallelReplicaSets", 1, MaxParallel),
            EngineOptions = ReadEngineOptions(fields, engines),
        };
        fields.RejectUnknown();
        return options;
    }

    private static Dictionary<string, JsonElement>? ReadEngineOptions(JsonFields fields, EngineProviders engines)
    {
        var given = new Dictionary<string, JsonElement>();
        foreach (var option in engines.DriverOptions)
        {
            if (!fields.TryGet(option.Name, out var json))
            {
                continue;
            }

            var size = option.CountsBytes && json.ValueKind == JsonValueKind.String ? Units.TrySize(json.GetString()!) : null;
            if ((size is { } bytes ? bytes : OptionValue.From(json)) is { } value && option.Takes(value))
            {
                given.Add(option.Name, JsonElement.Parse(value.ToJson()));
            }
            else
            {
                var range = option.CountsBytes ? $"{option.Range}, or a size such as 64MiB" : option.Range;
                fields.Error(option.Name, $"must be {range}, not {JsonFields.Describe(json)}");
            }
        }

        return given.Count == 0 ? null : given;
    }

    private static string? ReadMode(JsonFields fields)
    {
        var mode = fields.Text("mode", MaxNameLength);
        if (mode is { Length: > 0 } && !mode.All(letter => char.IsAsciiLetterLower(letter) || letter == '-'))
        {
            fields.Error("mode", $"'{mode}' is not a valid mode: modes are lower-case words such as rewrite, incremental or auto");
        }

        return mode;
    }

    private static string? ReadFailurePolicy(JsonFields fields)
    {
        var name = fields.Text("onFailure", MaxNameLength);
        if (name is not null && !FailurePolicyNames.All.Contains(name))
        {
            fields.Error("onFailure", $"'{name}' is unknown; known: {string.Join(", ", FailurePolicyNames.All)}");
        }

        return name;
    }
}
