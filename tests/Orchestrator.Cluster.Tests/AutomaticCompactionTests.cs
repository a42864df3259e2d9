using System.Globalization;
using System.Text;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;
using Serilog;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// Automatic compaction as the documentation says it is switched on: a fresh configuration with one line more. Whole processes inside this
/// one, on a clock that is the machine's but for the jumps to the next window.
/// </summary>
[Collection(Lanes.Clusters)]
public sealed class AutomaticCompactionTests
{
    /// <summary>Monday at noon, long before the window opens.</summary>
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task One_line_of_configuration_compacts_in_the_window_the_largest_gain_first_and_goes_on_in_the_next_window()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ShiftedClock(Noon);
        await using var cluster = await InProcessCluster.Start(directory.Path, clock);
        var client = cluster.Clients[0];
        await cluster.Await("a primary", async () => (await client.Clusters(default)).Clusters[0].ReplicaSets[0] is { Primary: not null } set && set.Members.All(member => member.State == "online"));
        await Fragment(client, new CollectionName("shop", "orders"), 72);
        await Fragment(client, new CollectionName("web", "sessions"), 90);

        var before = await cluster.Await("every member's sizes to be known", async () =>
            await client.Explain("main", null, null, default) is var known && known.Units.Count(unit => unit.ReclaimableBytes > 64 << 20) == 6 ? known : null);
        clock.JumpTo(Noon.Date.AddHours(22).AddSeconds(5));
        var first = await cluster.Await("a run that has compacted a member", async () =>
        {
            // The jump may meet a look while no member has answered since: the next one is due when they have.
            var newest = (await client.Runs([], null, 1, default)).Runs is [var only] ? await client.Run(only.Id, default) : null;
            return newest is not null && newest.Steps.Any(step => step.State == "completed") ? newest : null;
        });
        clock.JumpTo(Noon.Date.AddDays(1).AddHours(5));
        var closed = await cluster.Await("the run to wait for the window", async () =>
            await client.Run(first.Id, default) is { WaitingFor: "window-open" } run ? run : null);
        clock.JumpTo(Noon.Date.AddDays(1).AddHours(22).AddSeconds(5));
        var done = 0;
        var ended = await cluster.Await("the run's end", async () =>
        {
            var run = await client.Run(first.Id, default);
            if (run.Steps.Count(step => step.State == "completed") is var now && now > done)
            {
                // Between two members the run settles for a minute of the clock.
                done = now;
                clock.Skip(TimeSpan.FromSeconds(61));
            }

            return run.FinishedAt is null ? null : run;
        });
        var after = await cluster.Await("every compaction to be remembered", async () =>
            await client.Explain("main", null, null, default) is var known && known.Units.Count(unit => unit.LastCompaction is not null) == 6 ? known : null);

