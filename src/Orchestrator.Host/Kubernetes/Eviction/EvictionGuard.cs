using System.Collections.Concurrent;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Kubernetes.Eviction;

/// <summary>A pod that somebody wants to take away.</summary>
/// <param name="By">The user who asks.</param>
/// <param name="IsDryRun">Nothing must be changed.</param>
internal sealed record PodRemoval(string Pod, string Namespace, string By, bool IsDryRun);

/// <param name="Refusal">Why the pod has to stay for now; empty if it may go.</param>
/// <param name="Warning">What the user should know although the pod may go; empty for nothing.</param>
internal sealed record RemovalVerdict(string Refusal, string Warning)
{
    public static RemovalVerdict Allowed { get; } = new("", "");
}

/// <summary>
/// Says whether the pod of a member may go: not while a run works next to the member, and not while another member of its replica set is
/// out. Whoever asks holds the member for a while, so that no run begins a step next to a pod that is about to go. A pod is refused for a
/// bounded time only. Safe for use from several threads.
/// </summary>
/// <param name="place">The operator's namespace.</param>
/// <param name="longestRefusal">After this the pod may go whatever is at work.</param>
internal sealed class EvictionGuard(SupervisorGateway supervisor, string place, TimeSpan longestRefusal, TimeProvider time)
{
    /// <summary>Those who drain a node ask again every few seconds, and the pod needs some time to end.</summary>
    private static readonly TimeSpan HoldLength = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<(string Namespace, string Pod), (DateTimeOffset First, DateTimeOffset Last)> _refused = [];

    public async Task<RemovalVerdict> Judge(PodRemoval removal, CancellationToken cancellationToken)
    {
        var (list, failure) = await supervisor.Query<ClusterList>(new ListClusters(), SupervisorGateway.Quick, cancellationToken);
        if (list is null)
        {
            return new RemovalVerdict("", $"the compaction orchestrator did not check this: {failure!.Message}");
        }

        foreach (var cluster in list.Clusters)
        {
            if (MemberIn(cluster, removal) is { } member && await Judge(cluster, member, removal, cancellationToken) is { Length: > 0 } refusal)
            {
                return Bounded(removal, refusal);
            }
        }

        _refused.TryRemove((removal.Namespace, removal.Pod), out _);
        return RemovalVerdict.Allowed;
    }

    private string? MemberIn(ClusterView cluster, PodRemoval removal) => cluster.ReplicaSets
        .SelectMany(set => set.Members)
        .FirstOrDefault(member => PodNames.IsMember(member.Observation, removal.Pod, removal.Namespace, place))?.Observation.Node;

    /// <returns>Why the member's pod has to stay; empty if it may go.</returns>
    private async Task<string> Judge(ClusterView cluster, string member, PodRemoval removal, CancellationToken cancellationToken)
    {
        if (OtherMemberOut(cluster, member) is { Length: > 0 } refusal)
        {
            return refusal;
        }

        if (removal.IsDryRun)
        {
            return "";
        }

        var order = new PlaceHold(
            cluster.Name, OwnerOf(removal), $"pod {removal.Pod} is about to go", [member], HoldLength, $"kubernetes {removal.By}");
        var (hold, _) = await supervisor.Query<HoldView>(order, SupervisorGateway.Quick, cancellationToken);
        return hold is { Working: [var work, ..] }
            ? $"run {work.RunId} works on {work.Member} (step {work.Step}), and no second member of its replica set must be out; it begins no other step next to {member}"
            : "";
    }

    /// <summary>A member that is out already may go: that makes nothing worse.</summary>
    private static string OtherMemberOut(ClusterView cluster, string member)
    {
        foreach (var set in cluster.ReplicaSets.Where(set => set.Members.Any(each => each.Observation.Node == member)))
        {
            if (IsOut(set.Members.First(each => each.Observation.Node == member).Observation))
            {
                continue;
            }

            if (set.Members.FirstOrDefault(each => each.Observation.Node != member && IsOut(each.Observation)) is { Observation: { } other })
            {
                return $"{other.Node} of replica set {set.Name} is {other.State.ToText()}: without {member} a second member would be out";
            }
        }

        return "";
    }

    private static bool IsOut(NodeObservation member) => member.State is not (NodeState.Online or NodeState.Compacting);

    private RemovalVerdict Bounded(PodRemoval removal, string refusal)
    {
        var now = time.GetUtcNow();

        // Who has not asked for as long as a hold lasts has given up.
        foreach (var (pod, asked) in _refused.Where(entry => now - entry.Value.Last > HoldLength))
        {
            _refused.TryRemove(KeyValuePair.Create(pod, asked));
        }

        var (first, _) = _refused.AddOrUpdate(
            (removal.Namespace, removal.Pod), _ => (now, now), (_, asked) => (asked.First, now));
        return now - first < longestRefusal
            ? new RemovalVerdict($"{refusal}. Try again; the pod may go at {TimeText.At(first + longestRefusal)} at the latest", "")
            : new RemovalVerdict("", $"{refusal}; allowed since it was refused for {Human.RoughDuration(longestRefusal)}");
    }

    private static string OwnerOf(PodRemoval removal) => PlainName.Check($"evict.{removal.Pod}") is null ? $"evict.{removal.Pod}" : $"evict.{removal.Pod[^40..]}";
}
