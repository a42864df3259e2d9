using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.RavenDb;

/// <summary>One look at a node: what it is in each of its database groups.</summary>
internal sealed class RavenDbObserver(RavenDbMember member, RavenDbRoster roster)
{
    public async Task<MemberObservation> Look(CancellationToken cancellationToken)
    {
        var topology = await member.Calls.Topology(cancellationToken).ConfigureAwait(false);
        if (topology.NodeTag is { Length: > 0 } other && other != "?" && other != member.Name)
        {
            throw new EngineException(
                EngineFault.Misconfigured, $"{member.Calls.Endpoint.Address.Authority} leads to node {other}, not to {member.Name}: correct the cluster's addresses");
        }

        var version = await member.Calls.Version(cancellationToken).ConfigureAwait(false);
        var databases = await member.Calls.Databases(cancellationToken).ConfigureAwait(false);
        var own = databases.Where(database => database.NodesTopology?.All.Contains(member.Name) == true && !database.IsSharded).ToList();
        var hasLeader = !string.IsNullOrEmpty(topology.Leader);
        var lags = hasLeader ? await roster.Lags(topology.Leader!, cancellationToken).ConfigureAwait(false) : RavenDbLags.Unknown;
        var memberships = own
            .OrderBy(database => database.Name, StringComparer.Ordinal)
            .Select(database => Of(database, hasLeader, lags))
            .ToList();
        var (state, reason) = Whole(memberships, hasLeader, topology.LastStateChangeReason);
        return new MemberObservation(
            state,
            reason,
            MemberRole.Secondary,
            0,
            memberships is [var only] ? only.Primary : "",
            memberships.MaxBy(there => there.Lag.Changes)?.Lag ?? ReplicationLag.None,
            DiskSpace.Unseen,
            RavenDbCapabilities.Instance)
        {
            Version = version,
            Memberships = memberships,
        };
    }

    private SetMembership Of(DatabaseInfo database, bool hasLeader, RavenDbLags lags)
    {
        var group = database.NodesTopology!;
        var (state, reason) = Condition(database, group, hasLeader);
        return new SetMembership(
            database.Name,
            state,
            reason,
            group.Preferred == member.Name ? MemberRole.Primary : MemberRole.Secondary,
            0,
            group.Preferred,
            lags.Of(member.Name, database.Name, group.Preferred));
    }

    private (NodeState State, string Reason) Condition(DatabaseInfo database, NodesTopology group, bool hasLeader)
    {
        if (database.IsCompacting)
        {
            return (NodeState.Offline, $"compacts the documents of {database.Name}, which is offline on this node meanwhile");
        }

        if (database.LoadError is { Length: > 0 } error)
        {
            return (NodeState.Failed, $"{database.Name} does not load: {RavenDbErrors.FirstLine(error)}{Remedy(error)}");
        }

        if (member.Working is { } job && job.Database == database.Name)
        {
            return (NodeState.Compacting, job.Describe());
        }

        return database switch
        {
            { Disabled: true } => (NodeState.Offline, $"{database.Name} is disabled"),
            { IsBeingDeleted: true } => (NodeState.Recovering, $"{database.Name} is being deleted"),
            _ when (group.Rehabs ?? []).Any(IsSelf) => (NodeState.Recovering, $"its copy of {database.Name} is in rehabilitation: it catches up{Trouble(group)}"),
            _ when (group.Promotables ?? []).Any(IsSelf) => (NodeState.Recovering, $"its copy of {database.Name} is being promoted: it catches up{Trouble(group)}"),
            _ when !hasLeader => (NodeState.Recovering, "the cluster has no leader"),
            _ => (NodeState.Online, ""),
        };
    }

    /// <summary>A compaction that was cut off between its two renames leaves the only copy under another name.</summary>
    private static string Remedy(string error) =>
        error.Contains("-old", StringComparison.Ordinal) || error.Contains("find", StringComparison.OrdinalIgnoreCase)
            ? "; if its directory is missing beside one whose name ends in -old, a compaction was cut off: that is the only copy. Give it its name back before anything else is done"
            : "";

    private string Trouble(NodesTopology group) =>
        group.Status?.GetValueOrDefault(member.Name)?.LastError is { Length: > 0 } error ? $" ({RavenDbErrors.FirstLine(error)})" : "";

    private bool IsSelf(GroupNode node) => node.NodeTag == member.Name;

    /// <summary>What the node is as a whole: its other databases serve while one is out.</summary>
    private static (NodeState State, string Reason) Whole(IReadOnlyList<SetMembership> memberships, bool hasLeader, string? why)
    {
        if (memberships.FirstOrDefault(there => there.State == NodeState.Offline && there.Reason.StartsWith("compacts", StringComparison.Ordinal)) is { } offline)
        {
            return (NodeState.Offline, offline.Reason);
        }

        if (memberships.FirstOrDefault(there => there.State == NodeState.Compacting) is { } compacting)
        {
            return (NodeState.Compacting, compacting.Reason);
        }

        return hasLeader
            ? (NodeState.Online, "")
            : (NodeState.Recovering, string.IsNullOrEmpty(why) ? "the cluster has no leader" : $"the cluster has no leader: {RavenDbErrors.FirstLine(why)}");
    }
}