        Assert.All(before.Units.Where(unit => unit.ReclaimableBytes > 64 << 20), unit => Assert.Contains("window nights is closed", unit.WhyNotSince, StringComparison.Ordinal));
        Assert.Equal("automatic", first.Schedule);
        Assert.StartsWith("automatic-2026030", first.Id, StringComparison.Ordinal);
        var units = Assert.Single(first.Plan.ReplicaSets).Steps[0].Units!;
        Assert.Equal("web/sessions", units[0].Unit);
        Assert.Equal(["web/sessions", "shop/orders"], units.Select(unit => unit.Unit));
        Assert.Contains(closed.Steps, step => step.State is "pending" or "waiting");
        Assert.Equal("completed", ended.State);
        Assert.Equal(4, ended.Steps.Count);
        Assert.All(ended.Steps.Where(step => step.Kind == "compact"), step => Assert.True(step.BytesFreed > 100 << 20, $"{step.Node} freed {step.BytesFreed}"));
        Assert.Contains(ended.Steps, step => step.StartedAt > Noon.AddDays(1));
        Assert.All(after.Units.Where(unit => unit.LastCompaction is not null), unit => Assert.Equal(first.Id, unit.LastCompaction!.RunId));
    }

    /// <summary>Writes so many MiB and deletes nine tenths of them.</summary>
    private static async Task Fragment(OrchestratorClient client, CollectionName collection, int megabytes)
    {
        var text = new string('x', 1 << 20);
        for (var i = 0; i < megabytes; i += 18)
        {
            await client.WriteBulk(collection, Lines(i, Math.Min(i + 18, megabytes), id => $$"""{"_id":"{{id}}","text":"{{text}}"}"""), default);
        }

        await client.DeleteBulk(collection, Lines(0, megabytes * 9 / 10, id => $$"""{"_id":"{{id}}"}"""), default);
        await client.WriteBulk(collection, Lines(megabytes, megabytes + 1, id => $$"""{"_id":"{{id}}"}"""), default);
    }

    private static byte[] Lines(int from, int to, Func<string, string> line) => Encoding.UTF8.GetBytes(
        string.Join('\n', Enumerable.Range(from, to - from).Select(i => line($"d-{i.ToString(CultureInfo.InvariantCulture)}"))));

    /// <summary>The machine's clock, moved forward by jumps.</summary>
    private sealed class ShiftedClock(DateTimeOffset start) : TimeProvider
    {
        private readonly long begun = System.GetTimestamp();
        private long skipped;

        public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(begun) + TimeSpan.FromTicks(Interlocked.Read(ref skipped));

        public void Skip(TimeSpan time) => Interlocked.Add(ref skipped, time.Ticks);

        public void JumpTo(DateTime time) => Skip(new DateTimeOffset(time, TimeSpan.Zero) - GetUtcNow());
    }

    /// <summary>Three whole processes inside this one, from configuration files.</summary>
    private sealed class InProcessCluster : IAsyncDisposable
    {
        private readonly List<OrchestratorProcess> processes = [];
        private readonly Serilog.Core.Logger logger;

        private InProcessCluster(string directory) =>
            logger = new LoggerConfiguration().MinimumLevel.Information().WriteTo.File(Path.Combine(directory, "log.txt"), formatProvider: CultureInfo.InvariantCulture).CreateLogger();

        public List<OrchestratorClient> Clients { get; } = [];

        public static async Task<InProcessCluster> Start(string directory, TimeProvider clock)
        {
            var cluster = new InProcessCluster(directory);
            var ports = FreePorts.Find(3);
            for (var i = 1; i <= 3; i++)
            {
                var number = i;
                var file = Path.Combine(directory, $"node-{i}.conf");
                await File.WriteAllTextAsync(file, $$"""
                    orchestrator {
                      roles = [node, supervisor]
                      http { host = "127.0.0.1", port = 0 }
                      remoting { host = "127.0.0.1", port = {{ports[i - 1]}}, seed-nodes = ["127.0.0.1:{{ports[0]}}"] }
                      node { name = node-{{i}}, cluster = main, replica-set = rs-1, data-directory = "{{directory}}/data-{{i}}", write-timeout = 2m }
                      clusters.main { engine = embedded, replica-sets.rs-1.members = [node-1, node-2, node-3] }
                      journal.file = "{{directory}}/journal.sqlite"
                      windows.nights.weekly = ["MON-22:00..TUE-04:00", "TUE-22:00..WED-04:00"]
                      runs.settle = 1m
                      automatic-compaction = on
                    }
                    """);
                var runs = 0;
                var process = await OrchestratorProcess.Start(
                    SettingsBinder.Load(file),
                    clock,
                    new RunIds(clock, () => $"{number}{++runs:D5}"),
                    i,
                    cluster.logger,
                    isGuest: false,
                    CancellationToken.None);
                cluster.processes.Add(process);
                cluster.Clients.Add(new OrchestratorClient(new Uri(process.Address), Patience, followRedirects: true));
            }

            return cluster;
        }

        public Task Await(string what, Func<Task<bool>> condition) => Await<object>(what, async () => await condition() ? this : null);

        /// <summary>Asks again until there is an answer.</summary>
        public async Task<T> Await<T>(string what, Func<Task<T?>> ask)
            where T : class
        {
            var begun = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(begun) < Patience)
            {
                try
                {
                    if (await ask() is { } answer)
                    {
                        return answer;
                    }
                }
                catch (ApiException e) when (e.Problem.Status is 503 or 504)
                {
                    // Nobody is there yet.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }

            var listed = (await Clients[0].Runs([], null, 10, default)).Runs;
            var runs = (await Task.WhenAll(listed.Select(run => Clients[0].Run(run.Id, default))))
                .Select(run => $"{run.Id} {run.State} {run.Reason}; {string.Join(", ", run.Steps.Select(step => $"{step.Node} {step.State} {step.Reason}"))}");
            var schedules = (await Clients[0].Schedules(default)).Schedules.Select(schedule => schedule.Status);
            var units = (await Clients[0].Explain("main", null, null, default)).Units.Select(unit => $"{unit.Node} {unit.Unit}: {unit.ReclaimableBytes} B, {unit.WhyNotSince}");
            throw new TimeoutException(
                $"waited in vain for {what}: {string.Join(" | ", runs)}; schedules: {string.Join(" | ", schedules)}; units: {string.Join(" | ", units)}");
        }

        public async ValueTask DisposeAsync()
        {
            Clients.ForEach(client => client.Dispose());
            foreach (var process in processes.AsEnumerable().Reverse())
            {
                await process.Stop();
                await process.DisposeAsync();
            }

            await logger.DisposeAsync();
        }
    }
}
