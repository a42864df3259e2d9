using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Supervisor;

/// <summary>Where nodes may be: each is a node actor, by reference or by address.</summary>
/// <param name="Host">Remoting address of this process.</param>
internal sealed record NodesKnown(IReadOnlyList<ICanTell> Nodes, string Host) : LocalMessage;

/// <summary>Told to a run: create yourself. Answered with <see cref="RunView"/>.</summary>
internal sealed record BeginRun(CompactionPlan Plan, RunOrigin Origin) : LocalMessage;

/// <summary>Told to a run: look at the cluster as it is observed now.</summary>
/// <param name="Gate">What the window and freezes allow now.</param>
internal sealed record LookAt(ClusterSnapshot Snapshot, RunGate Gate) : LocalMessage;

/// <summary>Told to a run: a member changed its state.</summary>
internal sealed record MemberChanged(NodeStateChanged Change) : LocalMessage;

/// <summary>A run's order to a node; the answer goes to the run.</summary>
internal sealed record OrderToNode(string Cluster, string Node, INodeCommand Command) : LocalMessage;

/// <summary>A run needs a member's sizes of now; they come with the next look at the cluster.</summary>
internal sealed record MeasureForRun(string Cluster, MeasureMember Order) : LocalMessage;

/// <summary>A run has ended a step and waits for nothing but a look at the members that is younger: they are looked at now instead of at the next tick.</summary>
internal sealed record LookForRun(string Cluster) : LocalMessage;

/// <summary>Where a run stands; told to the supervisor after every change.</summary>
internal sealed record RunReported(RunView View, bool Ended) : LocalMessage;

/// <summary>Told to a run that has left the list: delete your history. Answered with <see cref="HistoryDeleted"/> or <see cref="HistoryStays"/>.</summary>
internal sealed record DeleteHistory : LocalMessage;

/// <summary>Nothing of a run is in the journal any more.</summary>
internal sealed record HistoryDeleted(string RunId) : LocalMessage;

/// <summary>A run's history could not be deleted.</summary>
internal sealed record HistoryStays(string RunId, string Reason) : LocalMessage;

/// <summary>A run has no history: the supervisor ended between registering and creating it.</summary>
internal sealed record RunNeverBegan(string RunId) : LocalMessage;

/// <summary>Told to a run by itself: act by the last look at the cluster at once, instead of at the next tick.</summary>
internal sealed record LookAgain : LocalMessage
{
    public static LookAgain Instance { get; } = new();
}
