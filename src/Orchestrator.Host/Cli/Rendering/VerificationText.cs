using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>What a verification found, as text.</summary>
internal static class VerificationText
{
    private const int ShownIds = 10;

    public static void Write(IAnsiConsole console, VerificationStatusDto status)
    {
        if (status.Result is not { } result)
        {
            console.Prose($"Verification {status.Id} of {status.Node}: {status.State}{ReasonText.InBrackets(status.Reason ?? "")}");
            return;
        }

        foreach (var collection in result.Collections)
        {
            Write(console, collection);
        }

        var different = result.Collections.Any(collection => collection.Comparison?.Differences.Count > 0);
        console.Prose(
            result.Sound ? $"{result.Node} is sound."
            : different && result.Collections.All(collection => collection.Problems.Count == 0) ? $"The files of {result.Node} are sound, but members differ."
            : $"{result.Node} is not sound.");
    }

    private static void Write(IAnsiConsole console, CollectionVerdictDto collection)
    {
        var name = $"{collection.Database}/{collection.Collection}";
        if (collection.Problems.Count == 0)
        {
            console.Prose($"{name}: files sound, {Human.Count(collection.Documents, "document")}, {Entries(collection.IndexEntries)}");
        }
        else
        {
            console.Prose($"{name}: FILES NOT SOUND");
            foreach (var problem in collection.Problems)
            {
                console.Prose($"  {problem}", hang: 4);
            }
        }

        if (collection.Comparison is { } comparison)
        {
            Write(console, comparison);
        }
    }

    private static void Write(IAnsiConsole console, ComparisonDto comparison)
    {
        if (comparison.Compared.Count > 0)
        {
            var members = string.Join(", ", comparison.Compared);
            console.Prose(comparison.Differences.Count == 0
                ? $"  equal on {members} up to change {comparison.Through.ToString(CultureInfo.InvariantCulture)}"
                : $"  MEMBERS DIFFER ({members}, up to change {comparison.Through.ToString(CultureInfo.InvariantCulture)})");
        }

        foreach (var difference in comparison.Differences)
        {
            console.Prose($"  {difference.Node}: {(comparison.EndedEarly ? "at least " : "")}{Human.Count(difference.Documents, "document")} "
                + $"from '{difference.FirstId}' to '{difference.LastId}'");
            console.Prose($"    ids: {string.Join(", ", difference.Ids.Take(ShownIds))}{(difference.Documents > ShownIds ? ", ..." : "")}", hang: 6);
            console.Prose($"    {difference.Advice}", hang: 6);
        }

        foreach (var member in comparison.NotCompared)
        {
            console.Prose($"  not compared: {member.Node}: {member.Reason}", hang: 4);
        }

        if (comparison.Changing > 0)
        {
            console.Prose($"  {Human.Count(comparison.Changing, "document")} changed too fast to be compared");
        }
    }

    private static string Entries(long count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} index {(count == 1 ? "entry" : "entries")}");
}
