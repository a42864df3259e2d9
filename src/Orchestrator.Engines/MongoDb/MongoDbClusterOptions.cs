using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>How one MongoDB cluster is reached and treated.</summary>
public sealed record MongoDbClusterOptions : IEngineOptions
{
    /// <summary>Name of the cluster for the orchestrator.</summary>
    public required string Name { get; init; }

    /// <summary>The connection string as MongoDB users have it; its members, or a mongos, are where discovery begins.</summary>
    public required string Uri { get; init; }

    /// <summary>User; empty for the one of the connection string, or none.</summary>
    public string User { get; init; } = "";

    /// <summary>Its password: never to be logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>The database that knows the user.</summary>
    public string AuthenticationDatabase { get; init; } = "admin";

    /// <summary>Whether the client's certificate is who it is (X.509).</summary>
    public bool UsesCertificate { get; init; }

    /// <summary>Whether TLS is used whatever the connection string says.</summary>
    public bool UsesTls { get; init; }

    public TlsFiles Tls { get; init; } = TlsFiles.None;

    /// <summary>Where members are reached whose configured names lead nowhere from here: by <c>name:port</c> a <c>host:port</c>.</summary>
    public IReadOnlyDictionary<string, string> Addresses { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the config servers of a sharded cluster are one of its replica sets.</summary>
    public bool IncludesConfigServers { get; init; }

    /// <summary>How long a call may take that does no work.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a successor may take to catch up, and a new primary to be elected.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long a primary that has stepped down does not stand for election.</summary>
    public TimeSpan StepDownPeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the membership is asked for.</summary>
    public TimeSpan DiscoverInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between two members; null for that of all clusters.</summary>
    public TimeSpan? Settle { get; init; }

    /// <summary>Collection, as <c>database.collection</c>, whose document keeps other orchestrators away while a run works; empty for none.</summary>
    public string ClaimCollection { get; init; } = DefaultClaimCollection;

    /// <summary>After so long without renewal the claim of an orchestrator that has died is over.</summary>
    public TimeSpan ClaimTimeToLive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What the members do in the background; null for what they are told by others.</summary>
    public MongoDbAutoCompactOptions? AutoCompact { get; init; }

    public const string DefaultClaimCollection = "orchestrator.claims";

    /// <inheritdoc/>
    public IEngineCluster Create(EngineContext context) => new MongoDbCluster(this, context.Process, context.Time);

    /// <inheritdoc/>
    public override string ToString() => $"MongoDB cluster {Name}";
}
