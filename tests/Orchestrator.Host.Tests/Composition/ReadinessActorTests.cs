using Akka.Actor;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Tests.Composition;

public sealed class ReadinessActorTests
{
    [Fact]
    public async Task A_supervisor_whose_members_obey_another_one_makes_its_process_unready_for_good()
    {
        using var system = ActorSystem.Create("readiness");
        var readiness = new Readiness();
        var actor = system.ActorOf(Props.Create(() => new ReadinessActor("node-1", readiness)));
        await actor.Ask<ActorIdentity>(new Identify(1));
        var online = new NodeStateChanged("main", "rs-1", "node-1", NodeState.Recovering, NodeState.Online, "", DateTimeOffset.UnixEpoch);

        system.EventStream.Publish(online);
        await actor.Ask<ActorIdentity>(new Identify(2));
        Assert.Equal("ready", readiness.Current.Status);

        system.EventStream.Publish(new SupervisorOutranked("node-2 obeys a supervisor of epoch 7"));
        system.EventStream.Publish(online);
        await actor.Ask<ActorIdentity>(new Identify(3));
        Assert.Equal("not-ready", readiness.Current.Status);
        Assert.Contains("epoch 7", readiness.Current.Reason, StringComparison.Ordinal);
    }
}
