using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>What is seen of the members now: look at a replica set, and do whatever comes next.</summary>
/// <param name="ReplicaSet"><see cref="All"/> for all of them.</param>
internal sealed record AssessAppointments(ClusterSightings Sightings, string ReplicaSet) : LocalMessage
{
    public const string All = "";
}

/// <summary>An order to a member, which answers the cluster's actor.</summary>
internal sealed record AppointmentOrder(string Node, INodeCommand Command) : LocalMessage;

/// <summary>Asks the supervisor to store facts about a replica set; answered with <see cref="ReplicaSetFactsStored"/> once they are on disk.</summary>
/// <param name="Epoch">The reign in which they were decided; facts of another one are not stored.</param>
internal sealed record StoreReplicaSetFacts(long Epoch, string ReplicaSet, IReadOnlyList<ReplicaSetRecorded> Facts) : LocalMessage;

internal sealed record ReplicaSetFactsStored(string ReplicaSet) : LocalMessage;
