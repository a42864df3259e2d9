using Orchestrator.Actors;
using Orchestrator.Actors.Journals;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Configuration;

/// <summary>Every setting of a process, checked. hocon/reference.conf says what each means.</summary>
internal sealed record OrchestratorSettings
{
    /// <summary>What the process does; at least one.</summary>
    public required ProcessRoles Roles { get; init; }

    public required HttpSettings Http { get; init; }

    public required RemotingSettings Remoting { get; init; }

    /// <summary>Of use with role node only; its name may be empty without that role. The address is not known yet.</summary>
    public required NodeOptions Node { get; init; }

    /// <summary>The engines that there are.</summary>
    public required EngineProviders Engines { get; init; }

    /// <summary>The configured clusters; at least one with role supervisor and without operator. Holds secrets: never to be logged.</summary>
    public required IReadOnlyList<ConfiguredCluster> Clusters { get; init; }

    /// <summary>The configured clusters with their replica sets, as far as these are configured.</summary>
    public IReadOnlyList<ClusterDefinition> Definitions => [.. Clusters.Select(cluster => cluster.Definition)];

    /// <summary>With windows and schedules; that for automatic compaction is among them where it is switched on.</summary>
    public required SupervisorOptions Supervisor { get; init; }

    public required JournalSettings Journal { get; init; }

    public required LogSettings Log { get; init; }

    public required SecuritySettings Security { get; init; }

    public required NotificationSettings Notifications { get; init; }

    public required TelemetrySettings Telemetry { get; init; }

    /// <summary>Files with passwords and private keys that the settings name.</summary>
    public IReadOnlyList<string> SecretFiles { get; init; } = [];

    /// <summary>Every setting with its source, for people.</summary>
    public required Lazy<IReadOnlyList<SettingInEffect>> InEffect { get; init; }

    /// <summary>Reads clusters that are declared elsewhere. Of use with role operator only.</summary>
    public required DeclaredClusters Declared { get; init; }

    /// <summary>Of use with role operator only.</summary>
    public required KubernetesSettings Kubernetes { get; init; }

    /// <summary>The file's and the product's akka section as resolved HOCON text; see <see cref="AkkaConfiguration"/>.</summary>
    public required string AkkaSection { get; init; }
}

/// <summary>What a process does.</summary>
internal sealed record ProcessRoles(bool Node, bool Supervisor, bool Operator = false)
{
    public const string NodeName = "node";

    public const string SupervisorName = "supervisor";

    public const string OperatorName = "operator";

    /// <summary>The names, as roles of the cluster.</summary>
    public IEnumerable<string> Names => new[] { (NodeName, Node), (SupervisorName, Supervisor), (OperatorName, Operator) }.Where(role => role.Item2).Select(role => role.Item1);
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

    /// <summary>Whether there is a web page at <c>/</c>.</summary>
    public required bool Page { get; init; }

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

    /// <summary>Labels of the pods that are seed nodes too; empty: none.</summary>
    public required string SeedPods { get; init; }

    /// <summary>Whether there are other processes than this one.</summary>
    public bool NamesOthers => SeedNodes.Count > 0 || SeedPods.Length > 0;

    /// <summary>How long the journal's record of the cluster is believed that nobody renews.</summary>
    public required TimeSpan ClaimTimeout { get; init; }

    /// <summary>Bytes.</summary>
    public required long MaxFrameSize { get; init; }

    /// <summary>Null: connections are neither encrypted nor proven.</summary>
    public RemotingTlsSettings? Tls { get; init; }
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
