using System.Collections.Concurrent;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>Plans and starts the run, and follows it while the client works.</summary>
internal sealed class DemoRun(DemoCluster cluster, DemoOptions options, IDemoDisplay display)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(300);

    private readonly DemoKiller killer = new(cluster, options);
    private readonly ConcurrentDictionary<string, List<string>> states = new(StringComparer.Ordinal);

    /// <summary>States that a node went through during the run.</summary>
    public IReadOnlyList<string> StatesOf(string node) => states.TryGetValue(node, out var seen) ? seen : ["online"];

    /// <summary>The process that was killed during the run; null if none was.</summary>
    public DemoKill? Killed { get; private set; }

    /// <summary>The dry run.</summary>
    public Task<PlanDto> Plan(CancellationToken cancellationToken) =>
        cluster.Ask(client => client.Plan(DemoDirectory.ClusterName, options.Mode.Request(null), cancellationToken));

    /// <summary>Runs to the end.</summary>
    public async Task<RunDto> Execute(PlanDto plan, Workload workload, CancellationToken cancellationToken)
    {
        var rate = killer.RateFor(plan);
        if (rate is { } limit)
        {
            display.Note($"Copying is limited to {Human.Bytes(limit)} per second, so that the kill hits a running compaction.");
        }

        var run = await cluster.Ask(client => client.StartRun(options.Mode.Request(rate), cancellationToken));
        return await display.DuringRun(async screen =>
        {
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watch = Watch(screen, workload, watching.Token);
            var kill = killer.Run(run.Id, screen.Remark, watching.Token);
            var follower = new RunFollower(cluster.Clients, cluster.Time, Patience);
            var follow = follower.Follow(run.Id, e => Note(screen, e), screen.Progress, watching.Token);
            try
            {
                // The watch ends only by throwing, when a process has died.
                await await Task.WhenAny(Task.WhenAll(follow, kill), watch);
                var done = await follow;
                Killed = await kill;
                screen.Progress(End(done));
                screen.Members(await cluster.ReplicaSet(cancellationToken));
                return done;
            }
            finally
            {
                await watching.CancelAsync();
                await Task.WhenAll(follow, watch, kill).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });
    }

    /// <summary>Where the run has ended: the stream tells progress only until then.</summary>
    private static RunProgressDto End(RunDto run) => new(
        run.State,
        run.Reason,
        run.BytesFreed,
        [.. run.Steps.Select(step => new StepProgressDto(
            step.Number, step.Kind, step.Node, step.State, step.Reason, step.Fraction, step.BytesFreed))]);

    private void Note(IRunDisplay screen, RunEventDto e)
    {
        if (e.StateChange is { } change)
        {
            var seen = states.GetOrAdd(change.Node, _ => [change.From]);
            lock (seen)
            {
                seen.Add(change.To);
            }
        }

        screen.Event(e);
    }

    private async Task Watch(IRunDisplay screen, Workload workload, CancellationToken cancellationToken)
    {
        while (true)
        {
            cluster.ThrowIfAProcessFailed();
            try
            {
                screen.Members(await cluster.ReplicaSet(cancellationToken));
            }
            catch (Exception e) when (DemoCluster.IsPassing(e))
            {
                // The supervisor moves; the display shows what was last seen.
            }

            screen.Client(workload.Report(lost: 0));
            await Task.Delay(Refresh, cluster.Time, cancellationToken);
        }
    }
}
