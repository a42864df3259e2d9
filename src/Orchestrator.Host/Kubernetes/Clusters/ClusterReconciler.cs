using System.Text.Json.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Kubernetes.Clusters;

/// <summary>Shows in the status of a CompactionCluster whether it can be used and what is seen of it, and keeps the object while a run is active on it.</summary>
internal sealed class ClusterReconciler(ResourceClient client, ClusterSource source, SupervisorGateway supervisor, TimeSpan poll, TimeProvider time) : IReleasingReconciler
{
    private const int MaxMembers = 100;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public ResourceKind Kind => ResourceKind.Cluster;

    public async Task<TimeSpan?> Reconcile(Resource cluster, CancellationToken cancellationToken)
    {
        var draft = new StatusDraft(cluster, time.GetUtcNow());
        var read = await source.Read(cluster, cancellationToken);
        if (read.Cluster is null)
        {
            draft.Set("message", read.Problem).Condition("Accepted", false, read.Reason, read.Problem).Condition("Ready", false, read.Reason, read.Problem);
            await client.Write(Kind, cluster, draft, cancellationToken);
            return ClusterTaker.LookAgain;
        }

        draft.Condition("Accepted", true, "Valid", "the engine accepts the settings");
        var isReady = Show(draft, await Look(cluster, cancellationToken));
        if (await client.Write(Kind, cluster, draft, cancellationToken) && isReady && cluster.Condition("Ready") != "True")
        {
            await client.Tell(cluster, "Ready", draft.Content["message"]!.ToString(), false, cancellationToken);
        }

        return isReady ? ClusterTaker.LookAgain : poll < Soon ? poll : Soon;
    }

    /// <summary>A run that lost its cluster could neither go on nor end.</summary>
    public async Task<TimeSpan?> Release(Resource cluster, CancellationToken cancellationToken)
    {
        var (view, failure) = await Look(cluster, cancellationToken);
        if (failure is not null)
        {
            return Soon;
        }

        if (view is { ActiveRun: { Length: > 0 } run })
        {
            var message = $"run {run} is active; the object goes when the run has ended";
            var draft = new StatusDraft(cluster, time.GetUtcNow()).Set("message", message)
                .Condition("Accepted", true, "Valid", "the engine accepts the settings").Condition("Ready", false, "BeingDeleted", message);
            await client.Write(Kind, cluster, draft, cancellationToken);
            return poll;
        }

        return null;
    }

    private async Task<(ClusterView? View, RequestFailed? Failure)> Look(Resource cluster, CancellationToken cancellationToken)
    {
        var (list, failure) = await supervisor.Query<ClusterList>(new ListClusters { Cluster = cluster.Name }, SupervisorGateway.Quick, cancellationToken);

        // A supervisor of the build before this one lists all.
        return (list?.Clusters.FirstOrDefault(view => view.Name == cluster.Name), failure);
    }

    private static bool Show(StatusDraft draft, (ClusterView? View, RequestFailed? Failure) look)
    {
        var members = look.View?.ReplicaSets.SelectMany(set => set.Members.Select(member => (Set: set.Name, member.Observation))).ToList() ?? [];
        var lost = members.Where(member => member.Observation.State is NodeState.Unreachable or NodeState.Failed).Select(member => member.Observation.Node).Distinct().ToList();
        var (reason, message) = look switch
        {
            (null, { } failure) => ("SupervisorUnavailable", failure.Message),
            (null, _) => ("NotTaken", "the supervisor does not look after it yet; every process that can host the supervisor needs the role operator too"),
            ({ Trouble.Length: > 0 } view, _) => ("Trouble", view.Trouble),
            _ when members.Count == 0 => ("Discovering", "its members are being discovered"),
            _ when lost.Count > 0 => ("MembersUnreachable", $"not reachable: {string.Join(", ", lost.Take(10))}"),
            _ => ("MembersSeen", $"{members.Select(member => member.Observation.Node).Distinct().Count()} members in {look.View!.ReplicaSets.Count} replica sets"),
        };
        var isReady = reason == "MembersSeen";
        draft.Set("message", message).Condition("Ready", isReady, reason, message);
        if (look.View is not null)
        {
            draft.Set("members", new JsonArray([.. members.Take(MaxMembers).Select(member => new JsonObject
            {
                ["name"] = member.Observation.Node,
                ["replicaSet"] = member.Set,
                ["role"] = member.Observation.Role.ToString(),
                ["state"] = member.Observation.State.ToString(),
            })]));
        }

        return isReady;
    }
}
