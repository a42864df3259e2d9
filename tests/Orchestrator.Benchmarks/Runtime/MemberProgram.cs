using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>A process that is a member of a cluster and says on standard output what it sees. It ends with its standard input.</summary>
internal static class MemberProgram
{
    public const string CommandName = "runtime-member";
    public const string Up = "up";
    public const string Removed = "removed";
    public const string Singleton = "singleton";

    public static async Task<int> Run(int port, int seedPort)
    {
        var more = $"{Settings.Loopback(port)}\nakka.cluster.seed-nodes = [\"akka.tcp://figures@127.0.0.1:{seedPort}\"]";
        var system = Settings.Start("figures", "cluster", more);
        system.ActorOf(Props.Create(() => new Observer()));
        system.ActorOf(
            ClusterSingletonManager.Props(Props.Create(() => new Host()), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), "singleton");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await system.Terminate();
        return 0;
    }

    private static void Say(string what) => Console.Out.WriteLine(what);

    private sealed class Observer : ReceiveActor
    {
        private readonly Cluster _cluster = Cluster.Get(Context.System);

        public Observer()
        {
            Receive<ClusterEvent.MemberUp>(up => Say($"{Up} {up.Member.Address.Port}"));
            Receive<ClusterEvent.MemberRemoved>(removed => Say($"{Removed} {removed.Member.Address.Port}"));
        }

        protected override void PreStart() => _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberRemoved));

        protected override void PostStop() => _cluster.Unsubscribe(Self);
    }

    private sealed class Host : UntypedActor
    {
        protected override void PreStart() => Say(Singleton);

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
