using System.Diagnostics;
using System.Net;
using Orchestrator.Host.Demo;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>One real <c>serve</c> process with default settings, alone and without data: how soon it is ready, and what it takes.</summary>
internal static class ServedProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    /// <summary>Seconds from the start of the process until <c>/readyz</c> says so, and its resident memory in MB when it has been idle for a while.</summary>
    public static async Task<(double Ready, double Memory)> Measure(CancellationToken cancellationToken)
    {
        using var directory = DemoDirectory.Create(new DemoOptions(1, 0, null, null, Keep: false, Primary: null));
        var ports = FreePorts.Find(2);
        var place = new NodePlace("node-1", ports[0], ports[1]);
        var configuration = directory.WriteConfiguration(place, [place], "orchestrator.supervisor { observe-interval = 500ms, assess-interval = 500ms }");
        using var client = new HttpClient { BaseAddress = place.Address };
        var watch = Stopwatch.StartNew();
        await using var process = NodeProcess.Start(place, configuration, directory.LogOf(place.Name));
        while (!await IsReady(client, cancellationToken))
        {
            if (process.HasExited || watch.Elapsed > Limit)
            {
                throw new InvalidOperationException($"The process did not become ready: {process.LastWords}");
            }

            await Task.Delay(Poll, cancellationToken);
        }

        var ready = watch.Elapsed.TotalSeconds;
        await Task.Delay(Idle, cancellationToken);
        return (ready, ResidentMegabytes(process.Id));
    }

    private static async Task<bool> IsReady(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync("readyz", cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static double ResidentMegabytes(int process)
    {
        using var seen = Process.GetProcessById(process);
        return seen.WorkingSet64 / 1e6;
    }
}
