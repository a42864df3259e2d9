using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli;

/// <summary>Waits until the server of this process has looked at its clusters for the first time.</summary>
internal static class LocalReadiness
{
    /// <summary>How long the supervisor may take to begin.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>How long members may take to answer; after that those that have not are shown as unreachable.</summary>
    private static readonly TimeSpan ObserveLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ServerUnreachableException">The supervisor has not begun in time.</exception>
    public static async Task Wait(OrchestratorClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long? begun = null;
        while (true)
        {
            try
            {
                var clusters = (await client.Clusters(cancellationToken)).Clusters;
                begun ??= time.GetTimestamp();
                var allSeen = clusters.All(cluster => cluster.ReplicaSets.Count > 0 || cluster.Trouble is not null) && clusters.SelectMany(cluster => cluster.ReplicaSets).SelectMany(set => set.Members).All(member => member.Observed);
                if (allSeen || time.GetElapsedTime(begun.Value) > ObserveLimit)
                {
                    return;
                }
            }
            catch (ApiException e) when (e.Problem.Status == StatusCodes.Status503ServiceUnavailable)
            {
                if (time.GetElapsedTime(started) > StartLimit)
                {
                    throw new ServerUnreachableException(
                        "The supervisor in this process has not started: its journal or the seed nodes cannot be reached; --verbose shows its log.", e);
                }
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
