using System.Net;
using System.Text;
using k8s;
using Orchestrator.Host.Kubernetes;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>What does not work for long is told once, then once a minute, and when it works again.</summary>
public sealed class LastingTroubleTests
{
    [Fact]
    public void Trouble_is_told_when_it_begins_once_a_minute_and_when_it_is_over()
    {
        var (time, lines) = (new Clock(), new Lines());
        var trouble = new LastingTrouble("The Lease cannot be renewed", "The Lease can be renewed again", time, lines);

        trouble.Over();
        for (var seconds = 0; seconds < 125; seconds += 2)
        {
            trouble.Note("no connection");
            time.Advance(TimeSpan.FromSeconds(2));
        }

        trouble.Over();
        trouble.Over();
        trouble.Note("no answer");

        Assert.Equal(
            [
                "The Lease cannot be renewed: \"no connection\"",
                "The Lease cannot be renewed, for 1 min 00 s now: \"no connection\"",
                "The Lease cannot be renewed, for 2 min 00 s now: \"no connection\"",
                "The Lease can be renewed again, after 2 min 06 s",
                "The Lease cannot be renewed: \"no answer\"",
            ],
            lines.Written);
    }

    [Fact]
    public async Task While_the_API_server_is_away_the_lease_is_told_of_once_and_again_when_it_is_back()
    {
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var server = new AwayServer();
        using var client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, server);
        var lines = new Lines();
        var leading = new Leadership(client, "default", "operator", "one", TimeProvider.System, lines).Run(_ => Task.CompletedTask, end.Token);

        await server.Asked(4, end.Token);
        Assert.StartsWith("The Lease operator cannot be had or renewed: ", Assert.Single(lines.Written), StringComparison.Ordinal);
        server.IsAway = false;
        await server.Asked(server.Count + 3, end.Token);

        Assert.Equal(2, lines.Written.Count);
        Assert.StartsWith("The Lease operator can be read and renewed again, after ", lines.Written.Last(), StringComparison.Ordinal);
        await end.CancelAsync();
        await leading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }

    /// <summary>Cannot be reached, or has a Lease that another operator holds.</summary>
    private sealed class AwayServer : DelegatingHandler
    {
        private readonly SemaphoreSlim _asked = new(0);
        private int _count;

        public bool IsAway { get; set; } = true;

        public int Count => _count;

        public async Task Asked(int times, CancellationToken cancellationToken)
        {
            while (Count < times)
            {
                await _asked.WaitAsync(cancellationToken);
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            _asked.Release();
            var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            return IsAway
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException("no connection"))
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
                {
                    RequestMessage = request,
                    Content = new StringContent(
                        $$"""
                        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"operator","resourceVersion":"1"},
                         "spec":{"holderIdentity":"two","leaseDurationSeconds":15,"acquireTime":"{{now}}","renewTime":"{{now}}","leaseTransitions":0} }
                        """,
                        Encoding.UTF8,
                        "application/json"),
                });
        }

        protected override void Dispose(bool disposing)
        {
            _asked.Dispose();
            base.Dispose(disposing);
        }
    }
}
