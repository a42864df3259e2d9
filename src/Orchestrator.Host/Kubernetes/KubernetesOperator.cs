using k8s;
using k8s.Exceptions;
using Orchestrator.Engines;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Kubernetes.Eviction;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The role operator: carries out the custom resources of one namespace while it has the Lease.</summary>
internal sealed class KubernetesOperator : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly IKubernetes _client;
    private readonly Task _running;
    private int _disposed;

    private KubernetesOperator(IKubernetes client, Func<CancellationToken, Task> run)
    {
        _client = client;
        _running = Task.Run(() => run(_end.Token));
    }

    /// <param name="identity">Names this process; another one at each start.</param>
    /// <exception cref="ServeException">It is not known how to reach the API server.</exception>
    public static KubernetesOperator Start(
        KubernetesSettings settings, ApiServices api, string identity, Serilog.ILogger logger)
    {
        var configuration = Configure(settings);
        var place = settings.Namespace.Length > 0 ? settings.Namespace
            : string.IsNullOrEmpty(configuration.Namespace) ? "default" : configuration.Namespace;

        // Calls have their own limits; a watch lasts for minutes.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        var client = new k8s.Kubernetes(configuration);
        logger.Information("The operator works on the resources of namespace {Namespace} at {Server}", place, configuration.Host);
        var leadership = new Leadership(client, place, settings.Lease, identity, api.Time, logger);
        return new KubernetesOperator(client, end => Task.WhenAll(
            leadership.Run(reign => Work(new ResourceClient(client, place, identity, api.Time), settings, api, logger, reign), end),
            settings.Webhook is { } webhook ? Guard(client, place, webhook, api, logger, end) : Task.CompletedTask));
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
        _end.Dispose();
    }

    private static async Task Work(
        ResourceClient client, KubernetesSettings settings, ApiServices api, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        ResourceStore Store(ResourceKind kind) => new(client, kind, settings.ResyncInterval, api.Time, logger);
        var (runs, windows) = (Store(ResourceKind.Run), Store(ResourceKind.Window));
        var gate = new WindowGate(windows);
        IReadOnlyList<Controller> controllers =
        [
            new(runs, new RunReconciler(client, api.Supervisor, api.Engines, gate, settings.PollInterval, api.Time), api.Time, logger),
            new(windows, new WindowReconciler(client, api.Time), api.Time, logger),
            new(Store(ResourceKind.Schedule), new ScheduleReconciler(client, runs, api.Time), api.Time, logger),
            new(Store(ResourceKind.Hold), new HoldReconciler(client, api.Supervisor, api.Time), api.Time, logger),
        ];
        await Task.WhenAll(controllers.Select(controller => controller.Run(cancellationToken)));
    }

    private static KubernetesClientConfiguration Configure(KubernetesSettings settings)
    {
        try
        {
            RegularFile.Require(settings.Kubeconfig);
            return settings.Kubeconfig.Length > 0
                ? KubernetesClientConfiguration.BuildConfigFromConfigFile(settings.Kubeconfig)
                : KubernetesClientConfiguration.InClusterConfig();
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new ServeException(
                settings.Kubeconfig.Length > 0
                    ? $"The kubeconfig file {settings.Kubeconfig} cannot be used: {e.Message}"
                    : "This process runs in no pod with a service account; set orchestrator.kubernetes.kubeconfig.",
                e);
        }
    }
}
