using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>How one RavenDB cluster is reached and treated.</summary>
public sealed record RavenDbClusterOptions : IEngineOptions
{
    /// <summary>Name of the cluster for the orchestrator.</summary>
    public required string Name { get; init; }

    /// <summary>URLs of some nodes, all http or all https; discovery begins there.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    public TlsFiles Tls { get; init; } = TlsFiles.None;

    /// <summary>Where nodes are reached whose own URLs lead nowhere from here: by the node's tag a URL.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses { get; init; } = new Dictionary<string, Uri>();

    /// <summary>How long a call may take that does no work.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a new order of a database group may take to be seen on its nodes.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a database may take to load again after its compaction.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a running operation is asked for.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the membership is asked for.</summary>
    public TimeSpan DiscoverInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between two members; null for that of all clusters.</summary>
    public TimeSpan? Settle { get; init; }

    /// <summary>Whether databases that a node has unloaded are loaded just to be measured.</summary>
    public bool LoadsIdleDatabases { get; init; }

    /// <inheritdoc/>
    public IEngineCluster Create(EngineContext context) => new RavenDbCluster(this, context.Time);

    /// <inheritdoc/>
    public override string ToString() => $"RavenDB cluster {Name}";
}
