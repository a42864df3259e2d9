using Orchestrator.Actors.Clusters;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Actors;

/// <summary>What the cluster-wide supervisor is told. Must be equal in all processes that can host it.</summary>
public sealed record SupervisorOptions
{
    /// <summary>Cluster role of the processes that can host the supervisor.</summary>
    public string Role { get; init; } = "supervisor";

    /// <summary>Cluster role of the processes that are database nodes.</summary>
    public string NodeRole { get; init; } = "node";

    /// <summary>Clusters of other engines, which the process that hosts the supervisor drives. The caller disposes them after the system.</summary>
    public IReadOnlyList<IEngineCluster> Engines { get; init; } = [];

    /// <summary>Clusters of other engines that the process learns of while it runs; null: there are none. The caller disposes it after the system.</summary>
    public AddedClusters? Added { get; init; }

    /// <summary>What the orchestrator's own database nodes can do, until one has told it.</summary>
    public EngineCapabilities NodeCapabilities { get; init; } = EngineCapabilities.Unknown;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often every node is observed.</summary>
    public TimeSpan ObserveInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long inventories may take; nodes that have not answered by then are reported as missing.</summary>
    public TimeSpan InventoryTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often what the supervisor knows is published for metrics, a multiple of <see cref="ObserveInterval"/> in effect.</summary>
    public TimeSpan PictureInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a run looks at what it can do next.</summary>
    public TimeSpan AssessInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Changes of state that are remembered for each node; at least 1.</summary>
    public int HistoryLength { get; init; } = 64;

    /// <summary>Finished runs that stay in the list of runs, with their histories; at least 1.</summary>
    public int RunsKept { get; init; } = 200;

    /// <summary>Readers that may wait for events, for each run.</summary>
    public int MaxWaitingReaders { get; init; } = 64;

    /// <summary>The longest time that a reader of run events may ask to wait.</summary>
    public TimeSpan LongestEventWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Run events in one answer at most; at least 1.</summary>
    public int MaxEventsPerAnswer { get; init; } = 500;

    /// <summary>First pause before the supervisor is started again after it failed, for example because its journal does; doubles up to 32 times.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Says to operators why the journal could not be read or written, given what was thrown; may ask the database.</summary>
    public Func<Exception, string> ExplainJournalFailure { get; init; } = failure => failure.Message;

    /// <summary>How patient it is with replica sets: silence, failover, step-downs.</summary>
    public ReplicaSetPolicy ReplicaSets { get; init; } = ReplicaSetPolicy.Default;

    /// <summary>How cautious plans and runs are.</summary>
    public CompactionPolicy Compaction { get; init; } = CompactionPolicy.Default;

    /// <summary>The maintenance windows that runs can keep to, each with a name of its own.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>The schedules, each with a name of its own.</summary>
    public IReadOnlyList<Schedule> Schedules { get; init; } = [];

    /// <summary>After so many facts the supervisor's state is stored as a whole, so that recovery reads fewer of them; at least 1.</summary>
    public int SnapshotInterval { get; init; } = 1000;

    /// <summary>Facts that stay in the journal although a snapshot has made them unnecessary; at least 0.</summary>
    public int FactsKept { get; init; } = 100_000;

    /// <summary>Share of a node's disk that must be free, else it is told as nearly full; 0: it never is.</summary>
    public double DiskLowShare { get; init; } = 0.1;

    /// <summary>Entries of the audit trail that can be read; older ones are deleted. At least <see cref="Core.Operations.AuditLog.Kept"/>.</summary>
    public int AuditKept { get; init; } = 100_000;
}
