using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>A fact in the supervisor's journal.</summary>
public abstract record SupervisorEvent(DateTimeOffset At);

/// <summary>A new reign began.</summary>
/// <param name="Epoch">Higher than every one before.</param>
/// <param name="Host">Remoting address of the process that hosts it.</param>
public sealed record SupervisorStarted(long Epoch, string Host, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A fact about a replica set of a cluster.</summary>
public sealed record ReplicaSetRecorded(string Cluster, DurableReplicaSetEvent Event, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A run holds its replica sets from now on; its own history is kept by itself.</summary>
public sealed record RunRegistered(string RunId, string Cluster, IReadOnlyList<string> ReplicaSets, DateTimeOffset At) : SupervisorEvent(At)
{
    /// <summary>Who or what started it, and the window that it keeps to.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

/// <summary>A run has ended, or never came to be, and gives its replica sets back.</summary>
public sealed record RunReleased(string RunId, DateTimeOffset At) : SupervisorEvent(At);
