using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>Names a replica set.</summary>
internal sealed record ReplicaSetKey(string Cluster, string ReplicaSet);

/// <summary>Names a node.</summary>
internal sealed record NodeKey(string Cluster, string Node);

/// <summary>A run as the supervisor keeps it: who it is and what it holds.</summary>
/// <param name="Origin">Who or what started it, and the window that it keeps to.</param>
internal sealed record RegisteredRun(string RunId, string Cluster, IReadOnlyList<string> ReplicaSets, bool Active, RunOrigin Origin);

/// <summary>What the supervisor's journal adds up to.</summary>
/// <param name="Epoch">Number of the last reign; 0 before the first.</param>
/// <param name="Sets">The replica sets that are configured now.</param>
/// <param name="Runs">Oldest first.</param>
internal sealed record SupervisorState(
    long Epoch,
    ImmutableDictionary<ReplicaSetKey, ReplicaSetState> Sets,
    ImmutableList<RegisteredRun> Runs)
{
    public static SupervisorState Initial(IReadOnlyList<ClusterDefinition> clusters) => new(
        0,
        clusters
            .SelectMany(cluster => cluster.ReplicaSets.Select(set =>
                KeyValuePair.Create(new ReplicaSetKey(cluster.Name, set.Name), ReplicaSetState.Initial(set))))
            .ToImmutableDictionary(),
        []);

    /// <summary>The state after an event. Facts about replica sets that are no longer configured are passed over.</summary>
    public SupervisorState Apply(SupervisorEvent fact) => fact switch
    {
        SupervisorStarted started => this with { Epoch = started.Epoch },
        ReplicaSetRecorded recorded => Apply(new ReplicaSetKey(recorded.Cluster, recorded.Event.ReplicaSet), recorded.Event),
        RunRegistered registered => this with
        {
            Runs = Runs.RemoveAll(run => run.RunId == registered.RunId)
                .Add(new RegisteredRun(registered.RunId, registered.Cluster, registered.ReplicaSets, true, registered.Origin)),
        },
        RunReleased released => this with
        {
            Runs = [.. Runs.Select(run => run.RunId == released.RunId ? run with { Active = false } : run)],
        },
        _ => throw new InvalidOperationException($"unknown event {fact.GetType().Name}"),
    };

    /// <summary>The state after an event of a replica set, durable or not.</summary>
    public SupervisorState Apply(ReplicaSetKey key, ReplicaSetEvent fact) => Sets.TryGetValue(key, out var set)
        ? this with { Sets = Sets.SetItem(key, ReplicaSetDecider.Apply(set, fact)) }
        : this;

    /// <summary>The run, if it is known.</summary>
    public RegisteredRun? Find(string runId) => Runs.Find(run => run.RunId == runId);

    /// <summary>The active run that holds one of the replica sets; null if none does.</summary>
    public RegisteredRun? Holder(string cluster, IEnumerable<string> replicaSets) => Runs.Find(run =>
        run.Active && run.Cluster == cluster && run.ReplicaSets.Intersect(replicaSets, StringComparer.Ordinal).Any());
}
