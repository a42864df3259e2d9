using Akka.Actor;
using Akka.Cluster;

namespace Akka.Embedded.Tests.Cluster.Actors;

public sealed class ClusterTests : ClusterFixture
{
    [Fact]
    public async Task Three_nodes_with_the_same_seeds_form_one_cluster()
    {
        ActorSystem[] systems = [Start(0, 3), Start(1, 3), Start(2, 3)];

        await UpEverywhere(3, systems);

        Assert.Single(systems.Select(system => ClusterOf(system).State.Leader).Distinct());
    }

    [Fact]
    public async Task A_member_that_leaves_is_removed_and_its_system_ends()
    {
        ActorSystem[] systems = [Start(0, 1), Start(1, 1), Start(2, 1)];
        await UpEverywhere(3, systems);

        ClusterOf(systems[0]).Leave(ClusterOf(systems[2]).SelfAddress);

        await UpEverywhere(2, systems[0], systems[1]);
        await systems[2].WhenTerminated.WaitAsync(Patience);
        Assert.True(ClusterOf(systems[0]).State.Members.All(member => member.Address != ClusterOf(systems[2]).SelfAddress));
    }

    [Fact]
    public async Task A_killed_member_is_removed_by_the_majority()
    {
        ActorSystem[] systems = [Start(0, 1), Start(1, 1), Start(2, 1)];
        await UpEverywhere(3, systems);

        await Kill(systems[0]);

        await UpEverywhere(2, systems[1], systems[2]);
    }

    [Fact]
    public async Task The_minority_shuts_itself_down()
    {
        ActorSystem[] systems = [Start(0, 1), Start(1, 1), Start(2, 1)];
        await UpEverywhere(3, systems);

        await Task.WhenAll(Kill(systems[0]), Kill(systems[1]));

        await systems[2].WhenTerminated.WaitAsync(Patience);
        Assert.True(ClusterOf(systems[2]).IsTerminated);
    }

    [Fact]
    public async Task Subscribers_get_the_state_first_and_then_the_changes()
    {
        var first = Start(0, 1);
        await UpEverywhere(1, first);
        var seen = new System.Collections.Concurrent.BlockingCollection<object>();
        var subscriber = first.ActorOf(Props.Create(() => new Recorder(seen)), "recorder");

        ClusterOf(first).Subscribe(subscriber, typeof(ClusterEvent.IMemberEvent));
        var state = Assert.IsType<ClusterEvent.CurrentClusterState>(Take(seen));
        var second = Start(1, 1);

        Assert.Equal(ClusterOf(first).SelfAddress, Assert.Single(state.Members).Address);
        Assert.Equal(ClusterOf(second).SelfAddress, Assert.IsType<ClusterEvent.MemberJoined>(Take(seen)).Member.Address);
        Assert.Equal(ClusterOf(second).SelfAddress, Assert.IsType<ClusterEvent.MemberUp>(Take(seen)).Member.Address);
    }

    [Fact]
    public async Task Callbacks_come_when_the_node_is_up_and_when_it_is_removed()
    {
        var up = new TaskCompletionSource();
        var removed = new TaskCompletionSource();
        var system = Start(0, 1);
        ClusterOf(system).RegisterOnMemberUp(() => up.TrySetResult());
        ClusterOf(system).RegisterOnMemberRemoved(() => removed.TrySetResult());

        await up.Task.WaitAsync(Patience);
        await system.Terminate().WaitAsync(Patience);

        await removed.Task.WaitAsync(Patience);
    }

    private static object Take(System.Collections.Concurrent.BlockingCollection<object> seen) =>
        seen.TryTake(out var message, Patience) ? message : throw new Xunit.Sdk.XunitException("nothing came");

    private sealed class Recorder : UntypedActor
    {
        private readonly System.Collections.Concurrent.BlockingCollection<object> _seen;

        public Recorder(System.Collections.Concurrent.BlockingCollection<object> seen) => _seen = seen;

        protected override void OnReceive(object message) => _seen.Add(message);
    }
}
