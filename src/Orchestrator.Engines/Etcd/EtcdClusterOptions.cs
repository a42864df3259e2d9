using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>How one etcd cluster is reached and treated.</summary>
public sealed record EtcdClusterOptions : IEngineOptions
{
    /// <summary>Name of the cluster for the orchestrator; also of its one replica set.</summary>
    public required string Name { get; init; }

    /// <summary>Client URLs of some of its members, at least one; the others are discovered.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How connections are secured.</summary>
    public TlsFiles Tls { get; init; } = TlsFiles.None;

    /// <summary>User; empty for none.</summary>
    public string User { get; init; } = "";

    /// <summary>Its password: never to be logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>How long a call may take that does no work: status, membership, locks.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the defragmentation of one member may take.</summary>
    public TimeSpan DefragmentTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the removal of old revisions may take on one member.</summary>
    public TimeSpan HistoryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a follower may take to have everything before leadership is handed to it, and to be seen as leader afterwards.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the membership is asked for.</summary>
    public TimeSpan DiscoverInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two members; null for that of all clusters.</summary>
    public TimeSpan? Settle { get; init; }

    /// <summary>Key that keeps other orchestrators away while a run works.</summary>
    public string LockKey { get; init; } = DefaultLockKey;

    /// <summary>After so long without renewal the key of an orchestrator that has died is gone; at least 5 s.</summary>
    public TimeSpan LockTimeToLive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The members' <c>--quota-backend-bytes</c> where their version (before 3.6) does not tell it; 0 if unknown.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>Members that use a smaller share of their quota are left out; 0 to 1, 0 for no such rule.</summary>
    public double MinQuotaUse { get; init; }

    /// <summary>The default of <see cref="LockKey"/>.</summary>
    public const string DefaultLockKey = "orchestrator/compaction-lock";

    /// <inheritdoc/>
    public IEngineCluster Create(EngineContext context) => new EtcdCluster(this, context.Process, context.Time);

    /// <inheritdoc/>
    public override string ToString() => $"etcd cluster {Name} at {string.Join(", ", Endpoints)}";
}
