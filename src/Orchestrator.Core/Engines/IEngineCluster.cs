using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>
/// A cluster of an engine that runs outside the orchestrator, reached over the engine's own administrative protocol. Safe
/// for use from several threads. Every call may throw <see cref="EngineException"/>, whose message is for the operator.
/// </summary>
public interface IEngineCluster : IAsyncDisposable
{
    /// <summary>Name of the cluster, as configured.</summary>
    string Name { get; }

    /// <summary>Kind of database, for people.</summary>
    string Engine { get; }

    /// <summary>What its members can do, and what it costs.</summary>
    EngineCapabilities Capabilities { get; }

    /// <summary>Pause between two steps of a run on this cluster; null for that of all clusters.</summary>
    TimeSpan? Settle { get; }

    /// <summary>How often the membership is asked for.</summary>
    TimeSpan DiscoverInterval { get; }

    /// <summary>How often a claim must be renewed to be kept.</summary>
    TimeSpan RenewInterval { get; }

    /// <summary>Asks the cluster who its members are.</summary>
    Task<EngineTopology> Discover(CancellationToken cancellationToken);

    /// <summary>The driver of a member that the last discovery named.</summary>
    IEngineMember Member(string name);

    /// <summary>
    /// Keeps other orchestrators away from the cluster while a run works on it. Repeating it for the same run is harmless,
    /// and takes the claim over that the run made in a process that has ended.
    /// </summary>
    /// <returns>Why the cluster cannot be claimed though nobody else has it; empty when it is claimed.</returns>
    /// <exception cref="EngineException">Another orchestrator has it (<see cref="EngineFault.Claimed"/>), or it cannot be reached.</exception>
    Task<string> Claim(string runId, CancellationToken cancellationToken);

    /// <summary>Renews the claim that this process has; nothing happens when it has none.</summary>
    Task Renew(CancellationToken cancellationToken);

    /// <summary>Looks which rights the cluster's user lacks for runs.</summary>
    /// <returns>What is missing; null where the engine cannot tell.</returns>
    Task<IReadOnlyList<AccessGap>?> CheckAccess(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<AccessGap>?>(null);

    /// <summary>Gives a run's claim back; nothing happens when it has none.</summary>
    Task Release(string runId, CancellationToken cancellationToken);
}

/// <summary>Who the members of a cluster are, as the cluster itself tells.</summary>
/// <param name="ReplicaSets">Its replica sets with all their members, reachable or not.</param>
/// <param name="Addresses">Where each member is reached, for people; empty where it is not known yet.</param>
public sealed record EngineTopology(IReadOnlyList<ReplicaSetDefinition> ReplicaSets, IReadOnlyDictionary<string, string> Addresses)
{
    /// <summary>Members that have no vote, as the cluster tells it: one that has not started cannot tell it itself.</summary>
    public IReadOnlyList<string> Learners { get; init; } = [];
}
