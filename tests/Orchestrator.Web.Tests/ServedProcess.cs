using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Tests;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Web.Tests;

/// <summary>A real process that serves a database node, filled with documents of which many are deleted, and the supervisor, there or in a process of its own.</summary>
internal sealed class ServedProcess : IAsyncDisposable
{
    private const int Documents = 1200;
    private const int Left = 100;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryDirectory _directory = new();
    private readonly NodePlace _place;
    private readonly NodeProcess _process;
    private readonly HttpClient _client;
    private NodeProcess? _supervisor;

    private ServedProcess(bool supervisorApart)
    {
        var ports = FreePorts.Find(4);
        _place = new NodePlace("node-1", ports[0], ports[1]);
        _process = Start(_place, supervisorApart ? "node" : "node, supervisor");
        if (supervisorApart)
        {
            _supervisor = Start(new NodePlace("supervisor-1", ports[2], ports[3]), "supervisor");
        }

        Address = _place.Address;
        _client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(180) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Of("admin"));
    }

    public Uri Address { get; }

    /// <param name="moreBytes">Documents beside those of which most are deleted: compaction has to copy so much.</param>
    /// <param name="supervisorApart">Whether the supervisor has a process of its own, which can be killed.</param>
    public static async Task<ServedProcess> Start(int moreBytes = 0, bool supervisorApart = false)
    {
        var process = new ServedProcess(supervisorApart);
        try
        {
            await process.Post("documents:bulk", Enumerable.Range(0, Documents).Select(i => Document(FormattableString.Invariant($"{i}"), 1000)));
            await process.Post("documents:delete", Enumerable.Range(Left, Documents - Left).Select(i => FormattableString.Invariant($$"""{"_id":"{{i}}"}""")));
            if (moreBytes > 0)
            {
                await process.Post("documents:bulk", Enumerable.Range(0, moreBytes / 100_000).Select(i => Document(FormattableString.Invariant($"large-{i}"), 100_000)));
            }

            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the process of the supervisor (SIGKILL).</summary>
    public Task KillSupervisor() => _supervisor!.Kill();

    /// <summary>Starts it again, as a service manager would.</summary>
    public async Task StartSupervisorAgain()
    {
        var place = _supervisor!.Place;
        await _supervisor.DisposeAsync();
        _supervisor = Start(place, "supervisor");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await (_supervisor?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>One that cannot be made shorter by compressing it.</summary>
    private static string Document(string id, int bytes)
    {
        var random = new byte[bytes * 3 / 4];
        new Random(id.Length).NextBytes(random);
        return $$"""{"_id":"{{id}}","body":"{{Convert.ToBase64String(random)}}"}""";
    }

    /// <summary>The node is the only seed: a supervisor that starts again joins it. On a busy machine nobody is taken for lost meanwhile.</summary>
    private NodeProcess Start(NodePlace place, string roles)
    {
        var configuration = _directory.Write($"{place.Name}.conf", FormattableString.Invariant($$"""
            orchestrator {
              roles = [{{roles}}]
              http.port = {{place.HttpPort}}
              remoting { port = {{place.RemotingPort}}, seed-nodes = ["127.0.0.1:{{_place.RemotingPort}}"] }
              node { name = node-1, cluster = main, replica-set = rs-1, data-directory = "{{_directory.Path}}/data", tombstone-retention = 0s }
              clusters.main { engine = embedded, replica-sets.rs-1.members = [node-1] }
              journal.file = "{{_directory.Path}}/journal.sqlite"
              supervisor { observe-interval = 200ms, assess-interval = 200ms }
              runs { settle = 200ms, min-reclaimable-bytes = 1, min-fragmentation = 0%, min-step-down-bytes = 0 }
              {{Tokens.Settings(("admin", "admin"), ("ann", "operator"), ("bob", "operator"))}}
            }
            akka.cluster.failure-detector.acceptable-heartbeat-pause = 120s
            """));
        return NodeProcess.Start(place, configuration, Path.Combine(_directory.Path, $"{place.Name}.log"));
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
