using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Embedded.Tests.Cluster.Actors;

namespace Akka.Embedded.Tests.Singleton;

public sealed class ClusterSingletonTests : ClusterFixture
{
    private const string Role = "host";

    [Fact]
    public async Task It_runs_on_the_oldest_and_every_proxy_finds_it()
    {
        var first = Start(0, 1, Role);
        await UpEverywhere(1, first);
        ActorSystem[] systems = [first, Start(1, 1, Role), Start(2, 1, Role)];
        await UpEverywhere(3, systems);

        var hosts = await Task.WhenAll(systems.Select(StartSingleton).ToList().Select(WhereAsync));

        Assert.All(hosts, host => Assert.Equal(ClusterOf(first).SelfAddress.Port, host));
    }

    [Fact]
    public async Task It_moves_to_the_next_oldest_when_its_node_leaves()
    {
        var (systems, proxies) = await StartThree();
        Assert.Equal(ClusterOf(systems[0]).SelfAddress.Port, await WhereAsync(proxies[1]));

        await systems[0].Terminate().WaitAsync(Patience);

        Assert.Equal(ClusterOf(systems[1]).SelfAddress.Port, await WhereAsync(proxies[1]));
        Assert.Equal(ClusterOf(systems[1]).SelfAddress.Port, await WhereAsync(proxies[2]));
    }

    [Fact]
    public async Task It_moves_when_its_node_was_killed_and_removed()
    {
        var (systems, proxies) = await StartThree();
        Assert.Equal(ClusterOf(systems[0]).SelfAddress.Port, await WhereAsync(proxies[2]));

        await Kill(systems[0]);
        await UpEverywhere(2, systems[1], systems[2]);

        Assert.Equal(ClusterOf(systems[1]).SelfAddress.Port, await WhereAsync(proxies[2]));
    }

    private async Task<(ActorSystem[] Systems, IActorRef[] Proxies)> StartThree()
    {
        var first = Start(0, 1, Role);
        await UpEverywhere(1, first);
        var second = Start(1, 1, Role);
        await UpEverywhere(2, first, second);
        ActorSystem[] systems = [first, second, Start(2, 1, Role)];
        await UpEverywhere(3, systems);
        return (systems, [.. systems.Select(StartSingleton)]);
    }

    private static IActorRef StartSingleton(ActorSystem system)
    {
        system.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create<Host>(), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(Role)),
            "single");
        return system.ActorOf(ClusterSingletonProxy.Props("/user/single", ClusterSingletonProxySettings.Create(system).WithRole(Role)), "proxy");
    }

    /// <summary>Asks until an answer comes: messages to a singleton on its way may be lost.</summary>
    private static async Task<int?> WhereAsync(IActorRef proxy)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return int.Parse(await proxy.Ask<string>("where?", TimeSpan.FromSeconds(2), limit.Token), System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (AskTimeoutException)
            {
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private sealed class Host : UntypedActor
    {
        protected override void OnReceive(object message) =>
            Sender.Tell(Akka.Cluster.Cluster.Get(Context.System).SelfAddress.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");
    }
}
