using k8s;
using Orchestrator.Actors.Clusters;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Kubernetes.Clusters;
using Orchestrator.Host.Kubernetes.Eviction;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The role operator: carries out the custom resources of one namespace while it has the Lease.</summary>
internal sealed class KubernetesOperator : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly IKubernetes _client;
    private readonly SecretFiles _files;
    private readonly Task _running;
    private int _disposed;

    private KubernetesOperator(IKubernetes client, SecretFiles files, Func<CancellationToken, Task> run)
    {
        (_client, _files) = (client, files);
        _running = Task.Run(() => run(_end.Token));
    }

    /// <param name="declared">Reads the clusters that resources declare.</param>
    /// <param name="added">Takes them where this process can host the supervisor; else null.</param>
    /// <param name="identity">Names this process; another one at each start.</param>
    /// <exception cref="ServeException">It is not known how to reach the API server.</exception>
    public static KubernetesOperator Start(
        KubernetesSettings settings, DeclaredClusters declared, AddedClusters? added, ApiServices api, string identity, Serilog.ILogger logger)
    {
        var (client, place) = KubernetesAccess.Connect(settings);
        logger.Information("The operator works on the resources of namespace {Namespace} at {Server}", place, client.BaseUri);
        var leadership = new Leadership(client, place, settings.Lease, identity, api.Time, logger);
        var files = new SecretFiles();
        var (resources, clusters) = (new ResourceClient(client, place, identity, api.Time), new ClusterSource(client, place, declared, files));
        return new KubernetesOperator(client, files, end => Task.WhenAll(
            leadership.Run(reign => Work(resources, clusters, settings, api, logger, reign), end),
            added is null ? Task.CompletedTask : Take(resources, clusters, added, settings, api, logger, end),
            settings.Webhook is { } webhook ? Guard(client, place, webhook, api, logger, end) : Task.CompletedTask));
    }

    /// <summary>Each process that can host the supervisor knows the clusters, also one whose operator does not lead.</summary>
    private static Task Take(
        ResourceClient client, ClusterSource source, AddedClusters added, KubernetesSettings settings, ApiServices api, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        var taker = new ClusterTaker(source, added, api.Time, (what, error) => logger.Error(error, "{What} failed unexpectedly", what));
        return new Controller(new ResourceStore(client, taker.Kind, settings.ResyncInterval, api.Time, logger), taker, api.Time, logger).Run(cancellationToken);
    }

    /// <summary>Each operator answers the API server, also one that does not lead: a Service sends it to any of them.</summary>
    private static async Task Guard(
        IKubernetes client, string place, EvictionWebhookSettings webhook, ApiServices api, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        var certificate = new WebhookCertificate(client, place, webhook, api.Time, logger);
        try
        {
            await using var server = await AdmissionServer.Start(
                webhook, certificate, new EvictionGuard(api.Supervisor, place, webhook.LongestRefusal, api.Time), logger);
            logger.Information("The eviction webhook listens on {Host}, port {Port}", webhook.Host, webhook.Port);
            await certificate.Run(cancellationToken);
        }
        catch (ServeException e)
        {
            logger.Error("There is no eviction webhook: {Reason}", e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _files.Dispose();
        _end.Dispose();
    }

    private static async Task Work(
        ResourceClient client, ClusterSource source, KubernetesSettings settings, ApiServices api, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        ResourceStore Store(ResourceKind kind) => new(client, kind, settings.ResyncInterval, api.Time, logger);
        var (runs, windows, clusters) = (Store(ResourceKind.Run), Store(ResourceKind.Window), Store(ResourceKind.Cluster));
        var gate = new WindowGate(windows, clusters);
        IReadOnlyList<Controller> controllers =
        [
            new(clusters, new ClusterReconciler(client, source, api.Supervisor, settings.PollInterval, api.Time), api.Time, logger),
            new(runs, new RunReconciler(client, api.Supervisor, api.Engines, gate, settings.PollInterval, api.Time), api.Time, logger),
            new(windows, new WindowReconciler(client, api.Time), api.Time, logger),
            new(Store(ResourceKind.Schedule), new ScheduleReconciler(client, runs, api.Time), api.Time, logger),
            new(Store(ResourceKind.Hold), new HoldReconciler(client, api.Supervisor, api.Time), api.Time, logger),
        ];
        await Task.WhenAll(controllers.Select(controller => controller.Run(cancellationToken)));
    }
}
