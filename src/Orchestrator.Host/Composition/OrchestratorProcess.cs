using System.Net.Sockets;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Actors;
using Orchestrator.Actors.Clusters;
using Orchestrator.Actors.Membership;
using Orchestrator.Actors.Serialization;
using Orchestrator.Embedded;
using Orchestrator.Embedded.Replication;
using Orchestrator.Engines;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Kubernetes;
using Orchestrator.Host.Notifications;
using Orchestrator.Host.Telemetry;
using Orchestrator.Host.Web;

namespace Orchestrator.Host.Composition;

/// <summary>
/// A serving process: the HTTP server, the actor system, and in it the node and the supervisor as the roles say. The
/// server listens first, so that a port in use is found before the cluster knows of this process; until the actors are
/// there, requests are answered 503.
/// </summary>
internal sealed class OrchestratorProcess : IAsyncDisposable
{
    private static readonly TimeSpan FinishLimit = TimeSpan.FromSeconds(5);

    private readonly OrchestratorSettings settings;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger logger;
    private readonly HttpFeedClient feeds;
    private readonly JsonWebKeys? issuerKeys;
    private readonly ApiServices api;
    private EngineClusters? engines;
    private AddedClusters? added;
    private IReadOnlyList<string> seedPods = [];
    private HttpServer? http;
    private Notifier? notifier;
    private IAsyncDisposable? kubernetes;
    private ActorSystem? system;
    private JournalPreparation? journal;
    private string whyRemoved =
        "It had no contact with a majority of the processes for too long, because it was cut off, frozen or overloaded. Start it again, and it joins anew.";

    private OrchestratorProcess(OrchestratorSettings settings, TimeProvider time, RunIds runIds, Serilog.ILogger logger)
    {
        this.settings = settings;
        this.time = time;
        this.logger = logger;
        var security = settings.Security;
        var trust = OutgoingHttp.Trusting(settings.Http.Tls?.Authorities ?? "");
        feeds = HttpFeedClient.Create(security.ClusterSecret.Value, trust);
        issuerKeys = security.Jwt is { } jwt
            ? new JsonWebKeys(jwt.Keys, jwt.KeysRefresh, new HttpClient(new OutgoingConnections(new SocketsHttpHandler { SslOptions = trust })), time)
            : null;
        var readiness = new Readiness();
        api = new ApiServices(new SupervisorGateway(), new NodeGateway(settings.Roles.Node), readiness, runIds, time)
        {
            Authenticator = new Authenticator(security, issuerKeys is null ? null : new JwtAuthenticator(security.Jwt!, issuerKeys, time)),
            Limiter = new LoginLimiter(security.MaxFailedLogins, security.FailedLoginWindow, time),
            Engines = settings.Engines,
            Facts = new PageFacts(settings.Supervisor.Windows, settings.InEffect),
            NodeCluster = settings.Roles.Node
                ? new NodeCluster(settings.Node.Cluster, settings.Node.Node) { DataDirectory = settings.Node.DataDirectory }
                : new NodeCluster(""),
            Metrics = settings.Telemetry.IsOn ? new OrchestratorMetrics(settings.Telemetry, readiness, InstanceName(settings)) : null,
        };
    }

    /// <summary>Completes when the actor system has ended, whoever ended it.</summary>
    public Task Ended => system!.WhenTerminated;

    /// <summary>Whether the rest of the cluster has removed this process, or it has removed itself as part of a minority.</summary>
    public bool WasRemoved => CoordinatedShutdown.Get(system!).ShutdownReason is CoordinatedShutdown.ClusterDowningReason;

    /// <summary>Why it was removed, and what to do, in sentences.</summary>
    public string WhyRemoved => whyRemoved;

    /// <summary>Base URL of the HTTP server.</summary>
    public string Address => http!.Address;

