using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Composition;

/// <summary>What <c>/readyz</c> says of a node.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("readiness-test", ConfigurationFactory.ParseString("akka.actor.provider = local, akka.loglevel = OFF"));

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task A_node_that_hears_nothing_of_its_primary_is_not_ready_although_it_is_online()
    {
        var readiness = new Readiness();
        var actor = _system.ActorOf(Props.Create(() => new ReadinessActor("node-3", readiness)));
        actor.Tell(new NodeStateChanged("main", "rs", "node-3", NodeState.Recovering, NodeState.Online, "", Samples.Now));
        await Until(() => readiness.Current.Status == "ready");

        actor.Tell(new PrimaryUnheard("node-3", "node-3 has had no answer from the primary node-1 for 10 s"));
        actor.Tell(new PrimaryUnheard("node-2", ""));
        await Until(() => readiness.Current.Status == "not-ready");
        Assert.Contains("primary node-1", readiness.Current.Reason, StringComparison.Ordinal);

        actor.Tell(new PrimaryUnheard("node-3", ""));
        await Until(() => readiness.Current.Status == "ready");
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, "it never came to that");
            await Task.Delay(10);
        }
    }
}
