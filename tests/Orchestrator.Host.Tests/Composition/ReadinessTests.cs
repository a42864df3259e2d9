using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Composition;

/// <summary>What <c>/readyz</c> says of a node.</summary>
public sealed class ReadinessTests : TestKit
{
    [Fact]
    public void A_node_that_hears_nothing_of_its_primary_is_not_ready_although_it_is_online()
    {
        var readiness = new Readiness();
        var actor = Sys.ActorOf(Props.Create(() => new ReadinessActor("node-3", readiness)));
        actor.Tell(new NodeStateChanged("main", "rs", "node-3", NodeState.Recovering, NodeState.Online, "", Samples.Now));
        AwaitAssert(() => Assert.Equal("ready", readiness.Current.Status));

        actor.Tell(new PrimaryUnheard("node-3", "node-3 has had no answer of the primary node-1 for 10 s"));
        actor.Tell(new PrimaryUnheard("node-2", ""));
        AwaitAssert(() => Assert.Equal("not-ready", readiness.Current.Status));
        Assert.Contains("primary node-1", readiness.Current.Reason, StringComparison.Ordinal);

        actor.Tell(new PrimaryUnheard("node-3", ""));
        AwaitAssert(() => Assert.Equal("ready", readiness.Current.Status));
    }
}
