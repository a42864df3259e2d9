using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Notifications;

/// <summary>
/// New events of all runs, each at least once: the supervisor is asked for them by number. Only the process that hosts it
/// gets any, so that not every process sends the same. After a change of host, events of the last minutes come again.
/// </summary>
/// <param name="self">Remoting address of this process.</param>
/// <param name="lookback">How old an event may be when this process begins.</param>
internal sealed class RunEventSource(SupervisorGateway supervisor, string self, TimeSpan lookback, TimeProvider time)
{
    /// <summary>Answers that are read for one run before the others get their turn.</summary>
    private const int MaxAnswers = 20;

    private readonly Dictionary<string, long> read = new(StringComparer.Ordinal);
    private readonly HashSet<string> ended = new(StringComparer.Ordinal);
    private bool isHost;

    /// <summary>What is new; empty where another process hosts the supervisor or none does.</summary>
    public async Task<IReadOnlyList<CloudEvent>> Poll(CancellationToken cancellationToken)
    {
        var (clusters, _) = await supervisor.Ask<ClusterList>(new ListClusters(), SupervisorGateway.Quick, cancellationToken);
        var wasHost = isHost;
        isHost = clusters?.Clusters.Any(cluster => cluster.SupervisorNode == self) ?? false;
        if (!isHost)
        {
            read.Clear();
            ended.Clear();
            return [];
        }

        var (runs, _) = await supervisor.Ask<RunList>(new ListRuns(), SupervisorGateway.Quick, cancellationToken);
        if (runs is null)
        {
            isHost = wasHost;
            return [];
        }

        Forget(runs);
        var oldest = wasHost ? DateTimeOffset.MinValue : time.GetUtcNow() - lookback;
        var found = new List<CloudEvent>();
        foreach (var run in runs.Runs.Reverse().Where(run => !ended.Contains(run.Id)))
        {
            if (run.FinishedAt < oldest)
            {
                ended.Add(run.Id);
                continue;
            }

            await Read(run.Id, oldest, found, cancellationToken);
        }

        return found;
    }

    private async Task Read(string run, DateTimeOffset oldest, List<CloudEvent> found, CancellationToken cancellationToken)
    {
        for (var answer = 0; answer < MaxAnswers; answer++)
        {
            var after = read.GetValueOrDefault(run);
            var (batch, _) = await supervisor.Ask<RunEventBatch>(
                new ReadRunEvents(run, after, TimeSpan.Zero), SupervisorGateway.Quick, cancellationToken);
            if (batch is null)
            {
                return;
            }

            found.AddRange(batch.Events.Where(recorded => recorded.Event.At >= oldest).Select(recorded => CloudEvent.Of(batch.Run, recorded)));
            if (batch.Events.Count == 0)
            {
                if (batch.Run.FinishedAt is not null)
                {
                    ended.Add(run);
                }

                return;
            }

            read[run] = batch.Events[^1].Sequence;
        }
    }

    /// <summary>Runs that the supervisor has forgotten need not be remembered here.</summary>
    private void Forget(RunList runs)
    {
        var known = runs.Runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        ended.RemoveWhere(run => !known.Contains(run));
        foreach (var run in read.Keys.Where(run => !known.Contains(run)).ToList())
        {
            read.Remove(run);
        }
    }
}
