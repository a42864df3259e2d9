using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Embedded.Tests.Cluster;
using Akka.Embedded.Tests.Remote;
using Akka.Event;

namespace Akka.Embedded.Tests.Singleton;

public sealed class ClusterSingletonTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly ClusterSystems _cluster = new();
    private readonly Lives _lives = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task The_singleton_runs_once_on_the_oldest_member_and_proxies_find_it_from_everywhere()
    {
        var nodes = await _cluster.Form(3);
        var proxies = nodes.Select(StartManagerAndProxy).ToList();
        foreach (var proxy in proxies)
        {
            Assert.Equal(Systems.AddressOf(nodes[0]).ToString(), await proxy.Ask<string>("where", Limit));
        }

        Assert.Equal(1, _lives.Started);
    }

    [Fact]
    public async Task A_leaving_host_stops_its_singleton_with_the_termination_message_before_the_next_one_starts()
    {
        var nodes = await _cluster.Form(3);
        var proxies = nodes.Select(StartManagerAndProxy).ToList();
        await proxies[2].Ask<string>("where", Limit);
        ClusterSystems.Of(nodes[1]).Leave(Systems.AddressOf(nodes[0]));
        await nodes[0].WhenTerminated.WaitAsync(Limit);
        await Systems.Eventually(() => _lives.Started == 2, "the second singleton");
        Assert.Equal(Systems.AddressOf(nodes[1]).ToString(), await proxies[2].Ask<string>("where", Limit));
        Assert.Equal(["start 0", "end 0", "stopped 0", "start 1"], _lives.Story(nodes));
    }

    [Fact]
    public async Task A_lost_host_is_replaced_after_it_was_removed_and_messages_wait_meanwhile()
    {
        var nodes = await _cluster.Form(3);
        var proxies = nodes.Select(StartManagerAndProxy).ToList();
        await proxies[2].Ask<string>("where", Limit);
        ClusterSystems.Kill(nodes[0]);
        await Systems.Eventually(() => ClusterSystems.Of(nodes[2]).State.Members.Count == 2, "removal");
        var answer = proxies[2].Ask<string>("where", Limit);
        Assert.Equal(Systems.AddressOf(nodes[1]).ToString(), await answer);
        await nodes[0].WhenTerminated.WaitAsync(Limit);
        Assert.Equal(["start 0", "stopped 0", "start 1"], _lives.Story(nodes));
    }

    [Fact]
    public async Task Only_members_with_the_role_host_the_singleton()
    {
        var first = _cluster.Start("other");
        ClusterSystems.Of(first).Join(Systems.AddressOf(first));
        var second = _cluster.Start("host");
        ClusterSystems.Of(second).Join(Systems.AddressOf(first));
        await ClusterSystems.AllUp(first, second);
        StartManagerAndProxy(second, "host");
        var proxy = first.ActorOf(ClusterSingletonProxy.Props("/user/manager", ClusterSingletonProxySettings.Create(first).WithRole("host")));
        Assert.Equal(Systems.AddressOf(second).ToString(), await proxy.Ask<string>("where", Limit));
    }

    [Fact]
    public async Task A_full_buffer_drops_the_oldest_messages_to_the_dead_letters()
    {
        var nodes = await _cluster.Form(1);
        var dead = new ConcurrentQueue<object>();
        nodes[0].EventStream.Subscribe(nodes[0].ActorOf(Props.Create(() => new Collector(dead.Enqueue))), typeof(DeadLetter));
        var proxy = nodes[0].ActorOf(ClusterSingletonProxy.Props("/user/manager", ClusterSingletonProxySettings.Create(nodes[0]).WithBufferSize(2)));
        var answers = new ConcurrentQueue<object>();
        var asker = nodes[0].ActorOf(Props.Create(() => new Collector(answers.Enqueue)));
        foreach (var question in new[] { "first", "second", "third" })
        {
            proxy.Tell(question, asker);
        }

        await Systems.Eventually(() => !dead.IsEmpty, "the dropped message");
        Assert.Equal("first", ((DeadLetter)dead.Single()).Message);
        StartManagerAndProxy(nodes[0]);
        await Systems.Eventually(() => answers.Count == 2, "the kept messages");
    }

    private IActorRef StartManagerAndProxy(ActorSystem node) => StartManagerAndProxy(node, "");

    private IActorRef StartManagerAndProxy(ActorSystem node, string role)
    {
        var lives = _lives;
        node.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new OnlyOne(lives)), "end", ClusterSingletonManagerSettings.Create(node).WithRole(role)),
            "manager");
        return node.ActorOf(ClusterSingletonProxy.Props("/user/manager", ClusterSingletonProxySettings.Create(node).WithRole(role)), "proxy");
    }

    /// <summary>What the singletons of all nodes did, in order.</summary>
    private sealed class Lives
    {
        private readonly ConcurrentQueue<(string What, Address Where)> _story = new();

        public int Started => _story.Count(s => s.What == "start");

        public void Add(string what, Address where) => _story.Enqueue((what, where));

        public IEnumerable<string> Story(ActorSystem[] nodes)
        {
            var addresses = nodes.Select(Systems.AddressOf).ToList();
            return _story.Select(s => $"{s.What} {addresses.IndexOf(s.Where)}");
        }
    }

    private sealed class OnlyOne : ReceiveActor
    {
        private readonly Lives _lives;
        private readonly Address _address = Systems.AddressOf(Context.System);

        public OnlyOne(Lives lives)
        {
            _lives = lives;
            lives.Add("start", _address);
            Receive<string>(m => m == "end", _ =>
            {
                lives.Add("end", _address);
                Context.Stop(Self);
            });
            ReceiveAny(_ => Sender.Tell(_address.ToString()));
        }

        protected override void PostStop() => _lives.Add("stopped", _address);
    }
}
