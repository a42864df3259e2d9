using System.Globalization;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>
/// Kills a process, as a crash would, while the run compacts, and starts it again a few seconds later, as Kubernetes or
/// systemd would.
/// </summary>
internal sealed class DemoKiller(DemoCluster cluster, DemoOptions options)
{
    /// <summary>How long a compaction that shall be met at work is made to take, by a limit of its rate.</summary>
    private const int SlowedSeconds = 5;

    /// <summary>The least rate that the API takes, in bytes per second.</summary>
    private const long LeastRate = 64 * 1024;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Downtime = TimeSpan.FromSeconds(3);

    /// <summary>The limit that lets the first compaction take a few seconds, in bytes per second; null where none helps.</summary>
    public long? RateFor(PlanDto plan)
    {
        var first = plan.ReplicaSets.SelectMany(set => set.Steps).FirstOrDefault(step => step.Units is not null);
        return options.Kill is null || !options.Mode.CanBeSlowed || first is null
            ? null
            : Math.Max(LeastRate, first.Units!.Sum(unit => unit.FileBytes - unit.BytesFreed) / SlowedSeconds);
    }

    /// <summary>Waits for a compaction at work, kills, waits, starts again.</summary>
    /// <param name="remark">Gets a sentence for everything that it does.</param>
    /// <returns>What was killed; null if nothing shall be, or if the run ended too soon.</returns>
    public async Task<DemoKill?> Run(string run, Action<string> remark, CancellationToken cancellationToken)
    {
        if (options.Kill is not { } target || await NextCompaction(run, cancellationToken) is not { } step)
        {
            return null;
        }

        var node = target == KillTarget.Node ? step.Node : await cluster.SupervisorHost(cancellationToken);
        var what = target == KillTarget.Node ? "node" : "supervisor";
        var killedAt = cluster.Time.GetUtcNow();
        await cluster.KillNode(node);
        remark(string.Create(
            CultureInfo.InvariantCulture,
            $"Killed the process of {node}, {(target == KillTarget.Node ? "which was compacting" : $"the supervisor's host, while {step.Node} was compacting")} "
            + $"(step {step.Number}, {step.Fraction:P0} done)."));
        await Task.Delay(Downtime, cluster.Time, cancellationToken);
        cluster.StartNode(node);
        remark($"Started {node} again.");
        return new DemoKill(what, node, step.Number, killedAt, cluster.Time.GetUtcNow());
    }

    private async Task<StepDto?> NextCompaction(string run, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var view = await cluster.Ask(client => client.Run(run, cancellationToken));
                var step = view.Steps.FirstOrDefault(step =>
                    step is { Kind: "compact", State: "running" } && (step.Fraction > 0 || !options.Mode.CanBeSlowed));
                if (step is not null || view.FinishedAt is not null)
                {
                    return step;
                }
            }
            catch (Exception e) when (DemoCluster.IsPassing(e))
            {
                // Asked again.
            }

            await Task.Delay(Poll, cluster.Time, cancellationToken);
        }
    }
}
