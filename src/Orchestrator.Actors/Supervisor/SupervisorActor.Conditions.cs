using Akka.Event;
using Orchestrator.Core.Operations;

namespace Orchestrator.Actors.Supervisor;

/// <content>What happens to nodes outside of runs: stored as an entry of the audit trail, from which webhooks are told.</content>
internal sealed partial class SupervisorActor
{
    private void NoteConditions()
    {
        var clusters = watches.Values.Select(watch => new WatchedCluster(watch.Sightings, TroubleWith(watch))).ToList();
        var (next, changes) = state.Conditions.Look(clusters, Now, options.Compaction.UnreachableGrace, options.DiskLowShare);
        state = state with { Conditions = next };
        foreach (var change in changes)
        {
            var action = NodeConditions.ActionOf(change);
            log.Warning("{0} {1}: {2}: {3}", change.Cluster, change.Node, action, change.Detail);

            // Together: a death in between would leave it told twice, or never.
            var entry = NextEntry(NodeConditions.Supervisor, action, change.Cluster, change.Node, $"since {change.Since:u}: {change.Detail}", refusal: "");
            PersistAll<SupervisorEvent>([new NodeConditionRecorded(change, Now), entry], stored => state = state.Apply(stored));
        }
    }
}
