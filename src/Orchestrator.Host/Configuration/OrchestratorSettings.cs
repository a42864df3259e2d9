using Orchestrator.Actors.Journals;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Host.Configuration;

/// <summary>Every setting of a process, checked. hocon/reference.conf says what each means.</summary>
internal sealed record OrchestratorSettings
{
    /// <summary>What the process does; at least one.</summary>
    public required ProcessRoles Roles { get; init; }

    public required HttpSettings Http { get; init; }

    public required RemotingSettings Remoting { get; init; }

    /// <summary>Of use with role node only; its name may be empty without that role.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>The configured clusters; at least one with role supervisor.</summary>
    public required IReadOnlyList<ClusterDefinition> Clusters { get; init; }

    /// <summary>How the clusters with engine etcd are reached. Holds passwords: never to be logged.</summary>
    public required IReadOnlyList<EtcdClusterOptions> EtcdClusters { get; init; }

    /// <summary>What holds for each of them that does not say otherwise; of the other members only the limits.</summary>
    public required EtcdClusterOptions EtcdDefaults { get; init; }

    public required SupervisorSettings Supervisor { get; init; }

    public required RunSettings Runs { get; init; }

    public required IReadOnlyList<MaintenanceWindow> Windows { get; init; }

    /// <summary>With the schedule for automatic compaction, where that is switched on.</summary>
    public required IReadOnlyList<Schedule> Schedules { get; init; }

    public required JournalSettings Journal { get; init; }

    public required LogSettings Log { get; init; }

    public required SecuritySettings Security { get; init; }

    public required NotificationSettings Notifications { get; init; }

    /// <summary>The file's and the product's akka section as resolved HOCON text; see <see cref="AkkaConfiguration"/>.</summary>
    public required string AkkaSection { get; init; }
}

/// <summary>What a process does.</summary>
internal sealed record ProcessRoles(bool Node, bool Supervisor)
{
    public const string NodeName = "node";

    public const string SupervisorName = "supervisor";

    /// <summary>The names, as roles of the cluster.</summary>
    public IEnumerable<string> Names => new[] { (NodeName, Node), (SupervisorName, Supervisor) }.Where(role => role.Item2).Select(role => role.Item1);
}

internal sealed record HttpSettings
{
    /// <summary>IP address to listen on.</summary>
    public required string Host { get; init; }

    /// <summary>0 takes a free port.</summary>
    public required int Port { get; init; }

    /// <summary>Base URL without a trailing slash; empty: made of host and the port that is listened on.</summary>
    public required string AdvertisedUrl { get; init; }

    /// <summary>Bytes.</summary>
    public required long MaxRequestBody { get; init; }

    /// <summary>Bytes of bodies that all requests under way may hold.</summary>
    public required long MaxHeldBodies { get; init; }

    /// <summary>Bytes of bodies that the requests of one caller may hold.</summary>
    public required long MaxHeldBodiesPerCaller { get; init; }

    /// <summary>Event streams, and waiting readers of changes, of all callers.</summary>
    public required int MaxStreams { get; init; }

    /// <summary>The same of one caller.</summary>
    public required int MaxStreamsPerCaller { get; init; }

    /// <summary>Connections; further ones are closed at once.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Further names of this server, without ports; <c>*</c> for every name.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Null: plain HTTP, and calls of other processes trust the machine's authorities alone.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Whether this process serves HTTPS.</summary>
    public bool IsEncrypted => Tls is { Certificate.Length: > 0 };
}

internal sealed record RemotingSettings
{
    public required string Host { get; init; }

    /// <summary>0 takes a free port.</summary>
    public required int Port { get; init; }

    /// <summary>Never empty: the host where nothing else is configured.</summary>
    public required string AdvertisedHost { get; init; }

    /// <summary>host:port each.</summary>
    public required IReadOnlyList<string> SeedNodes { get; init; }

    /// <summary>How long the journal's record of the cluster is believed that nobody renews.</summary>
    public required TimeSpan ClaimTimeout { get; init; }

    /// <summary>Bytes.</summary>
    public required long MaxFrameSize { get; init; }

    /// <summary>Null: connections are neither encrypted nor proven.</summary>
    public RemotingTlsSettings? Tls { get; init; }
}

internal sealed record NodeSettings
{
    public required string Name { get; init; }

    public required string Cluster { get; init; }

    public required string ReplicaSet { get; init; }

    /// <summary>Absolute path.</summary>
    public required string DataDirectory { get; init; }

    public required int GroupCommitMaxWrites { get; init; }

    public required int MaxQueuedWrites { get; init; }

    public required int MaxUnconfirmedWrites { get; init; }

    public required int MaxReaders { get; init; }

