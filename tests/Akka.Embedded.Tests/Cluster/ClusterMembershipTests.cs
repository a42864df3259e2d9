using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Embedded.Tests.Remote;

namespace Akka.Embedded.Tests.Cluster;

public sealed class ClusterMembershipTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_node_that_joins_itself_is_Up_and_leads()
    {
        var node = _cluster.Start("a, b");
        var cluster = ClusterSystems.Of(node);
        Assert.Equal(MemberStatus.Removed, cluster.SelfMember.Status);
        cluster.Join(cluster.SelfAddress);
        await ClusterSystems.AllUp(node);
        Assert.Equal(cluster.SelfAddress, cluster.State.Leader);
        Assert.Equal(["a", "b"], cluster.SelfMember.Roles.Order());
        Assert.Equal(cluster.SelfAddress, cluster.State.RoleLeader("a"));
    }

    [Fact]
    public async Task Nodes_form_a_cluster_by_seed_nodes_and_age_follows_the_order_of_joining()
    {
        var ports = FreePorts(3);
        var seeds = $"akka.cluster.seed-nodes = [{string.Join(',', ports.Select(p => $"\"akka.tcp://test@127.0.0.1:{p}\""))}]";
        var nodes = ports.Select(p => _cluster.Start(port: p, more: seeds)).ToArray();
        await ClusterSystems.AllUp(nodes);
        var oldest = nodes.Select(n => ClusterSystems.Of(n).State.Members.Aggregate((a, b) => a.IsOlderThan(b) ? a : b).Address).Distinct();
        Assert.Equal(ports[0], Assert.Single(oldest).Port);
    }

    [Fact]
    public async Task A_subscriber_gets_the_state_first_and_then_the_events()
    {
        var nodes = await _cluster.Form(1);
        var heard = new ConcurrentQueue<object>();
        var subscriber = nodes[0].ActorOf(Props.Create(() => new Collector(heard.Enqueue)));
        ClusterSystems.Of(nodes[0]).Subscribe(subscriber, typeof(ClusterEvent.IMemberEvent));
        await Systems.Eventually(() => heard.Count == 1, "the state");
        Assert.Single(Assert.IsType<ClusterEvent.CurrentClusterState>(heard.First()).Members);

        var second = _cluster.Start();
        ClusterSystems.Of(second).Join(Systems.AddressOf(nodes[0]));
        await Systems.Eventually(() => heard.OfType<ClusterEvent.MemberUp>().Any(), "MemberUp");
        Assert.Equal(Systems.AddressOf(second), heard.OfType<ClusterEvent.MemberUp>().Single().Member.Address);

        ClusterSystems.Of(nodes[0]).Unsubscribe(subscriber);
        ClusterSystems.Of(nodes[0]).Leave(Systems.AddressOf(second));
        await second.WhenTerminated.WaitAsync(Limit);
        await Systems.Eventually(() => ClusterSystems.Of(nodes[0]).State.Members.Count == 1, "removal");
        Assert.DoesNotContain(heard, e => e is ClusterEvent.MemberRemoved);
    }

    [Fact]
    public async Task A_leaving_member_goes_through_Leaving_and_Exiting_to_Removed_and_its_system_ends()
    {
        var nodes = await _cluster.Form(3);
        var heard = new ConcurrentQueue<object>();
        ClusterSystems.Of(nodes[1]).Subscribe(
            nodes[1].ActorOf(Props.Create(() => new Collector(heard.Enqueue))), ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        var removed = new TaskCompletionSource();
        ClusterSystems.Of(nodes[0]).RegisterOnMemberRemoved(removed.SetResult);
        ClusterSystems.Of(nodes[0]).Leave(Systems.AddressOf(nodes[0]));
        await nodes[0].WhenTerminated.WaitAsync(Limit);
        await removed.Task.WaitAsync(Limit);
        await Systems.Eventually(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "MemberRemoved");
        Assert.Equal(MemberStatus.Exiting, heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus);
        await ClusterSystems.AllUp(nodes[1], nodes[2]);
        Assert.DoesNotContain(heard, e => e is ClusterEvent.MemberDowned);
    }

    [Fact]
    public async Task Terminate_makes_the_node_leave_before_its_system_ends()
    {
        var nodes = await _cluster.Form(2);
        await nodes[1].Terminate().WaitAsync(Limit);
        await ClusterSystems.AllUp(nodes[0]);
    }

    [Fact]
    public async Task A_lost_member_becomes_unreachable_is_downed_by_the_majority_and_removed()
    {
        var nodes = await _cluster.Form(3);
        var heard = new ConcurrentQueue<object>();
        ClusterSystems.Of(nodes[0]).Subscribe(
            nodes[0].ActorOf(Props.Create(() => new Collector(heard.Enqueue))), typeof(ClusterEvent.IClusterDomainEvent));
        ClusterSystems.Kill(nodes[2]);
        await Systems.Eventually(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "MemberRemoved");
        Assert.Equal(
            [typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved)],
            heard.Select(e => e.GetType()).Where(t => t != typeof(ClusterEvent.CurrentClusterState) && t != typeof(ClusterEvent.LeaderChanged)));
        Assert.Equal(MemberStatus.Down, heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus);
        await ClusterSystems.AllUp(nodes[0], nodes[1]);

        // The one that was cut off finds itself in the minority and ends by itself.
        await nodes[2].WhenTerminated.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_new_incarnation_replaces_the_old_one_which_is_downed_and_removed_first()
    {
        var nodes = await _cluster.Form(3);
        var heard = new ConcurrentQueue<object>();
        ClusterSystems.Of(nodes[0]).Subscribe(
            nodes[0].ActorOf(Props.Create(() => new Collector(heard.Enqueue))), typeof(ClusterEvent.IMemberEvent));
        var port = Systems.AddressOf(nodes[2]).Port!.Value;
        var old = ClusterSystems.Of(nodes[2]).SelfUniqueAddress;
        ClusterSystems.Kill(nodes[2]);
        var again = _cluster.Start(port: port, seeds: [nodes[0], nodes[1]]);
        await ClusterSystems.AllUp(nodes[0], nodes[1], again);
        await Systems.Eventually(() => heard.OfType<ClusterEvent.MemberUp>().Any(), "MemberUp");
        var events = heard.OfType<ClusterEvent.IMemberEvent>().Select(e => (e.GetType(), IsOld: e.Member.UniqueAddress == old)).ToList();
        Assert.Equal(
            [(typeof(ClusterEvent.MemberDowned), true), (typeof(ClusterEvent.MemberRemoved), true), (typeof(ClusterEvent.MemberJoined), false), (typeof(ClusterEvent.MemberUp), false)],
            events);
    }

    [Fact]
    public async Task An_operator_downs_a_member_which_then_ends_by_itself()
    {
        var nodes = await _cluster.Form(3);
        ClusterSystems.Of(nodes[0]).Down(Systems.AddressOf(nodes[1]));
        await ClusterSystems.AllUp(nodes[0], nodes[2]);
        await nodes[1].WhenTerminated.WaitAsync(Limit);
    }

    [Fact]
    public async Task Watched_actors_count_as_ended_when_their_node_is_removed()
    {
        var nodes = await _cluster.Form(3);
        var remote = Systems.Remote(nodes[0], nodes[2], nodes[2].ActorOf(Props.Create(() => new Echo())));
        var heard = new ConcurrentQueue<Terminated>();
        var watcher = nodes[0].ActorOf(Props.Create(() => new Watcher(remote, heard.Enqueue)));
        await watcher.Ask<string>("?", Limit);
        ClusterSystems.Kill(nodes[2]);
        await Systems.Eventually(() => !heard.IsEmpty, "Terminated");
        Assert.True(heard.Single().AddressTerminated);
        Assert.Equal(2, ClusterSystems.Of(nodes[0]).State.Members.Count);
    }

    [Fact]
    public async Task Members_stay_Joining_until_there_are_as_many_as_required()
    {
        const string two = "akka.cluster.min-nr-of-members = 2";
        var first = _cluster.Start(more: two);
        ClusterSystems.Of(first).Join(Systems.AddressOf(first));
        var up = new TaskCompletionSource();
        ClusterSystems.Of(first).RegisterOnMemberUp(up.SetResult);
        await Systems.Eventually(() => ClusterSystems.Of(first).SelfMember.Status == MemberStatus.Joining, "Joining");
        Assert.False(up.Task.IsCompleted);
        var second = _cluster.Start(more: two);
        ClusterSystems.Of(second).Join(Systems.AddressOf(first));
        await ClusterSystems.AllUp(first, second);
        await up.Task.WaitAsync(Limit);
    }

    [Fact]
    public void A_system_without_cluster_provider_has_no_cluster()
    {
        var system = _cluster.Systems.Start();
        var error = Assert.Throws<ConfigurationException>(() => ClusterSystems.Of(system));
        Assert.Contains("akka.actor.provider", error.Message);
    }

    [Theory]
    [InlineData("akka.cluster.min-nr-of-members = 0", "min-nr-of-members")]
    [InlineData("akka.cluster.downing-provider-class = \"My.Own, My\"", "downing-provider-class")]
    [InlineData("akka.cluster.split-brain-resolver.active-strategy = keep-oldest", "active-strategy")]
    [InlineData("akka.cluster.seed-nodes = [\"akka.tcp://other@127.0.0.1:1\"]", "seed-nodes")]
    [InlineData("akka.cluster.failure-detector.threshold = 0", "threshold")]
    [InlineData("akka.remote.dot-netty.tcp.maximum-frame-size = 10b", "maximum-frame-size")]
    public void A_wrong_setting_stops_the_start_with_an_error_that_names_it(string setting, string key)
    {
        var error = Assert.Throws<ConfigurationException>(() => _cluster.Systems.Start("akka.actor.provider = cluster\n" + setting));
        Assert.Contains(key, error.Message);
    }

    /// <summary>Ports that were free a moment ago.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((System.Net.IPEndPoint)l.LocalEndpoint).Port).Order().ToArray();
        listeners.ForEach(l => l.Stop());
        return ports;
    }
}
