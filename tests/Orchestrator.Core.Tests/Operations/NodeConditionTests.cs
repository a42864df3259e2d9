using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Operations;

/// <summary>What is told of nodes outside of runs, and when.</summary>
public sealed class NodeConditionTests
{
    private static readonly TimeSpan Settle = TimeSpan.FromMinutes(2);
    private ClusterSightings sightings = ClusterSightings.Start(new ClusterDefinition(Some.Cluster, "embedded", [Some.ThreeMembers]));
    private NodeConditionWatch watch = NodeConditionWatch.Initial;
    private string trouble = "";

    [Fact]
    public void A_node_that_stays_away_is_told_of_once_and_once_more_when_it_is_back()
    {
        HearAll(0);
        Assert.Empty(Look(0));
        Hear(5, "node-2", seen => seen with { State = NodeState.Unreachable, Reason = "no contact for 3 s" });

        Assert.Empty(Look(5));
        Assert.Empty(Look(124));
        Assert.Equal(["node-unreachable node-2: no contact for 3 s (5)"], Look(125));
        Assert.Empty(Look(126));
        Assert.Empty(Look(9000));
        Hear(9001, "node-2");
        Assert.Empty(Look(9001));
        Assert.Equal(["node-reachable node-2: it is online (9001)"], Look(9121));
        Assert.Empty(Look(99_000));
    }

    [Fact]
    public void A_node_that_comes_and_goes_within_the_settling_time_is_told_of_to_nobody()
    {
        HearAll(0);
        for (var second = 0; second < 3600; second += 60)
        {
            Hear(second, "node-2", seen => seen with { State = NodeState.Unreachable, Reason = "away" });
            Assert.Empty(Look(second));
            Hear(second + 50, "node-2");
            Assert.Empty(Look(second + 50));
        }
    }

    [Fact]
    public void A_member_of_which_a_new_supervisor_hears_nothing_is_unreachable_too()
    {
        Hear(0, "node-1");
        Hear(0, "node-2");
        Look(0);

        Assert.Equal(["node-unreachable node-3: this supervisor has not seen it yet (0)"], Look(120));
    }

    [Fact]
    public void What_was_told_before_is_not_told_again_by_the_next_supervisor()
    {
        HearAll(0);
        Hear(0, "node-2", seen => seen with { State = NodeState.Failed, Reason = "disk gone" });
        Look(0);
        Assert.Equal(["node-failed node-2: disk gone (0)"], Look(120));

        watch = NodeConditionWatch.Initial with { Holding = watch.Holding };

        Assert.Empty(Look(121));
        Assert.Empty(Look(500));
        Hear(501, "node-2");
        Look(501);
        Assert.Equal(["node-recovered node-2: it is online (501)"], Look(700));
    }

    [Fact]
    public void A_disk_counts_as_recovered_only_when_it_has_a_tenth_more_space_than_the_limit()
    {
        HearAll(0);
        Free(0, 9);
        Look(0);
        Assert.Equal(["disk-low node-1: 9 GiB of 100 GiB are free (0)"], Look(120));
        Free(200, 10.5);
        Look(200);
        Assert.Empty(Look(400));
        Free(500, 11.5);
        Look(500);
        Assert.Equal(["disk-ok node-1: 11.5 GiB of 100 GiB are free (500)"], Look(620));
    }

    [Fact]
    public void Alarms_and_collections_that_cannot_be_served_are_told_with_their_names()
    {
        HearAll(0);
        Hear(0, "node-1", seen => seen with { Alarms = ["NOSPACE"], FailedCollections = [new FailedCollection("shop", "orders", "documents.sqlite is damaged")] });
        Look(0);

        Assert.Equal(
            ["collection-failed node-1: shop/orders: documents.sqlite is damaged (0)", "alarm-raised node-1: NOSPACE (0)"], Look(120));
    }

    [Fact]
    public void A_disk_that_cannot_be_seen_is_neither_low_nor_recovered()
    {
        HearAll(0);
        Hear(0, "node-1", seen => seen with { Disk = DiskSpace.Unseen });
        Look(0);

        Assert.Empty(Look(500));
    }

    [Fact]
    public void A_member_that_leaves_its_cluster_is_told_of_once_and_takes_its_conditions_along()
    {
        HearAll(0);
        Hear(0, "node-3", seen => seen with { State = NodeState.Unreachable, Reason = "away" });
        Look(0);
        Look(120);
        sightings = sightings.Of(new ClusterDefinition(Some.Cluster, "etcd", [Some.ThreeMembers with { Members = ["node-1", "node-2"] }]));

        Assert.Empty(Look(200));
        Assert.Equal(["node-removed node-3: it is no longer a member (200)"], Look(320));
        Assert.Empty(watch.Holding);
        Assert.Empty(Look(900));
    }

    [Fact]
    public void A_cluster_that_cannot_be_reached_has_lost_no_member()
    {
        sightings = ClusterSightings.Start(new ClusterDefinition(Some.Cluster, "etcd", []));
        watch = watch with { Holding = [new NodeConditionKey(Some.Cluster, "node-1", NodeConditions.DiskLow)] };
        trouble = "no endpoint answers";
        Look(0);

        Assert.Equal(["node-unreachable : no endpoint answers (0)"], Look(120));
        Assert.Equal(2, watch.Holding.Count);
    }

    private void HearAll(double second)
    {
        foreach (var node in Some.ThreeMembers.Members)
        {
            Hear(second, node);
        }
    }

    private void Hear(double second, string node, Func<NodeObservation, NodeObservation>? change = null) =>
        (sightings, _) = sightings.Heard((change ?? (seen => seen))(Some.Observation(node)), Some.At(second));

    private void Free(double second, double gibibytes) =>
        Hear(second, "node-1", seen => seen with { Disk = new DiskSpace((long)(gibibytes * (1 << 30)), 100L << 30) });

    /// <summary>Looks, and applies the changes as the supervisor does.</summary>
    private IReadOnlyList<string> Look(double second)
    {
        (watch, var changes) = watch.Look([new WatchedCluster(sightings, trouble)], Some.At(second), Settle, 0.1);
        watch = changes.Aggregate(watch, (next, change) => next.Apply(change));
        return [.. changes.Select(change =>
            $"{NodeConditions.ActionOf(change)} {change.Node}: {change.Detail} ({(change.Since - Some.Noon).TotalSeconds:0})")];
    }
}
