using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>How one CouchDB cluster is reached and treated.</summary>
public sealed record CouchDbClusterOptions : IEngineOptions
{
    /// <summary>Name of the cluster for the orchestrator.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// URLs of its nodes, or of a proxy before them, at least one; each ends with a slash. The other nodes are discovered and reached through
    /// these.
    /// </summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How connections are secured.</summary>
    public TlsFiles Tls { get; init; } = TlsFiles.None;

    /// <summary>User; empty for none.</summary>
    public string User { get; init; } = "";

    /// <summary>Its password: never to be logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether the password is exchanged for a session's cookie, instead of going with every request.</summary>
    public bool UsesSessions { get; init; }

    /// <summary>How long a call may take; no call waits for a compaction.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often nodes, databases and shards are asked for.</summary>
    public TimeSpan DiscoverInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a copy at work is looked at.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pause between two steps; null for that of all clusters.</summary>
    public TimeSpan? Settle { get; init; }

    /// <summary>Databases whose files are smaller, one copy of each range counted, are not looked at.</summary>
    public long MinFileBytes { get; init; } = 100 << 10;

    /// <summary>The port at which each node of CouchDB 2.x reaches what it stores itself.</summary>
    public int NodePort { get; init; } = 5986;

    /// <summary>URLs of those ports where they are not on the host of the node's own URL or name; each ends with a slash.</summary>
    public IReadOnlyDictionary<string, Uri> NodeAddresses { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Free space on the disks of nodes, in bytes, as an administrator says it; CouchDB does not tell it.</summary>
    public IReadOnlyDictionary<string, long> FreeBytes { get; init; } = new Dictionary<string, long>();

    /// <summary>URLs of the nodes' Prometheus node exporters, which do tell it.</summary>
    public IReadOnlyDictionary<string, Uri> NodeExporters { get; init; } = new Dictionary<string, Uri>();

    /// <summary>The mount point of the file system, as node exporters name it, on which CouchDB's data is.</summary>
    public string DataMount { get; init; } = "/";

    /// <summary>Database whose document keeps other orchestrators away while a run works; empty for none.</summary>
    public string ClaimDatabase { get; init; } = DefaultClaimDatabase;

    /// <summary>Whether the nodes' automatic compaction begins nothing while a run works. Needs <see cref="ClaimDatabase"/>.</summary>
    public bool HoldsSmoosh { get; init; }

    /// <summary>After so long without renewal the claim of an orchestrator that has died is over.</summary>
    public TimeSpan ClaimTimeToLive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The default of <see cref="ClaimDatabase"/>.</summary>
    public const string DefaultClaimDatabase = "orchestrator";

    /// <inheritdoc/>
    public IEngineCluster Create(EngineContext context) => new CouchDbCluster(this, context.Process, context.Time);

    /// <inheritdoc/>
    public override string ToString() => $"CouchDB cluster {Name} at {string.Join(", ", Endpoints)}";
}
