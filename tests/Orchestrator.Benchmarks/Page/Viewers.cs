using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Host.Demo;

namespace Orchestrator.Benchmarks.Page;

/// <summary>One <c>serve</c> process with a run at work, and people who look at it.</summary>
internal static class Viewers
{
    public const int Count = 50;

    private const int Documents = 300;
    private const int LowestRate = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    /// <summary>Cores that the server takes while nobody looks, and while all do.</summary>
    public static async Task<(double Alone, double Watched)> Measure(Browser browser, TextWriter log, CancellationToken cancellationToken)
    {
        using var directory = DemoDirectory.Create(new DemoOptions(1, 0, null, null, Keep: false, Primary: null));
        var ports = FreePorts.Find(2);
        var place = new NodePlace("node-1", ports[0], ports[1]);
        var configuration = directory.WriteConfiguration(place, [place], "orchestrator.supervisor { observe-interval = 500ms, assess-interval = 500ms }");
        using var client = new HttpClient { BaseAddress = place.Address, Timeout = TimeSpan.FromMinutes(1) };
        await using var process = NodeProcess.Start(place, configuration, directory.LogOf(place.Name));
        var run = await StartRun(client, cancellationToken);
        var alone = await Load(process, cancellationToken);
        log.WriteLine(FormattableString.Invariant($"nobody looks: {alone:0.000} cores"));
        var context = await browser.Open(new Uri(place.Address, $"/runs/{run}"), Count, "Timeline");
        var watched = await Load(process, cancellationToken);
        log.WriteLine(FormattableString.Invariant($"{Count} look: {watched:0.000} cores"));
        await context.CloseAsync();
        return (alone, watched);
    }

    private static async Task<double> Load(NodeProcess process, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        using var seen = Process.GetProcessById(process.Id);
        var (used, watch) = (seen.TotalProcessorTime, Stopwatch.StartNew());
        await Task.Delay(Measured, cancellationToken);
        seen.Refresh();
        return (seen.TotalProcessorTime - used) / watch.Elapsed;
    }

    /// <summary>At the lowest rate: it takes longer than what is measured.</summary>
    private static async Task<string> StartRun(HttpClient client, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var body = new byte[75_000];
        var lines = new StringBuilder();
        for (var i = 0; i < Documents; i++)
        {
            random.NextBytes(body);
            lines.Append(FormattableString.Invariant($$"""{"_id":"{{i}}","body":"{{Convert.ToBase64String(body)}}"}""")).Append('\n');
        }

        await Until(() => client.PostAsync("api/v1/databases/shop/collections/orders/documents:bulk", Lines(lines.ToString()), cancellationToken), cancellationToken);
        await Until(() => client.PostAsync("api/v1/databases/shop/collections/orders/documents:delete", Lines("""{"_id":"0"}"""), cancellationToken), cancellationToken);
        var order = new { cluster = DemoDirectory.ClusterName, options = new { force = true, maxBytesPerSecond = LowestRate } };
        using var started = await Until(() => client.PostAsJsonAsync("api/v1/runs", order, cancellationToken), cancellationToken);
        return (await started.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetString()!;
    }

    private static StringContent Lines(string text) => new(text, Encoding.UTF8, "application/x-ndjson");

    private static async Task<HttpResponseMessage> Until(Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await send() is { IsSuccessStatusCode: true } done)
                {
                    return done;
                }
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(start) < Patience)
            {
                // It does not listen yet.
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException("The process did not become ready.");
            }

            await Task.Delay(200, cancellationToken);
        }
    }
}
