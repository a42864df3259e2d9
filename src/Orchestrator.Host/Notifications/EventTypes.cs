using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Notifications;

/// <summary>The types of events that webhooks are told of, without <see cref="CloudEvent.TypePrefix"/>, and the patterns that choose among them.</summary>
internal static class EventTypes
{
    private static readonly string[] _verdicts = ["passed", "failed", "unanswered"];

    /// <summary>Those of runs, of nodes and of the audit trail.</summary>
    private static readonly IReadOnlyList<string> _plain =
    [
        .. typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>()
            .Where(type => type.DerivedType != typeof(CheckEvaluated)).Select(type => (string)type.TypeDiscriminator!).Order(StringComparer.Ordinal),
        .. NodeConditions.Actions,
        .. AuditActions.All.Select(action => $"audit-{action}"),
    ];

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. _plain, .. _verdicts.SelectMany(verdict => CheckNames.All.Select(check => $"check-{verdict}-{check}"))];

    /// <summary>What matches any of some patterns, in which <c>*</c> stands for any text.</summary>
    public static Regex Pattern(IEnumerable<string> patterns) => new(
        $"^({string.Join('|', patterns.Select(pattern => Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)))})$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <returns>Why a pattern is a mistake: there is no such event. Null if there is.</returns>
    public static string? Problem(string pattern) => All.Any(Pattern([pattern]).IsMatch)
        ? null
        : $"expected names of events, in which * stands for any text; there is no event \"{pattern}\""
            + (SettingNames.Nearest(pattern, All) is { } meant ? $"; did you mean {meant}?" : "")
            + $" (known: {string.Join(", ", _plain)}, and check-VERDICT-CHECK with the verdict {string.Join(" or ", _verdicts)} and the check {string.Join(", ", CheckNames.All)})";
}
