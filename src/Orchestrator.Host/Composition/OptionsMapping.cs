using Orchestrator.Actors;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Host.Configuration;
using Orchestrator.Storage;

namespace Orchestrator.Host.Composition;

/// <summary>From settings to the options of the actors.</summary>
internal static class OptionsMapping
{
    /// <param name="address">Base URL at which others reach this process's HTTP server.</param>
    /// <param name="seed">Seed of the jitter in back-off times.</param>
    public static NodeOptions ToNodeOptions(this OrchestratorSettings settings, string address, TimeProvider time, int seed)
    {
        var node = settings.Node;
        return new NodeOptions
        {
            Cluster = node.Cluster,
            ReplicaSet = node.ReplicaSet,
            Node = node.Name,
            Address = address,
            DataDirectory = node.DataDirectory,
            Time = time,
            Seed = seed,
            MaxQueuedWrites = node.MaxQueuedWrites,
            MaxWritesPerCommit = node.GroupCommitMaxWrites,
            MaxUnconfirmedWrites = node.MaxUnconfirmedWrites,
            MaxReaders = node.MaxReaders,
            ConfirmationTimeout = node.WriteTimeout,
            IndexBuildWait = node.IndexBuildWait,
            LongestFeedWait = node.LongPollWait,
            Lease = node.PrimaryLease,
            CollectionTimeout = node.CollectionTimeout,
            SelfCheckInterval = node.SelfCheckInterval,
            TombstoneRetention = node.TombstoneRetention,
            FinishedCompactionsKept = node.FinishedCompactionsKept,
            Storage = ToStorageOptions(node.Storage),
            Replication = new ReplicationOptions
            {
                BatchChanges = node.Replication.BatchChanges,
                PollWait = node.Replication.PollWait,
                Timeout = node.Replication.Timeout,
                MinBackoff = node.Replication.MinBackoff,
                MaxBackoff = node.Replication.MaxBackoff,
            },
        };
    }

    public static SupervisorOptions ToSupervisorOptions(this OrchestratorSettings settings, TimeProvider time)
    {
        var (supervisor, runs) = (settings.Supervisor, settings.Runs);
        return new SupervisorOptions
        {
            Role = ProcessRoles.SupervisorName,
            NodeRole = ProcessRoles.NodeName,
            Time = time,
            ExplainJournalFailure = settings.Journal.Database.Explain,
            ObserveInterval = supervisor.ObserveInterval,
            PictureInterval = settings.Telemetry.RefreshInterval,
            InventoryTimeout = supervisor.InventoryTimeout,
            AssessInterval = supervisor.AssessInterval,
            HistoryLength = supervisor.HistoryLength,
            RunsKept = supervisor.RunsKept,
            MaxWaitingReaders = supervisor.MaxWaitingReaders,
            LongestEventWait = supervisor.LongestEventWait,
            MaxEventsPerAnswer = supervisor.MaxEventsPerAnswer,
            RestartBackoff = supervisor.RestartBackoff,
            SnapshotInterval = supervisor.SnapshotInterval,
            FactsKept = supervisor.JournalFactsKept,
            AuditKept = supervisor.AuditKept,
            DiskLowShare = supervisor.DiskLow,
            Windows = settings.Windows,
            Schedules = settings.Schedules,
            ReplicaSets = new ReplicaSetPolicy(
                supervisor.UnreachableAfter,
                supervisor.FailoverAfter,
                supervisor.FirstAppointmentGrace,
                supervisor.PromiseTimeout,
                supervisor.StepDownWritePause),
            Compaction = new CompactionPolicy(
                runs.LagLimitChanges,
                runs.LagLimit.TotalSeconds,
                runs.DiskSpaceHeadroom,
                runs.StepRetries,
                runs.RetryBackoff,
                runs.Settle,
                runs.MinReclaimableBytes,
                runs.MinFragmentation,
                supervisor.StepDownTimeout,
                runs.UnreachableGrace,
                runs.CheckPatience)
            {
                Mode = runs.Mode,
                MinStepDownBytes = runs.MinStepDownBytes,
            },
        };
    }

    private static StorageOptions ToStorageOptions(StorageSettings storage) => new()
    {
        PageSize = storage.PageSize,
        CacheBytes = storage.CacheSize,
        MemoryMapBytes = storage.MemoryMapSize,
        ReaderConnections = storage.ReaderConnections,
        WriteAheadLogBytes = storage.WriteAheadLogSize,
        CopyBatchBytes = storage.CopyBatchSize,
        FinalCatchUpChanges = storage.FinalCatchUpChanges,
        MinimumFreeDiskBytes = storage.FreeSpaceReserve,
        AssumedBytesPerSecond = storage.AssumedCopyRate,
        ReaderDrainTimeout = storage.ReaderDrainTimeout,
        ParallelIndexes = storage.ParallelIndexes,
    };
}
