namespace Orchestrator.Core.Topology;

/// <summary>The rules by which the supervisor appoints a replica set's primary.</summary>
public static class ReplicaSetDecider
{
    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static Decision<ReplicaSetEvent, ReplicaSetEffect, ReplicaSetReply> Decide(
        ReplicaSetState state,
        ReplicaSetCommand command,
        ReplicaSetEnvironment environment) => throw new NotSupportedException();

    /// <summary>The state after an event.</summary>
    public static ReplicaSetState Apply(ReplicaSetState state, ReplicaSetEvent @event) => throw new NotSupportedException();
}
