using System.Diagnostics;
using System.Globalization;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>Three real <c>serve</c> processes with default settings, each a node that can host the supervisor, with some data and one journal file.</summary>
internal sealed class ServedCluster : IAsyncDisposable
{
    private const int Nodes = 3;
    private const int Documents = 20_000;

    /// <summary>The lowest rate that there is: the copy of a member takes longer than anything that is measured.</summary>
    private const int SlowBytesPerSecond = 64 * 1024;

    /// <summary>What the demo's own configuration sets otherwise.</summary>
    private const string Defaults = """
        orchestrator {
          supervisor { observe-interval = 500ms, assess-interval = 500ms }
          runs.settle = 1s
          node.tombstone-retention = 1d
        }

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly DemoDirectory _directory;

    private ServedCluster(DemoDirectory directory)
    {
        _directory = directory;
        Cluster = DemoCluster.Start(directory, Nodes, TimeProvider.System, _ => _ => Defaults);
    }

    private DemoCluster Cluster { get; }

    public static async Task<ServedCluster> Start(CancellationToken cancellationToken)
    {
        var directory = DemoDirectory.Create(new DemoOptions(Nodes, Documents, null, null, Keep: false, Primary: null));
        var served = new ServedCluster(directory);
        try
        {
            await served.Cluster.WaitUntilReady(Patience, cancellationToken);
            var data = new DemoData(served.Cluster, new AcknowledgedWrites(), DemoMode.Default);
            var indexes = new IndexChooser();
            await data.Load(DocumentGenerator.Generate(Documents), indexes, cancellationToken);
            await data.DeleteMost(cancellationToken);
            return served;
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    /// <summary>Seconds from SIGKILL of the process that hosts the supervisor until another one reigns and sees the run's work go on.</summary>
    public async Task<double> KillHost(CancellationToken cancellationToken)
    {
        var host = await Cluster.SupervisorHost(cancellationToken);
        var others = Cluster.Places.Select(place => place.Name).Where(name => name != host).ToList();
        var run = await StartSlowRun(others, cancellationToken);
        var before = await Epoch(cancellationToken);
        var watch = Stopwatch.StartNew();
        await Cluster.KillNode(host);
        var seen = -1.0;
        await Until(
            "the run to go on",
            async token =>
            {
                if (await Epoch(token) == before)
                {
                    return false;
                }

                var view = await Cluster.Ask(client => client.Run(run, token));
                var fraction = view.Steps.Max(step => step.Fraction);
                (var last, seen) = (seen, fraction);
                return view.State == "running" && last >= 0 && fraction > last;
            },
            cancellationToken);
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Seconds from SIGTERM to the process that hosts the supervisor until another one reigns.</summary>
    public async Task<double> StopHost(CancellationToken cancellationToken)
    {
        var host = await Cluster.SupervisorHost(cancellationToken);
        var before = await Epoch(cancellationToken);
        var process = Cluster.Process(host);
        process.ExpectEnd();
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await Until("another supervisor", async token => await Epoch(token) > before, cancellationToken);
        return watch.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>On members other than the supervisor's host, and at work.</summary>
    private async Task<string> StartSlowRun(IReadOnlyList<string> nodes, CancellationToken cancellationToken)
    {
        var scope = new ScopeBody(null, null, null, null, nodes, null);
        var options = new OptionsBody(null, true, SlowBytesPerSecond, null, null, null, "slow");
        var run = await Cluster.Ask(client => client.StartRun(new CompactionBody(DemoDirectory.ClusterName, scope, options), cancellationToken));
        await Until(
            "a member to compact",
            async token => (await Cluster.Ask(client => client.Run(run.Id, token))).Steps.Any(step => step is { State: "running", Fraction: > 0 }),
            cancellationToken);
        return run.Id;
    }

    private async Task<long> Epoch(CancellationToken cancellationToken) =>
        (await Cluster.Ask(client => client.Cluster(DemoDirectory.ClusterName, cancellationToken))).Epoch;

    private static async Task Until(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                attempt.CancelAfter(TimeSpan.FromSeconds(2));
                if (await condition(attempt.Token))
                {
                    return;
                }
            }
            catch (Exception e) when (DemoCluster.IsPassing(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Nobody reigns yet.
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Gave up waiting for {what} after {Patience.TotalSeconds:0} seconds.");
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }
}