    /// <param name="seed">Seed of the jitter in back-off times.</param>
    /// <param name="isGuest">Whether it comes for the time of one command: it founds no cluster that others would join.</param>
    /// <exception cref="ServeException">Something that it needs is not to be had.</exception>
    public static async Task<OrchestratorProcess> Start(
        OrchestratorSettings settings, TimeProvider time, RunIds runIds, int seed, Serilog.ILogger logger, bool isGuest, CancellationToken cancellationToken)
    {
        var process = new OrchestratorProcess(settings, time, runIds, logger);
        try
        {
            process.http = await HttpServer.Start(settings.Http, process.api, logger, cancellationToken);
            if (settings.Remoting.SeedPods.Length > 0)
            {
                process.seedPods = await FindSeedPods(settings, time, logger, cancellationToken);
            }

            process.StartActors(seed, isGuest);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends the webhooks what is there: nobody may come for long who could do it.</summary>
    public Task FinishNotifications() => notifier?.Finish(FinishLimit) ?? Task.CompletedTask;

    /// <summary>Leaves the cluster, stops the actors and the HTTP server.</summary>
    public async Task Stop() => await CoordinatedShutdown.Get(system!).Run(CoordinatedShutdown.ClrExitReason.Instance);

    public async ValueTask DisposeAsync()
    {
        if (kubernetes is { } resources)
        {
            await resources.DisposeAsync();
        }

        if (notifier is { } notifications)
        {
            await notifications.DisposeAsync();
        }

        if (system is { } actors)
        {
            await actors.Terminate();
        }

        if (journal is { } prepared)
        {
            await prepared.DisposeAsync();
        }

        if (added is { } declared)
        {
            await declared.DisposeAsync();
        }

        if (engines is { } driven)
        {
            await driven.DisposeAsync();
        }

        if (http is { } server)
        {
            await server.Stop();
            await server.DisposeAsync();
        }

        api.Metrics?.Dispose();
        feeds.Dispose();
        issuerKeys?.Dispose();
    }

    private static string InstanceName(OrchestratorSettings settings) =>
        settings.Roles.Node ? settings.Node.Node : $"{Environment.MachineName}:{settings.Http.Port}";

    private void StartActors(int seed, bool isGuest)
    {
        CreateDirectories();
        if (settings.Roles.Supervisor)
        {
            journal = JournalPreparation.Start(settings.Journal.Database, time, logger);
        }

        system = CreateSystem();
        StartMembership(system, isGuest);
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "stop-http", StopHttp);
        engines = EngineClusters.Create(
            [.. settings.Clusters.Select(cluster => cluster.Options)], time, (what, error) => logger.Error(error, "{What} failed unexpectedly", what));
        system.ActorOf(Props.Create(() => new ReadinessActor(settings.Node.Node, api.Readiness)), "readiness");
        if (api.Metrics is { } metrics)
        {
            system.ActorOf(Props.Create(() => new MetricsActor(metrics)), "metrics");
        }

        added = settings.Roles is { Supervisor: true, Operator: true } ? new AddedClusters() : null;
        var supervisorOptions = settings.Supervisor with
        {
            Engines = engines.All,
            Added = added,
            Time = time,
            PictureInterval = settings.Telemetry.RefreshInterval,
            ExplainJournalFailure = settings.Journal.Database.Explain,
        };
        if (settings.Roles.Node)
        {
            var advertised = settings.Http.AdvertisedUrl.Length > 0 ? settings.Http.AdvertisedUrl : Address;
            api.Node.Attach(EmbeddedNode.Start(system, settings.Node with { Address = advertised, Time = time, Seed = seed }, feeds));
        }
        else
        {
            api.Readiness.Ready();
        }

        api.Supervisor.Attach(settings.Roles.Supervisor
            ? OrchestratorActors.StartSupervisor(system, supervisorOptions, settings.Definitions)
            : OrchestratorActors.StartSupervisorProxy(system, supervisorOptions));
        if (settings.Roles.Supervisor && settings.Notifications.Webhooks.Count > 0)
        {
            notifier = StartNotifier(Akka.Cluster.Cluster.Get(system).SelfAddress.ToString());
        }

        if (settings.Roles.Operator)
        {
            kubernetes = StartOperator(Akka.Cluster.Cluster.Get(system));
            shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "stop-operator", StopOperator);
        }

        logger.Information("Listening on {Address}", Address);
        if (settings.Http.Page)
        {
            logger.Information("The web page is at {Page}", $"{(settings.Http.AdvertisedUrl.Length > 0 ? settings.Http.AdvertisedUrl : Address)}/");
        }
    }

