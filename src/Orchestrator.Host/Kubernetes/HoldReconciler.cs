using System.Text.Json.Nodes;
using Orchestrator.Core;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Kubernetes;

/// <summary>Keeps a hold as long as a MaintenanceHold is there, and says in its status when nothing is at work next to the members any more.</summary>
internal sealed class HoldReconciler(ResourceClient client, SupervisorGateway supervisor, TimeProvider time) : IReleasingReconciler
{
    /// <summary>The hold outlives this process for so long only.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public ResourceKind Kind => ResourceKind.Hold;

    public async Task<TimeSpan?> Reconcile(Resource hold, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var left = hold.Time("spec", "untilTime") is { } until ? until - now : Length;
        if (left <= TimeSpan.Zero)
        {
            await supervisor.Query<HoldList>(new ReleaseHold(ClusterOf(hold), OwnerOf(hold), ByOf(hold)), SupervisorGateway.Quick, cancellationToken);
            await client.Write(Kind, hold, new StatusDraft(hold, now).Set("message", "spec.untilTime is over").Condition("Ready", false, "Expired", "spec.untilTime is over"), cancellationToken);
            return null;
        }

        var order = new PlaceHold(
            ClusterOf(hold), OwnerOf(hold), hold.Text("spec", "reason"), hold.Texts("spec", "members"), left < Length ? left : Length, ByOf(hold));
        var (view, failure) = await supervisor.Query<HoldView>(order, SupervisorGateway.Quick, cancellationToken);
        if (view is null)
        {
            await client.Write(Kind, hold, new StatusDraft(hold, now).Set("message", failure!.Message).Condition("Ready", false, "Refused", failure.Message), cancellationToken);
            return Renewal;
        }

        var working = view.Working.Select(work => $"{work.Member} (step {work.Step} of {work.RunId})").ToList();
        var message = working.Count == 0 ? "no run is at work next to the members, and none will begin" : $"at work: {string.Join(", ", working)}";
        var draft = new StatusDraft(hold, now)
            .Set("message", message)
            .Set("working", new JsonArray([.. view.Working.Select(work => (JsonNode)work.Member)]))
            .Condition("Ready", working.Count == 0, working.Count == 0 ? "Held" : "StepAtWork", message);
        await client.Write(Kind, hold, draft, cancellationToken);
        return working.Count > 0 ? Soon : left < Renewal ? left : Renewal;
    }

    public async Task<TimeSpan?> Release(Resource hold, CancellationToken cancellationToken)
    {
        var (_, failure) = await supervisor.Query<HoldList>(
            new ReleaseHold(ClusterOf(hold), OwnerOf(hold), ByOf(hold)), SupervisorGateway.Quick, cancellationToken);
        return failure is { Code: not FailureCode.NotFound } ? Soon : null;
    }

    private static string ClusterOf(Resource hold) => hold.Text("spec", "clusterRef", "name");

    private static string ByOf(Resource hold) => $"kubernetes {hold.FullName}";

    private static string OwnerOf(Resource hold) =>
        PlainName.Check($"{hold.Namespace}.{hold.Name}") is null ? $"{hold.Namespace}.{hold.Name}" : $"k8s-{hold.Uid}";
}
