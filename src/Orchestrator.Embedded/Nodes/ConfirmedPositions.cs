using System.Collections.Immutable;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// How far a member has vouched for each of its collections, as the file <see cref="NodeFiles.Confirmed"/> keeps it beside the data: whatever has less after a
/// start has lost changes that others count on. It is written now and then and so may be behind, never ahead of what was on disk.
/// </summary>
/// <param name="Collections">By <c>database/collection</c>, with <c>~2</c> and so on for a later one of a name that was dropped.</param>
internal sealed record ConfirmedPositions(ImmutableSortedDictionary<string, FeedPosition> Collections)
{
    public static ConfirmedPositions None { get; } = new(ImmutableSortedDictionary.Create<string, FeedPosition>(StringComparer.Ordinal));

    public FeedPosition Of(CollectionName name, int incarnation) => Collections.GetValueOrDefault(Key(name, incarnation)) ?? FeedPosition.Empty;

    /// <summary>
    /// What a report changes. A collection that is rolled back or copied anew vouches for nothing until it is whole; one that is not open, or
    /// has lost changes, says nothing of what it had.
    /// </summary>
    public ConfirmedPositions With(CollectionReport report)
    {
        if (report.Lost || report.Condition is CollectionCondition.Opening or CollectionCondition.Failed)
        {
            return this;
        }

        var next = report.Complete && report.Position.Seq > 0
            ? Of(report.Name, report.Incarnation) == report.Position ? Collections : Collections.SetItem(Key(report.Name, report.Incarnation), report.Position)
            : Collections.Remove(Key(report.Name, report.Incarnation));
        return next == Collections ? this : new ConfirmedPositions(next);
    }

    /// <summary>A collection that is no longer named by the catalog.</summary>
    public ConfirmedPositions Without(CollectionName name, int incarnation)
    {
        var next = Collections.Remove(Key(name, incarnation));
        return next == Collections ? this : new ConfirmedPositions(next);
    }

    private static string Key(CollectionName name, int incarnation) => CollectionDirectory.NameOf(name.ToString(), incarnation);
}
