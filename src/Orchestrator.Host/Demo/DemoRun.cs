using System.Collections.Concurrent;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>Plans and starts the run, and follows it while the client works.</summary>
internal sealed class DemoRun(DemoCluster cluster, IDemoDisplay display)
{
    private static readonly CompactionBody Everything = new(DemoDirectory.ClusterName, null, null);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<string, List<string>> states = new(StringComparer.Ordinal);

    /// <summary>States that a node went through during the run.</summary>
    public IReadOnlyList<string> StatesOf(string node) => states.TryGetValue(node, out var seen) ? seen : ["online"];

    /// <summary>The dry run.</summary>
    public Task<PlanDto> Plan(CancellationToken cancellationToken) =>
        cluster.Ask(client => client.Plan(DemoDirectory.ClusterName, Everything, cancellationToken));

    /// <summary>Runs to the end.</summary>
    public async Task<RunDto> Execute(Workload workload, CancellationToken cancellationToken)
    {
        var run = await cluster.Ask(client => client.StartRun(Everything, cancellationToken));
        return await display.DuringRun(async screen =>
        {
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watch = Watch(screen, workload, watching.Token);
            var follower = new RunFollower(cluster.Clients, cluster.Time, Patience);
            var follow = follower.Follow(run.Id, e => Note(screen, e), screen.Progress, watching.Token);
            try
            {
                // The watch ends only by throwing, when a process has died.
                await await Task.WhenAny(follow, watch);
                var done = await follow;
                screen.Progress(End(done));
                screen.Members(await cluster.ReplicaSet(cancellationToken));
                return done;
            }
            finally
            {
                await watching.CancelAsync();
                await Task.WhenAll(follow, watch).ContinueWith(_ => { }, TaskScheduler.Default);
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
