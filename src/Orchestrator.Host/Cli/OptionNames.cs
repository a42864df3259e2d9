using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli;

/// <summary>Says an error of a request's field in the names of the command line, which is what its user has written.</summary>
internal static partial class OptionNames
{
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["maxBytesPerSecond"] = "BYTES-PER-SECOND",
        ["members"] = "--member",
        ["ttlSeconds"] = "--ttl",
        ["scope.databases"] = "--database",
        ["scope.collections"] = "--collection",
        ["scope.indexes"] = "--index",
        ["scope.documents"] = "--no-documents",
        ["scope.nodes"] = "--node",
        ["scope.replicaSets"] = "--replica-set",
    };

    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal) { "database", "collection", "reason", "until", "window", "to", "expectedPrimary", "limit", "after", "owner" };

    private static readonly HashSet<string> FirstWords = new(StringComparer.Ordinal)
    {
        "a", "all", "an", "at", "cluster", "every", "everything", "it", "no", "node", "nobody", "none", "nothing", "only", "replica", "run", "that", "the", "there", "this", "too",
    };

    /// <summary>One sentence for all errors of a problem; what the problem says itself where it names no field.</summary>
    public static string Sentence(ProblemDto problem) => problem.Errors is { Count: > 0 } errors
        ? string.Join("; ", errors.Select(error => $"{Of(error)}: {error.Message}"))
        : BeginsWithName(problem.Detail) ? problem.Detail
        : ReasonText.Sentence(problem.Detail);

    /// <summary>A name may be written in any way, so what begins with one stays as it is.</summary>
    private static bool BeginsWithName(string detail) => !FirstWords.Contains(detail.Split(' ', 2)[0]);

    private static string Of(FieldErrorDto error)
    {
        var (field, name) = (error.Field, Index().Replace(error.Field, ""));
        return Named.TryGetValue(name, out var option) ? option
            : name.StartsWith("options.", StringComparison.Ordinal) ? OfOption(name["options.".Length..], error.Message)
            : Plain.Contains(name) ? Option(name)
            : field;
    }

    /// <summary>An option that nobody knows can only have been given by <c>--option</c>.</summary>
    private static string OfOption(string name, string message) =>
        message.StartsWith("is unknown", StringComparison.Ordinal) ? $"--option {name}" : Option(name);

    /// <summary>The option of the command line for a field.</summary>
    public static string Option(string name) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [GeneratedRegex(@"\[\d+\]$", RegexOptions.CultureInvariant)]
    private static partial Regex Index();
}
