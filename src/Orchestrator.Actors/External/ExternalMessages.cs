using Akka.Actor;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.External;

/// <summary>Told to the supervisor: who the members of an external cluster are, and the actor of each.</summary>
internal sealed record ClusterDiscovered(ClusterDefinition Definition, IReadOnlyList<IActorRef> Nodes) : LocalMessage;

/// <summary>Told to the supervisor: the cluster did not tell who its members are.</summary>
internal sealed record ClusterNotDiscovered(string Cluster, RequestFailed Failure) : LocalMessage;

/// <summary>Asks for the cluster's claim for a run; answered with <see cref="ClusterClaimed"/> or <see cref="RequestFailed"/>.</summary>
internal sealed record ClaimCluster(string RunId) : LocalMessage;

/// <summary>No other orchestrator will work on the cluster while the run does.</summary>
internal sealed record ClusterClaimed(string RunId) : LocalMessage;

/// <summary>A run has ended: its claim is given back.</summary>
internal sealed record ReleaseCluster(string RunId) : LocalMessage;
