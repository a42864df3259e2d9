using System.Globalization;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>What a verification that has ended comes to.</summary>
/// <param name="Text">One sentence or several for the operator: what was found, or why nothing could be.</param>
public sealed record VerificationOutcome(VerificationResult Result, string Text)
{
    private const int MaxSaid = 3;

    /// <param name="view">One that has ended.</param>
    public static VerificationOutcome Of(VerificationView view)
    {
        if (view.Phase != VerificationPhase.Completed)
        {
            return new VerificationOutcome(VerificationResult.Unfinished, view.Reason);
        }

        var unsound = view.Collections.Where(collection => collection.Problems.Count > 0).Select(collection => Sentence(view.Node, collection)).ToList();
        var different = view.Comparisons
            .SelectMany(comparison => comparison.Differences.Select(difference => Sentence(comparison, difference)))
            .ToList();
        var apart = view.Comparisons.Where(comparison => !IsComparedOrAlone(comparison, view.Node)).ToList();
        return (unsound, different, apart) switch
        {
            (_, { Count: > 0 }, _) => new VerificationOutcome(VerificationResult.Different, Said([.. different, .. unsound])),
            ({ Count: > 0 }, _, _) => new VerificationOutcome(VerificationResult.Unsound, Said(unsound)),
            (_, _, { Count: > 0 }) => new VerificationOutcome(VerificationResult.Unfinished, Said([.. apart.Select(each => WhyNot(each, view.Node))])),
            _ => new VerificationOutcome(VerificationResult.Sound, $"sound, {Counted(view.Collections.Count, "collection")}"),
        };
    }

    /// <summary>A set of one member has nobody to compare with.</summary>
    private static bool IsComparedOrAlone(CollectionComparison comparison, string node) =>
        comparison.Compared.Contains(node) || comparison is { Compared: [], NotCompared: [_] };

    private static string WhyNot(CollectionComparison comparison, string node) =>
        $"{comparison.Database}/{comparison.Collection} was not compared: "
        + string.Join(", ", comparison.NotCompared
            .OrderBy(member => member.Node != node)
            .Select(member => $"{member.Node}: {member.Reason}")
            .DefaultIfEmpty($"{node} was not asked"));

    private static string Sentence(string node, CollectionVerdict verdict) =>
        $"{verdict.Database}/{verdict.Collection} on {node} is not sound: {Said(verdict.Problems)}";

    private static string Sentence(CollectionComparison comparison, MemberDifference difference) => string.Create(
        CultureInfo.InvariantCulture,
        $"{difference.Node} differs in {(comparison.EndedEarly ? "at least " : "")}{Counted(difference.Documents, "document")} of {comparison.Database}/{comparison.Collection} ('{difference.FirstId}'{(difference.Documents > 1 ? $" to '{difference.LastId}'" : "")}): {difference.Advice}");

    private static string Said(IReadOnlyList<string> sentences) =>
        string.Join("; ", sentences.Take(MaxSaid)) + (sentences.Count > MaxSaid ? $"; and {sentences.Count - MaxSaid} more" : "");

    private static string Counted(long number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}

/// <summary>What was found, in one word.</summary>
public enum VerificationResult
{
    /// <summary>The files are sound, and the members that could be compared are equal.</summary>
    Sound,

    /// <summary>Something is wrong in the member's files.</summary>
    Unsound,

    /// <summary>Members hold different documents.</summary>
    Different,

    /// <summary>It was not carried out, or the member could not be compared with any other.</summary>
    Unfinished,
}
