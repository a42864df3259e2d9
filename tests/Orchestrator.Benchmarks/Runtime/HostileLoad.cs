using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Host.Demo;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>What one <c>serve</c> process with default settings holds while clients send what costs most, and once they are gone.</summary>
internal sealed class HostileLoad(DemoDirectory directory, NodeProcess process, HttpClient client, TextWriter log) : IDisposable
{
    private const string Collection = "api/v1/databases/shop/collections/orders";
    private const string Quiet = "api/v1/databases/shop/collections/quiet";
    private const int LargeBodies = 16;
    private const int LargeBodyBytes = 60 << 20;
    private const int ManyKeys = 1_000_000;
    private const int Streams = 2_000;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<HttpStatusCode, int> _answers = [];
    private double _peak;

    /// <summary>Resident memory in MB: before, at most, and 90 seconds after the last request.</summary>
    public static async Task<(double Before, double Peak, double After)> Measure(TextWriter log, CancellationToken cancellationToken)
    {
        using var directory = DemoDirectory.Create(new DemoOptions(1, 0, null, null, Keep: false, Primary: null));
        var ports = FreePorts.Find(2);
        var place = new NodePlace("node-1", ports[0], ports[1]);
        var configuration = directory.WriteConfiguration(place, [place], "orchestrator.supervisor { observe-interval = 500ms, assess-interval = 500ms }");
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 }) { BaseAddress = place.Address, Timeout = TimeSpan.FromMinutes(5) };
        await using var process = NodeProcess.Start(place, configuration, directory.LogOf(place.Name));
        using var load = new HostileLoad(directory, process, client, log);
        return await load.Run(cancellationToken);
    }

    public void Dispose() => _ended.Dispose();

    private async Task<(double Before, double Peak, double After)> Run(CancellationToken cancellationToken)
    {
        await Until(async () => (await client.PutAsync($"{Collection}/documents/first?w=majority", Json("{}"), cancellationToken)).IsSuccessStatusCode, cancellationToken);
        await client.PutAsync($"{Quiet}/documents/first?w=majority", Json("{}"), cancellationToken);
        var before = Resident();
        var sampling = Sample();
        await Phase("large bodies", LargeBodies, LargeBody, cancellationToken);
        await Phase("objects with a million keys", 8, ManyKeysDocument, cancellationToken);
        await Phase("idle streams of changes", Streams, IdleStream, cancellationToken);
        await Task.Delay(Recovery, cancellationToken);
        await _ended.CancelAsync();
        await sampling;
        return (before, _peak, Resident());
    }

    private async Task Phase(string what, int count, Func<CancellationToken, Task<HttpStatusCode>> request, CancellationToken cancellationToken)
    {
        _answers.Clear();
        foreach (var status in await Task.WhenAll(Enumerable.Range(0, count).Select(_ => request(cancellationToken))))
        {
            _answers[status] = _answers.GetValueOrDefault(status) + 1;
        }

        var answers = string.Join(", ", _answers.Select(answer => $"{answer.Value} times {(int)answer.Key}"));
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {answers}; {Resident():0} MB now, {_peak:0} MB at most"));
    }

    private Task<HttpStatusCode> LargeBody(CancellationToken cancellationToken)
    {
        var text = new string('x', 1 << 20);
        var lines = string.Concat(Enumerable.Range(0, LargeBodyBytes >> 20).Select(i => $"{{\"_id\":\"large-{i}\",\"x\":\"{text}\"}}\n"));
        return Send(HttpMethod.Post, $"{Collection}/documents:bulk", Encoding.ASCII.GetBytes(lines), "application/x-ndjson", cancellationToken);
    }

    private async Task<HttpStatusCode> ManyKeysDocument(CancellationToken cancellationToken)
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < ManyKeys; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"k{i:x}\":0,");
        }

        var body = Encoding.ASCII.GetBytes(text.Append("\"end\":0}").ToString());
        return await Send(HttpMethod.Put, $"{Collection}/documents/keys", body, "application/json", cancellationToken);
    }

    private async Task<HttpStatusCode> IdleStream(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync($"{Quiet}/changes?since=1&wait=20", cancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private async Task<HttpStatusCode> Send(HttpMethod method, string path, byte[] body, string type, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            using var answer = await client.SendAsync(request, cancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // Refused before it was sent to the end.
            return 0;
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task Sample()
    {
        while (!_ended.IsCancellationRequested)
        {
            _peak = Math.Max(_peak, Resident());
            await Task.Delay(50).ConfigureAwait(false);
        }
    }

    private double Resident()
    {
        using var seen = Process.GetProcessById(process.Id);
        return seen.WorkingSet64 / 1e6;
    }

    private async Task Until(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It starts yet.
            }

            if (process.HasExited || watch.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new InvalidOperationException($"The process in {directory.LogOf("node-1")} did not become ready: {process.LastWords}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }
}