    /// <summary>In a method of its own: the Kubernetes client is loaded by the operator alone.</summary>
    private IAsyncDisposable StartOperator(Akka.Cluster.Cluster cluster) => KubernetesOperator.Start(
        settings.Kubernetes, settings.Declared, added, api, $"{Environment.MachineName}_{cluster.SelfUniqueAddress.Uid}", logger);

    private static Task<IReadOnlyList<string>> FindSeedPods(
        OrchestratorSettings settings, TimeProvider time, Serilog.ILogger logger, CancellationToken cancellationToken) =>
        SeedPods.Find(settings.Kubernetes, settings.Remoting.SeedPods, settings.Remoting.Port, time, logger, cancellationToken);

    private async Task<Done> StopOperator()
    {
        await kubernetes!.DisposeAsync();
        return Done.Instance;
    }

    private void StartMembership(ActorSystem actors, bool isGuest)
    {
        var cluster = Akka.Cluster.Cluster.Get(actors);
        if (settings.Remoting is { SeedNodes.Count: 0, Port: 0 })
        {
            // Nobody could name the port in a list of seed nodes before it was known.
            cluster.Join(cluster.SelfAddress);
            return;
        }

        var seeds = settings.Remoting.SeedNodes.Concat(seedPods).Distinct(StringComparer.Ordinal)
            .Select(seed => Akka.Actor.Address.Parse(AkkaConfiguration.SystemAddress(seed, settings.Remoting.Tls is not null)))
            .DefaultIfEmpty(cluster.SelfAddress)
            .ToList();
        OrchestratorMembership.Start(actors, new MembershipOptions
        {
            Seeds = seeds,
            CanFound = !isGuest && (settings.Roles.Supervisor || !settings.Remoting.NamesOthers),
            AreSeedsComplete = settings.Remoting.SeedPods.Length == 0,
            Claim = settings.Roles.Supervisor ? new JournalClaim(settings.Journal) : null,
            ClaimTimeout = settings.Remoting.ClaimTimeout,
            Role = ProcessRoles.SupervisorName,

            // What the actor system does meanwhile goes by the same clock.
            Time = TimeProvider.System,
            Leaving = reason =>
            {
                whyRemoved = reason;
                api.Readiness.NotReady(reason);
            },
        });
    }

    private Notifier StartNotifier(string self)
    {
        var notifications = settings.Notifications;
        var client = new HttpClient(new OutgoingConnections(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = OutgoingHttp.Trusting(settings.Http.Tls?.Authorities ?? ""),
        }))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var source = new EventSource(api.Supervisor, self);
        return Notifier.Start(notifications, source, client, time, logger);
    }

    private async Task<Done> StopHttp()
    {
        api.Readiness.NotReady("The process is stopping.");
        await http!.Stop();
        return Done.Instance;
    }

    private void CreateDirectories()
    {
        var directories = new List<string>();
        if (settings.Roles.Node)
        {
            directories.Add(settings.Node.DataDirectory);
        }

        if (settings.Roles.Supervisor && Path.GetDirectoryName(settings.Journal.File) is { Length: > 0 } journal)
        {
            directories.Add(journal);
        }

        foreach (var directory in directories)
        {
            try
            {
                Directory.CreateDirectory(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ServeException($"The directory {directory} cannot be made: {FileProblem.Of(e, "")}.", e);
            }
        }
    }

    private ActorSystem CreateSystem()
    {
        if (settings.Remoting.Tls is { } tls)
        {
            RemotingCertificate.Check(tls);
        }

        var config = ConfigurationFactory.ParseString(AkkaConfiguration.Compose(settings, OrchestratorSerialization.Config));
        try
        {
            return ActorSystem.Create(AkkaConfiguration.SystemName, config);
        }
        catch (Exception e) when (FindSocketError(e) is { } error)
        {
            var reason = error.SocketErrorCode == SocketError.AddressAlreadyInUse ? "is in use" : $"cannot be listened on ({error.Message})";
            throw new ServeException(
                $"The remoting port {settings.Remoting.Port} of {settings.Remoting.Host} {reason}; set orchestrator.remoting.port to another one.", e);
        }
    }

    /// <summary>Runtimes wrap what the socket said in exceptions of their own, at different depths.</summary>
    private static SocketException? FindSocketError(Exception? e) => e as SocketException ?? (e is null ? null : FindSocketError(e.InnerException));
}
