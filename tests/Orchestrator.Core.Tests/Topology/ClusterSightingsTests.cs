using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

public class ClusterSightingsTests
{
    private static readonly TimeSpan UnreachableAfter = TimeSpan.FromSeconds(5);

    private static readonly ClusterSightings Fresh =
        ClusterSightings.Start(new ClusterDefinition(Some.Cluster, "embedded", [Some.ThreeMembers]));

    [Fact]
    public void A_first_observation_is_a_change_from_unreachable()
    {
        var (_, changes) = Fresh.Heard(Some.Observation("node-1"), Some.Noon);

        var change = Assert.Single(changes);
        Assert.Equal((NodeState.Unreachable, NodeState.Online), (change.From, change.To));
    }

    [Fact]
    public void A_change_counts_once_however_it_is_learnt()
    {
        var (heard, _) = Fresh.Heard(Some.Observation("node-1"), Some.Noon);
        var told = new NodeStateChanged(Some.Cluster, Some.Set, "node-1", NodeState.Online, NodeState.Compacting, "run r1", Some.At(1));

        var (next, first) = heard.Heard(told, Some.At(1));
        var (_, second) = next.Heard(Some.Observation("node-1", state: NodeState.Compacting), Some.At(2));

        Assert.Equal("run r1", Assert.Single(first).Reason);
        Assert.Empty(second);
    }

    [Fact]
    public void A_silent_member_becomes_unreachable_once_and_comes_back()
    {
        var (heard, _) = Fresh.Heard(Some.Observation("node-1", MemberRole.Primary), Some.Noon);

        var (still, none) = heard.Elapsed(Some.At(5), UnreachableAfter);
        var (gone, changes) = still.Elapsed(Some.At(5.1), UnreachableAfter);
        var (later, again) = gone.Elapsed(Some.At(60), UnreachableAfter);
        var (_, back) = later.Heard(Some.Observation("node-1"), Some.At(61));

        Assert.Empty(none);
        Assert.Equal("no contact for 5.1 s", Assert.Single(changes).Reason);
        Assert.Empty(again);
        Assert.Equal(NodeState.Unreachable, Assert.Single(back).From);
        var snapshot = later.Snapshot(Some.Capabilities, new Dictionary<string, NodeInventory>(), Some.At(60));
        Assert.Equal("", ReplicaSetSnapshot.Of(snapshot, Some.Set).Primary);
        Assert.Equal(3, ReplicaSetSnapshot.Of(snapshot, Some.Set).Members.Count);
    }

    [Fact]
    public void Looking_at_all_sets_of_a_member_reads_its_part_in_each_of_them_once()
    {
        const int count = 5_000;
        var sets = Enumerable.Range(0, count).Select(number => new ReplicaSetDefinition($"set-{number}", ["node-1"])).ToList();
        var memberships = new CountedList<SetMembership>(
            [.. sets.Select(set => new SetMembership(set.Name, set.Name == "set-7" ? NodeState.Compacting : NodeState.Online, "", MemberRole.Secondary, 0, "", ReplicationLag.None))]);
        var (heard, _) = ClusterSightings.Start(new ClusterDefinition(Some.Cluster, "shards", sets)).Heard(
            Some.Observation("node-1", state: NodeState.Compacting, replicaSet: "set-0") with { Memberships = memberships }, Some.Noon);

        var seen = sets.SelectMany(heard.Of).Select(sighting => sighting.Observation).ToList();

        Assert.Equal("set-7", Assert.Single(seen, member => member.State == NodeState.Compacting).ReplicaSet);
        Assert.Equal(sets.Select(set => set.Name), seen.Select(member => member.ReplicaSet));
        Assert.InRange(memberships.Read, count, 2 * count);
    }

    [Fact]
    public void How_long_a_member_is_silent_grows_for_whoever_looks()
    {
        var (heard, _) = Fresh.Heard(Some.Observation("node-1"), Some.Noon);
        var (gone, _) = heard.Elapsed(Some.At(5.5), UnreachableAfter);

        Assert.Equal("no contact for 90 s", ClusterSightings.AsSeen(gone.Members["node-1"], Some.At(90)).Reason);
        Assert.Equal("", ClusterSightings.AsSeen(heard.Members["node-1"], Some.At(90)).Reason);
    }

    [Fact]
    public void A_set_without_a_majority_says_since_when_what_works_and_what_to_do()
    {
        var sightings = Fresh;
        foreach (var (node, at) in (IEnumerable<(string, double)>)[("node-1", 10), ("node-2", 20), ("node-3", 60)])
        {
            (sightings, _) = sightings.Heard(Some.Observation(node), Some.At(at));
        }

        Assert.Equal("", sightings.TroubleWith(Some.ThreeMembers, "node-1"));
        (sightings, _) = sightings.Elapsed(Some.At(16), UnreachableAfter);
        Assert.Equal("the primary node-1 cannot be reached; another one will be appointed", sightings.TroubleWith(Some.ThreeMembers, "node-1"));
        Assert.Equal("", sightings.TroubleWith(Some.ThreeMembers, "node-2"));

        (sightings, _) = sightings.Elapsed(Some.At(60), UnreachableAfter);
        Assert.Equal(
            $"no majority since {Some.At(20).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: 1 of 3 members can be reached, 2 are needed to acknowledge writes and to appoint a "
            + "primary; node-3 serves only reads that may be stale; start node-1 or node-2",
            sightings.TroubleWith(Some.ThreeMembers, "node-1"));
    }

    [Fact]
    public void Strangers_are_ignored()
    {
        var (stranger, none) = Fresh.Heard(Some.Observation("node-9"), Some.Noon);
        var (misplaced, also) = Fresh.Heard(Some.Observation("node-1", replicaSet: "rs9"), Some.Noon);

        Assert.Empty(stranger.Members);
        Assert.Empty(misplaced.Members);
        Assert.Empty(none.Concat(also));
    }

    [Fact]
    public void A_snapshot_joins_observations_and_inventories()
    {
        var (heard, _) = Fresh.Heard(Some.Observation("node-1"), Some.Noon);
        (heard, _) = heard.Heard(Some.Observation("node-2"), Some.Noon);
        var inventory = new NodeInventory("node-2", "rewrite", Some.Capabilities, [Some.Documents("app", "orders", 100, 60)], Some.Noon);

        var snapshot = heard.Snapshot(
            Some.Capabilities, new Dictionary<string, NodeInventory> { ["node-2"] = inventory }, Some.At(1));

        Assert.Empty(snapshot.Members[0].Units);
        Assert.Equal(60, Assert.Single(snapshot.Members[1].Units).BytesFreed);
    }
}
