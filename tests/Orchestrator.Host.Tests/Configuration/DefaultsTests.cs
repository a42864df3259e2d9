using Hocon;
using Orchestrator.Actors;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;
using Orchestrator.Embedded;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Storage;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class DefaultsTests
{
    private const string Least = """
        orchestrator.node.name = node-1
        orchestrator.clusters.main.replica-sets.rs-1.members = [node-1]
        """;

    private readonly OrchestratorSettings _settings = SettingsBinder.Parse(Least);

    [Fact]
    public void Every_default_of_process_and_connections_is_as_documented()
    {
        Assert.Equal(new ProcessRoles(Node: true, Supervisor: true), _settings.Roles);
        Assert.Equal(
            new HttpSettings
            {
                Host = "127.0.0.1",
                Port = 8080,
                AdvertisedUrl = "",
                AllowedHosts = _settings.Http.AllowedHosts,
                MaxRequestBody = 64 << 20,
                MaxHeldBodies = 192 << 20,
                MaxHeldBodiesPerCaller = 128 << 20,
                MaxStreams = 2000,
                MaxStreamsPerCaller = 200,
                MaxConnections = 10_000,
                Page = true,
            },
            _settings.Http);
        Assert.Empty(_settings.Http.AllowedHosts);
        Assert.Empty(_settings.Remoting.SeedNodes);
        Assert.Equal(
            new RemotingSettings
            {
                Host = "127.0.0.1",
                Port = 8081,
                AdvertisedHost = "127.0.0.1",
                SeedNodes = _settings.Remoting.SeedNodes,
                SeedPods = "",
                ClaimTimeout = TimeSpan.FromSeconds(30),
                MaxFrameSize = 4 << 20,
            },
            _settings.Remoting);
        Assert.Equal(
            new JournalSettings("SQLite.MS", Path.GetFullPath("data/journal.sqlite"), $"Data Source=\"{Path.GetFullPath("data/journal.sqlite")}\""),
            _settings.Journal);
        Assert.Empty(_settings.Security.Tokens);
        Assert.Equal(
            new SecuritySettings
            {
                AllowAnonymous = false,
                Tokens = _settings.Security.Tokens,
                ClusterSecret = Secret.None,
                Jwt = null,
                MaxFailedLogins = 10,
                FailedLoginWindow = TimeSpan.FromMinutes(1),
            },
            _settings.Security);
        Assert.False(_settings.Security.IsOn);
        Assert.Empty(_settings.Notifications.Webhooks);
        Assert.Equal(
            new NotificationSettings
            {
                Webhooks = _settings.Notifications.Webhooks,
                PollInterval = TimeSpan.FromSeconds(2),
                Lookback = TimeSpan.FromMinutes(10),
                Timeout = TimeSpan.FromSeconds(10),
                MinBackoff = TimeSpan.FromSeconds(1),
                MaxBackoff = TimeSpan.FromMinutes(5),
                RetryFor = TimeSpan.FromHours(1),
            },
            _settings.Notifications);
        Assert.Equal(
            new LogSettings { Level = LogLevelSetting.Info, Format = LogFormat.Text, File = "", FileMaxSize = 64 << 20, FilesKept = 8 },
            _settings.Log);
    }

    [Fact]
    public void Every_default_of_kubernetes_is_as_documented() => Assert.Equal(
        new KubernetesSettings
        {
            Kubeconfig = "",
            Namespace = "",
            Lease = "orchestrator-operator",
            PollInterval = TimeSpan.FromSeconds(2),
            ResyncInterval = TimeSpan.FromMinutes(10),
            Webhook = null,
        },
        _settings.Kubernetes);

    [Fact]
    public void Every_default_of_telemetry_is_as_documented() => Assert.Equal(
        new TelemetrySettings
        {
            Prometheus = true,
            RefreshInterval = TimeSpan.FromSeconds(5),
            MaxUnits = 100,
            Otlp = new OtlpSettings
            {
                Endpoint = null,
                Protocol = OtlpProtocol.Grpc,
                Headers = Secret.None,
                Interval = TimeSpan.FromSeconds(60),
                Timeout = TimeSpan.FromSeconds(10),
            },
        },
        _settings.Telemetry);

    [Fact]
    public void Every_default_of_a_node_is_as_documented()
    {
        Assert.Equal(
            new NodeOptions
            {
                Address = "",
                Node = "node-1",
                Cluster = "main",
                ReplicaSet = "rs-1",
                DataDirectory = Path.GetFullPath("data/node"),
                MaxWritesPerCommit = 1000,
                MaxQueuedWrites = 4096,
                MaxUnconfirmedWrites = 16384,
                MaxReaders = 256,
                MaxCollections = 1000,
                MaxIndexes = 64,
                ConfirmationTimeout = TimeSpan.FromSeconds(10),
                IndexBuildWait = TimeSpan.FromSeconds(5),
                LongestFeedWait = TimeSpan.FromSeconds(60),
                Lease = TimeSpan.FromSeconds(10),
                CollectionTimeout = TimeSpan.FromSeconds(20),
                SelfCheckInterval = TimeSpan.FromMilliseconds(500),
                TombstoneRetention = TimeSpan.FromDays(1),
                FinishedCompactionsKept = 16,
                Replication = new ReplicationOptions
                {
                    BatchChanges = 1000,
                    PollWait = TimeSpan.FromSeconds(2),
                    Timeout = TimeSpan.FromSeconds(5),
                    MinBackoff = TimeSpan.FromMilliseconds(100),
                    MaxBackoff = TimeSpan.FromSeconds(3),
                },
                Storage = new StorageOptions
                {
                    PageSize = 8192,
                    CacheBytes = 8 << 20,
                    MemoryMapBytes = 256 << 20,
                    ReaderConnections = 8,
                    WriteAheadLogBytes = 4 << 20,
                    CopyBatchBytes = 64 << 20,
                    FinalCatchUpChanges = 256,
                    MinimumFreeDiskBytes = 64 << 20,
                    AssumedBytesPerSecond = 80 << 20,
                    ReaderDrainTimeout = TimeSpan.FromMilliseconds(20),
                    ParallelIndexes = 2,
                },
            },
            _settings.Node);
    }

    [Fact]
    public void Every_default_of_the_supervisor_and_its_runs_is_as_documented()
    {
        Assert.Equal(
            new SupervisorOptions
            {
                Role = "supervisor",
                NodeRole = "node",
                Engines = _settings.Supervisor.Engines,
                ExplainJournalFailure = _settings.Supervisor.ExplainJournalFailure,
                NodeCapabilities = EngineProviders.All.BuiltIn.Description.Capabilities,
                Windows = _settings.Supervisor.Windows,
                Schedules = _settings.Supervisor.Schedules,
                ObserveInterval = TimeSpan.FromMilliseconds(500),
                ReplicaSets = new ReplicaSetPolicy(
                    UnreachableAfter: TimeSpan.FromSeconds(5),
                    FailoverGrace: TimeSpan.FromSeconds(10),
                    FirstAppointmentGrace: TimeSpan.FromSeconds(15),
                    PromiseTimeout: TimeSpan.FromSeconds(2),
                    StepDownTimeout: TimeSpan.FromSeconds(10)),
                InventoryTimeout = TimeSpan.FromSeconds(20),
                AssessInterval = TimeSpan.FromMilliseconds(500),
                HistoryLength = 64,
                RunsKept = 200,
                MaxWaitingReaders = 64,
                LongestEventWait = TimeSpan.FromSeconds(60),
                MaxEventsPerAnswer = 500,
                RestartBackoff = TimeSpan.FromSeconds(1),
                SnapshotInterval = 1000,
                FactsKept = 100_000,
                AuditKept = 100_000,
                DiskLowShare = 0.1,
                Compaction = new CompactionPolicy(
                    MaxLagChanges: 10_000,
                    MaxLagSeconds: 10,
                    DiskHeadroomShare: 0.02,
                    StepRetries: 3,
                    RetryBackoff: TimeSpan.FromSeconds(1),
                    Settle: TimeSpan.FromSeconds(1),
                    MinReclaimableBytes: 1 << 20,
                    MinFragmentation: 0.05,
                    StepDownTimeout: TimeSpan.FromSeconds(30),
                    UnreachableGrace: TimeSpan.FromMinutes(2),
                    CheckPatience: TimeSpan.FromMinutes(30))
                {
                    Mode = "",
                    MinStepDownBytes = 16 << 20,
                },
            },
            _settings.Supervisor);
    }

    [Fact]
    public void Nothing_is_compacted_by_itself_unless_it_is_switched_on()
    {
        Assert.Empty(_settings.Supervisor.Windows);
        Assert.Empty(_settings.Supervisor.Schedules);
    }

    [Fact]
    public void Every_default_of_a_schedule_is_as_documented()
    {
        var schedule = Assert.Single(SettingsBinder.Parse(Least + "\norchestrator.schedules.s { }").Supervisor.Schedules);

        Assert.Equal(
            (true, "", false, "s"),
            (schedule.Enabled, schedule.Mode, schedule.NeedsApproval, schedule.Name));
        Assert.Empty(schedule.Windows.Windows);
        Assert.All([schedule.Scope.Engines, schedule.Scope.Clusters, schedule.Scope.Databases, schedule.Scope.Collections], Assert.Empty);
        Assert.Equal(
            new ScheduleRules(64 << 20, 0.2, 0, TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(30)),
            schedule.Rules);
        Assert.Equal(
            new SchedulePacing(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(10), 0, 0, 20, 1, MissedWindowPolicy.Skip),
            schedule.Pacing);
    }

    [Fact]
    public void Every_default_of_a_window_is_as_documented()
    {
        var window = Assert.Single(SettingsBinder.Parse(Least + "\norchestrator.windows.w { weekly = [\"SAT-22:00..SUN-04:00\"] }").Supervisor.Windows);

        Assert.Equal(("w", "UTC", WindowCloseRule.Finish), (window.Name, window.TimeZone, window.OnClose));
        Assert.Equal([new WeeklySpan((5 * 1440) + 1320, 360)], window.Weekly);
        Assert.Empty(window.Cron);
        Assert.Empty(window.Blackouts);
    }

    [Fact]
    public void No_setting_of_the_reference_is_unread_and_none_that_is_read_is_missing_there()
    {
        var sources = ConfigurationSources.Parse("", "empty");
        var reader = new SettingsReader(sources);
        SettingsBinder.Read(sources, reader, EngineProviders.All);

        Assert.Empty(UnknownSettings.Unread(sources.Merged, reader).Select(SettingNames.Join));
        Assert.All(reader.ReadPaths, path => Assert.True(sources.Merged.HasPath(path), $"{path} is not in the reference"));
    }

    [Fact]
    public void Each_setting_of_the_reference_stands_below_a_comment()
    {
        var lines = ConfigurationSources.ReferenceText.Split('\n');
        var undocumented = Enumerable.Range(1, lines.Length - 1)
            .TakeWhile(i => !lines[i].StartsWith("akka", StringComparison.Ordinal))
            .Where(i => lines[i].Contains('=', StringComparison.Ordinal) && !lines[i].TrimStart().StartsWith('#'))
            .Where(i => lines[i - 1].Trim() is "" or "}" || lines[i - 1].TrimEnd().EndsWith('{'))
            .Select(i => $"{i + 1}: {lines[i]}");

        Assert.Empty(undocumented);
    }

    [Theory]
    [InlineData("node.conf", true)]
    [InlineData("supervisor.conf", false)]
    public void The_files_for_roles_are_valid(string file, bool node)
    {
        var settings = SettingsBinder.Load(Repository.PathOf("hocon", file));

        Assert.Equal(new ProcessRoles(node, Supervisor: true), settings.Roles);
        Assert.Equal(["127.0.0.1:8081", "127.0.0.1:8181", "127.0.0.1:8281"], settings.Remoting.SeedNodes);
        var set = Assert.Single(Assert.Single(settings.Definitions).ReplicaSets);
        Assert.Equal(["node-1", "node-2", "node-3"], set.Members);
        Assert.Equal(node ? "node-1" : "", settings.Node.Node);
    }

    [Fact]
    public void The_reference_resolves_by_itself() =>
        Assert.True(HoconConfigurationFactory.ParseString(ConfigurationSources.ReferenceText).HasPath("akka.cluster.split-brain-resolver"));
}
