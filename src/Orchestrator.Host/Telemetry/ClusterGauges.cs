using System.Diagnostics.Metrics;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using static Orchestrator.Host.Telemetry.Gauge;

namespace Orchestrator.Host.Telemetry;

/// <summary>Clusters, replica sets and members as last observed.</summary>
internal static class ClusterGauges
{
    public static IReadOnlyList<Gauge> All { get; } =
    [
        new("orchestrator.supervisor.epoch", "", "Number of the supervisor's reign; it rises with each failover.", picture => [Value(picture.Epoch)]),
        new("orchestrator.cluster.trouble", "", "1 while the supervisor cannot look after the cluster or its schedules cannot compact it, else 0.", picture =>
            picture.Clusters.Select(cluster => Value(Flag(cluster.View.Trouble.Length > 0), ("cluster", cluster.View.Name), ("engine", cluster.View.Engine)))),
        new("orchestrator.cluster.frozen", "", "1 while nothing may start on the cluster because of a freeze, else 0.", picture =>
            picture.Clusters.Select(cluster => Value(Flag(picture.Freezes.On(cluster.View.Name, picture.At).Length > 0), ("cluster", cluster.View.Name)))),
        new("orchestrator.replica_set.term", "", "Number of the present primary's reign.", picture =>
            Sets(picture, set => set.Term)),
        new("orchestrator.replica_set.trouble", "", "1 while the replica set has no majority or no primary that can be reached, else 0.", picture =>
            Sets(picture, set => Flag(set.Trouble.Length > 0 || !HasPrimary(set)))),
        new("orchestrator.member.state", "", "1 for the state that the member is in.", picture =>
            Members(picture, member => 1, member => ("state", member.State.ToText()))),
        new("orchestrator.member.role", "", "1 for the role that the member has.", picture =>
            Members(picture, member => member.State.IsReachable() ? 1 : null, member => ("role", RoleName(member.Role)))),
        new("orchestrator.member.lag.changes", "{change}", "Changes that the primary has and the member has not.", picture =>
            Members(picture, member => member.State.IsReachable() ? member.Lag.Changes : null)),
        new("orchestrator.member.lag.time", "s", "Time since the member last had everything that the primary had.", picture =>
            Members(picture, member => member.State.IsReachable() ? member.Lag.Seconds : null)),
        new("orchestrator.member.disk.free", "By", "Free space of the member's disk.", picture => Members(picture, member => HasDisk(member) ? member.Disk.FreeBytes : null)),
        new("orchestrator.member.disk.size", "By", "Size of the member's disk.", picture => Members(picture, member => HasDisk(member) ? member.Disk.TotalBytes : null)),
        new("orchestrator.member.quota", "By", "Most that the member's storage may take.", picture =>
            Members(picture, member => member.QuotaBytes > 0 ? member.QuotaBytes : null)),
        new("orchestrator.member.alarms", "{alarm}", "Alarms that stand on the member.", picture => Members(picture, member => member.Alarms.Count)),
        new("orchestrator.member.failed_collections", "{collection}", "Collections that the member cannot serve.", picture =>
            Members(picture, member => member.FailedCollections.Count)),
    ];

    private static bool HasDisk(NodeObservation member) => member.Disk is { IsSeen: true, TotalBytes: > 0 };

    private static bool HasPrimary(ReplicaSetView set) =>
        set.Members.Any(member => member.Observation.Node == set.Primary && member.Observation.State.IsReachable());

    private static string RoleName(MemberRole role) => role switch
    {
        MemberRole.Primary => "primary",
        MemberRole.Secondary => "secondary",
        MemberRole.Arbiter => "arbiter",
        MemberRole.Learner => "learner",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "unknown role"),
    };

    private static IEnumerable<Measurement<double>> Sets(SupervisorPicture picture, Func<ReplicaSetView, double> value) =>
        from cluster in picture.Clusters
        from set in cluster.View.ReplicaSets
        select Value(value(set), ("cluster", cluster.View.Name), ("replica_set", set.Name));

    /// <param name="value">Null where there is nothing to tell of the member.</param>
    private static IEnumerable<Measurement<double>> Members(
        SupervisorPicture picture, Func<NodeObservation, double?> value, Func<NodeObservation, (string, string)>? label = null)
    {
        foreach (var cluster in picture.Clusters)
        {
            foreach (var set in cluster.View.ReplicaSets)
            {
                foreach (var member in set.Members.Select(member => member.Observation))
                {
                    if (value(member) is { } number)
                    {
                        yield return label is null
                            ? Value(number, ("cluster", cluster.View.Name), ("replica_set", set.Name), ("member", member.Node))
                            : Value(number, ("cluster", cluster.View.Name), ("replica_set", set.Name), ("member", member.Node), label(member));
                    }
                }
            }
        }
    }
}
