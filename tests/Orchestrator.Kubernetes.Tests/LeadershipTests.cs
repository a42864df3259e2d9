using k8s;
using Orchestrator.Host.Kubernetes;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

[Collection(ApiServerTests.Name)]
public sealed class LeadershipTests(ApiServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task Of_two_operators_one_works_and_the_other_goes_on_when_it_stops_and_when_it_is_cut_off()
    {
        ApiServer.Require();
        var place = await server.NewNamespace();
        await using var proxy = new Proxy(server.Port);
        using var end = new CancellationTokenSource(Patience);
        using var first = new Candidate(server, server.Port, place, "first", end.Token);
        await first.Started;
        using var second = new Candidate(server, proxy.Port, place, "second", end.Token);
        await second.DoesNotWorkWhile(first.Name);

        await first.Stop();
        await first.Ended;
        await second.Started;
        proxy.Cut();
        await second.Ended;
        using var third = new Candidate(server, server.Port, place, "third", end.Token);
        await third.Started;

        await Task.WhenAll(second.Stop(), third.Stop());
    }

    /// <summary>A process that could lead, and whether its work has begun and ended.</summary>
    private sealed class Candidate : IDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly k8s.Kubernetes _client;
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ApiServer _server;
        private readonly string _place;
        private readonly Task _running;

        public Candidate(ApiServer server, int port, string place, string name, CancellationToken end)
        {
            (_server, _place, Name) = (server, place, name);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(end);
            var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig);
            configuration.Host = $"https://127.0.0.1:{port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
            _client = new k8s.Kubernetes(configuration);
            var leadership = new Leadership(_client, place, "operator", name, TimeProvider.System, new Lines());
            _running = Task.Run(() => leadership.Run(reign => Work(reign), _stop.Token), CancellationToken.None);
        }

        public string Name { get; }

        public Task Started => _started.Task.WaitAsync(Patience);

        public Task Ended => _ended.Task.WaitAsync(Patience);

        public async Task DoesNotWorkWhile(string leader)
        {
            var hasStarted = _started.Task.IsCompleted;
            var holder = await _server.Kubectl("get", "lease", "operator", "-n", _place, "-o", "jsonpath={.spec.holderIdentity}");
            Assert.False(hasStarted && holder == leader);
        }

        public async Task Stop()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public void Dispose()
        {
            _stop.Cancel();
            _client.Dispose();
            _stop.Dispose();
        }

        private async Task Work(CancellationToken reign)
        {
            _started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, reign).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ended.TrySetResult();
        }
    }
}