    public required TimeSpan WriteTimeout { get; init; }

    public required TimeSpan IndexBuildWait { get; init; }

    public required TimeSpan LongPollWait { get; init; }

    public required TimeSpan PrimaryLease { get; init; }

    public required TimeSpan CollectionTimeout { get; init; }

    public required TimeSpan SelfCheckInterval { get; init; }

    /// <summary>0: tombstones are dropped at once.</summary>
    public required TimeSpan TombstoneRetention { get; init; }

    public required int FinishedCompactionsKept { get; init; }

    public required ReplicationSettings Replication { get; init; }

    public required StorageSettings Storage { get; init; }
}

internal sealed record ReplicationSettings
{
    public required int BatchChanges { get; init; }

    public required TimeSpan PollWait { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan MinBackoff { get; init; }

    public required TimeSpan MaxBackoff { get; init; }
}

/// <summary>Sizes are in bytes.</summary>
internal sealed record StorageSettings
{
    public required int PageSize { get; init; }

    public required long CacheSize { get; init; }

    /// <summary>0: no memory map.</summary>
    public required long MemoryMapSize { get; init; }

    public required int ReaderConnections { get; init; }

    public required long WriteAheadLogSize { get; init; }

    public required long CopyBatchSize { get; init; }

    public required int FinalCatchUpChanges { get; init; }

    /// <summary>0: no limit.</summary>
    public required long FreeSpaceReserve { get; init; }

    /// <summary>Per second.</summary>
    public required long AssumedCopyRate { get; init; }

    public required TimeSpan ReaderDrainTimeout { get; init; }

    public required int ParallelIndexes { get; init; }
}

internal sealed record SupervisorSettings
{
    public required TimeSpan ObserveInterval { get; init; }

    public required TimeSpan UnreachableAfter { get; init; }

    public required TimeSpan FailoverAfter { get; init; }

    public required TimeSpan FirstAppointmentGrace { get; init; }

    public required TimeSpan PromiseTimeout { get; init; }

    public required TimeSpan StepDownTimeout { get; init; }

    public required TimeSpan StepDownWritePause { get; init; }

    public required TimeSpan InventoryTimeout { get; init; }

    public required TimeSpan NodeTimeout { get; init; }

    public required TimeSpan AssessInterval { get; init; }

    public required int HistoryLength { get; init; }

    public required int RunsKept { get; init; }

    public required int MaxWaitingReaders { get; init; }

    public required TimeSpan LongestEventWait { get; init; }

    public required int MaxEventsPerAnswer { get; init; }

    public required TimeSpan RestartBackoff { get; init; }

    public required int SnapshotInterval { get; init; }

    public required int JournalFactsKept { get; init; }

    public required int AuditKept { get; init; }

    public required double DiskLow { get; init; }
}

internal sealed record RunSettings
{
    public required long LagLimitChanges { get; init; }

    public required TimeSpan LagLimit { get; init; }

    public required int StepRetries { get; init; }

    public required TimeSpan RetryBackoff { get; init; }

    public required TimeSpan Settle { get; init; }

    public required TimeSpan UnreachableGrace { get; init; }

    public required TimeSpan CheckPatience { get; init; }

    /// <summary>0 to 0.9.</summary>
    public required double DiskSpaceHeadroom { get; init; }

    public required long MinReclaimableBytes { get; init; }

    /// <summary>0 to 1.</summary>
    public required double MinFragmentation { get; init; }

    public required long MinStepDownBytes { get; init; }

    /// <summary>The mode of runs that name none; empty for the engine's default.</summary>
    public required string Mode { get; init; }
}

/// <summary>Where the supervisor's events are kept.</summary>
/// <param name="ProviderName">SQLite.MS or PostgreSQL.15.</param>
/// <param name="File">Absolute path of the SQLite file; empty when a connection string is configured.</param>
/// <param name="ConnectionString">Never empty. May hold a password: never to be logged.</param>
internal sealed record JournalSettings(string ProviderName, string File, string ConnectionString)
{
    /// <summary>The database that this means.</summary>
    public SupervisorJournal Database => SupervisorJournal.For(ProviderName, ConnectionString);

    public override string ToString() => $"JournalSettings {{ {ProviderName}, {(File.Length > 0 ? File : "configured connection string")} }}";
}

/// <summary>The names in the file are the same in small letters.</summary>
internal enum LogLevelSetting
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record LogSettings
{
    public required LogLevelSetting Level { get; init; }

    public required LogFormat Format { get; init; }

    /// <summary>Absolute path; empty: none.</summary>
    public required string File { get; init; }

    /// <summary>Bytes.</summary>
    public required long FileMaxSize { get; init; }

    public required int FilesKept { get; init; }
}
