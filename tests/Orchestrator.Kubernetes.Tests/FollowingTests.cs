using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using Orchestrator.Host.Kubernetes;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>What the operator knows of its objects, whatever the API server and the way to it do.</summary>
[Collection(ApiServerTests.Name)]
public sealed class FollowingTests(ApiServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task A_watch_whose_version_is_too_old_is_begun_again_from_a_list()
    {
        ApiServer.Require();
        var place = await server.NewNamespace();
        var (lists, watches) = (0, 0);
        using var client = Client(server.Port, request =>
        {
            if (IsWatch(request) && Interlocked.Increment(ref watches) == 1)
            {
                request.RequestUri = new Uri(System.Text.RegularExpressions.Regex.Replace(request.RequestUri!.ToString(), "resourceVersion=[0-9]+", "resourceVersion=1"));
            }
            else if (!IsWatch(request))
            {
                Interlocked.Increment(ref lists);
            }

            return Task.CompletedTask;
        });
        await using var follower = new Follower(client, place);
        await follower.Until(() => watches >= 2);
        await server.KubectlWith(Window("late"), "apply", "-n", place, "-f", "-");

        await follower.Until(() => follower.Store.Find("late") is not null);

        Assert.True(lists >= 2, $"{lists} lists");
        Assert.Contains(follower.Lines, line => line.Contains("too far behind", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task What_changes_while_the_API_server_cannot_be_reached_is_known_when_it_can_be_again()
    {
        ApiServer.Require();
        var place = await server.NewNamespace();
        await server.KubectlWith(Window("gone"), "apply", "-n", place, "-f", "-");
        await using var proxy = new Proxy(server.Port);
        using var client = Client(proxy.Port, _ => Task.CompletedTask);
        await using var follower = new Follower(client, place);
        await follower.Until(() => follower.Store.Find("gone") is not null);

        proxy.Cut();
        await follower.Until(() => follower.Lines.Any(line => line.Contains("cannot be followed", StringComparison.Ordinal)));
        await server.Kubectl("delete", "maintenancewindow", "gone", "-n", place);
        await server.KubectlWith(Window("new"), "apply", "-n", place, "-f", "-");
        Assert.NotNull(follower.Store.Find("gone"));
        proxy.Mend();

        await follower.Until(() => follower.Store.Find("gone") is null && follower.Store.Find("new") is not null);
        Assert.Contains("gone", follower.Changed);
    }

    [SkippableFact]
    public async Task A_status_that_meets_a_change_of_its_object_is_written_after_all_and_undoes_nothing()
    {
        ApiServer.Require();
        var place = await server.NewNamespace();
        await server.KubectlWith(Window("nights"), "apply", "-n", place, "-f", "-");
        var writes = 0;
        using var client = Client(server.Port, async request =>
        {
            if (request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.EndsWith("/status", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 1)
            {
                await server.Kubectl("annotate", "maintenancewindow", "nights", "by=somebody", "-n", place);
            }
        });
        using var end = new CancellationTokenSource(Patience);
        var resources = new ResourceClient(client, place, "test", TimeProvider.System);
        var store = new ResourceStore(resources, ResourceKind.Window, TimeSpan.FromMinutes(10), TimeProvider.System, new Lines());
        var working = new Controller(store, new WindowReconciler(resources, TimeProvider.System), TimeProvider.System, new Lines()).Run(end.Token);

        while (store.Find("nights")?.Condition("Ready") != "True")
        {
            await Task.Delay(50, end.Token);
        }

        await end.CancelAsync();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(writes >= 2, $"{writes} writes");
        Assert.Equal("somebody", store.Find("nights")!.Text("metadata", "annotations", "by"));
    }

    [SkippableFact]
    public async Task Two_thousand_objects_are_known_page_by_page()
    {
        ApiServer.Require();
        const int Count = 2000;
        var place = await server.NewNamespace();
        using var client = Client(server.Port, _ => Task.CompletedTask);
        await server.Store(Enumerable.Range(0, Count).Select(number => (
            $"{ResourceKind.Group}/{ResourceKind.Window.Plural}/{place}/w{number.ToString(CultureInfo.InvariantCulture)}", Content(place, number))));
        await using var follower = new Follower(client, place);

        await follower.Until(() => follower.Store.All.Count() == Count);

        Assert.Equal(Count, follower.Changed.Distinct().Count());
    }

    private static bool IsWatch(HttpRequestMessage request) => request.RequestUri!.Query.Contains("watch=true", StringComparison.OrdinalIgnoreCase);

    private k8s.Kubernetes Client(int port, Func<HttpRequestMessage, Task> before)
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig);
        configuration.Host = $"https://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        return new k8s.Kubernetes(configuration, new Interception(before));
    }

    private static JsonObject Content(string place, int number) => new()
    {
        ["apiVersion"] = ResourceKind.ApiVersion,
        ["kind"] = ResourceKind.Window.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = $"w{number.ToString(CultureInfo.InvariantCulture)}",
            ["namespace"] = place,
            ["uid"] = $"00000000-0000-4000-8000-{number.ToString("x12", CultureInfo.InvariantCulture)}",
            ["creationTimestamp"] = "2026-01-01T00:00:00Z",
            ["generation"] = 1,
        },
        ["spec"] = new JsonObject { ["weekly"] = new JsonArray("SAT-22:00..SUN-06:00") },
    };

    private static string Window(string name) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: MaintenanceWindow
        metadata: { name: {{name}} }
        spec: { weekly: ["SAT-22:00..SUN-06:00"] }
        """;

    /// <summary>A store that follows the windows of a namespace, and what it has told.</summary>
    private sealed class Follower : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Lines _lines = new();
        private readonly Task _following;

        public Follower(IKubernetes client, string place)
        {
            Store = new ResourceStore(new ResourceClient(client, place, "test", TimeProvider.System), ResourceKind.Window, TimeSpan.FromMinutes(10), TimeProvider.System, _lines);
            _following = Store.Follow(Changed.Enqueue, _end.Token);
        }

        public ResourceStore Store { get; }

        public ConcurrentQueue<string> Changed { get; } = [];

        public IReadOnlyCollection<string> Lines => _lines.Written;

        public async Task Until(Func<bool> condition)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (!condition())
            {
                Assert.False(patience.IsCancellationRequested, $"it never came to that: {string.Join("; ", Lines)}");
                await Task.Delay(50);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
        }
    }
}
