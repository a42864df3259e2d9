using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>The holds that were placed and not ended.</summary>
public sealed record HoldState(ImmutableList<Hold> Holds)
{
    public static HoldState Initial { get; } = new([]);

    /// <summary>The holds in force at a moment, by cluster and owner.</summary>
    /// <param name="cluster">Only those of this one; empty for all.</param>
    public IEnumerable<Hold> InForce(string cluster, DateTimeOffset now) => Holds
        .Where(hold => hold.Until > now && (cluster.Length == 0 || hold.Cluster == cluster))
        .OrderBy(hold => hold.Cluster, StringComparer.Ordinal)
        .ThenBy(hold => hold.Owner, StringComparer.Ordinal);

    public Hold? Find(string cluster, string owner) => Holds.Find(hold => hold.Cluster == cluster && hold.Owner == owner);

    internal HoldState With(Hold hold) => new(Without(hold.Cluster, hold.Owner).Holds.Add(hold));

    internal HoldState Without(string cluster, string owner) => new(Holds.RemoveAll(hold => hold.Cluster == cluster && hold.Owner == owner));
}
