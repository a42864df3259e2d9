using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Tests;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Web.Tests;

/// <summary>A real process that serves a database node and the supervisor, filled with documents of which most are deleted.</summary>
internal sealed class ServedProcess : IAsyncDisposable
{
    private const int Documents = 1200;
    private const int Left = 100;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryDirectory _directory = new();
    private readonly NodeProcess _process;
    private readonly HttpClient _client;

    private ServedProcess()
    {
        var ports = FreePorts.Find(2);
        var place = new NodePlace("node-1", ports[0], ports[1]);
        var configuration = _directory.Write("node.conf", FormattableString.Invariant($$"""
            orchestrator {
              http.port = {{place.HttpPort}}
              remoting { port = {{place.RemotingPort}}, seed-nodes = ["127.0.0.1:{{place.RemotingPort}}"] }
              node { name = node-1, cluster = main, replica-set = rs-1, data-directory = "{{_directory.Path}}/data", tombstone-retention = 0s }
              clusters.main { engine = embedded, replica-sets.rs-1.members = [node-1] }
              journal.file = "{{_directory.Path}}/journal.sqlite"
              supervisor { observe-interval = 200ms, assess-interval = 200ms }
              runs { settle = 200ms, min-reclaimable-bytes = 1, min-fragmentation = 0%, min-step-down-bytes = 0 }
              {{Tokens.Settings(("admin", "admin"), ("ann", "operator"), ("vic", "viewer"))}}
            }
            """));
        _process = NodeProcess.Start(place, configuration, Path.Combine(_directory.Path, "log"));
        Address = place.Address;
        _client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(180) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Of("admin"));
    }

    public Uri Address { get; }

    public static async Task<ServedProcess> Start()
    {
        var process = new ServedProcess();
        try
        {
            var body = new string('x', 1000);
            await process.Post("documents:bulk", Enumerable.Range(0, Documents).Select(i => FormattableString.Invariant($$"""{"_id":"{{i}}","body":"{{body}}"}""")));
            await process.Post("documents:delete", Enumerable.Range(Left, Documents - Left).Select(i => FormattableString.Invariant($$"""{"_id":"{{i}}"}""")));
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Until the process is there and has a primary.</summary>
    private async Task Post(string action, IEnumerable<string> lines)
    {
        var text = string.Join('\n', lines);
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Assert.False(_process.HasExited, _process.LastWords);
            try
            {
                using var content = new StringContent(text, Encoding.UTF8, "application/x-ndjson");
                using var response = await _client.PostAsync($"/api/v1/databases/shop/collections/orders/{action}", content, limit.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(Poll, limit.Token);
        }
    }
}
