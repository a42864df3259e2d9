using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

public class ClusterSightingsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly ClusterDefinition Definition =
        new("main", "embedded", [new ReplicaSetDefinition("rs-1", ["node-1", "node-2", "node-3"])]);

    [Fact]
    public void A_change_of_state_does_not_make_the_rest_of_an_old_observation_new()
    {
        var (heard, _) = ClusterSightings.Start(Definition).Heard(Observation(NodeState.Recovering), Start);

        var (changed, changes) = heard.Heard(Change(NodeState.Recovering, NodeState.Online), Start.AddSeconds(1));

        Assert.Equal(NodeState.Online, Assert.Single(changes).To);
        Assert.Equal(NodeState.Online, changed.Members["node-1"].Observation.State);
        Assert.Equal(Start, changed.Members["node-1"].HeardAt);
    }

    [Fact]
    public void An_unreachable_member_is_back_with_its_next_observation_not_with_a_change()
    {
        var (heard, _) = ClusterSightings.Start(Definition).Heard(Observation(NodeState.Online), Start);
        var (silent, _) = heard.Elapsed(Start.AddSeconds(10), TimeSpan.FromSeconds(5));

        var (changed, none) = silent.Heard(Change(NodeState.Online, NodeState.Recovering), Start.AddSeconds(11));
        var (back, changes) = changed.Heard(Observation(NodeState.Recovering), Start.AddSeconds(12));

        Assert.Empty(none);
        Assert.Equal((NodeState.Unreachable, NodeState.Recovering), (Assert.Single(changes).From, changes[0].To));
        Assert.Equal(Start.AddSeconds(12), back.Members["node-1"].HeardAt);
    }

    private static NodeStateChanged Change(NodeState from, NodeState to) => new("main", "rs-1", "node-1", from, to, "", Start);

    private static NodeObservation Observation(NodeState state) => new(
        "main", "rs-1", "node-1", "http://127.0.0.1:1", state, "", MemberRole.Secondary, 0, 0, "", ReplicationLag.None, new DiskSpace(1, 2), [], [], Start);
}
