using Orchestrator.Actors.Clusters;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Kubernetes.Clusters;

/// <summary>
/// Tells the supervisor of this process which CompactionClusters there are. Runs in every process that can host the supervisor, whichever operator
/// leads, so that no secret leaves a process. One that cannot be read, for example while its Secret is not there, stays as it was.
/// </summary>
internal sealed class ClusterTaker(ClusterSource source, AddedClusters added, TimeProvider time, Action<string, Exception> unexpected)
    : IReconciler
{
    /// <summary>Secrets and pods are not watched.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    public ResourceKind Kind => ResourceKind.Cluster;

    public async Task<TimeSpan?> Reconcile(Resource resource, CancellationToken cancellationToken)
    {
        var read = await source.Read(resource, cancellationToken);
        if (read.Cluster is not { } cluster)
        {
            return LookAgain;
        }

        added.Declare(new AddedCluster(
            cluster.Definition, $"{resource.Uid}\n{read.Section}", () => EngineClusters.Connect(cluster.Options, time, unexpected)!));
        return LookAgain;
    }

    public void Gone(string name) => added.Withdraw(name);
}
