using Akka.Event;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// What happens to nodes outside of runs: stored as an entry of the audit trail, from which webhooks are told. A plain class on the
/// supervisor's mailbox.
/// </summary>
internal sealed class NodeConditionNotes(IReign reign, AuditBook audit)
{
    public void Look()
    {
        var clusters = reign.Clusters.Values.Select(watch => new WatchedCluster(watch.Sightings, watch.Trouble)).ToList();
        var (next, changes) = reign.State.Conditions.Look(clusters, reign.Now, reign.Options.Compaction.UnreachableGrace, reign.Options.DiskLowShare);
        reign.Remember(next);
        foreach (var change in changes)
        {
            var action = NodeConditions.ActionOf(change);
            reign.Log.Warning("{0} {1}: {2}: {3}", change.Cluster, change.Node, action, change.Detail);

            // Together: a death in between would leave it told twice, or never.
            var entry = audit.Next(NodeConditions.Supervisor, action, change.Cluster, change.Node, $"since {change.Since:u}: {change.Detail}", refusal: "");
            reign.Store([new NodeConditionRecorded(change, reign.Now), entry], () => { });
        }
    }
}
