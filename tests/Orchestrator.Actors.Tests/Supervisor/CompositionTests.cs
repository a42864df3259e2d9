using Akka.Actor;
using Akka.Cluster;
using Orchestrator.Actors.Serialization;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Embedded.Replication;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>A whole process: cluster of one, node, singleton and proxy.</summary>
public sealed class CompositionTests() : PatientTestKit(OrchestratorSerialization.Config + """

    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
    akka.cluster.roles = [node, supervisor]
    akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
    akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
    """)
{
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-composition-").FullName;

    [Fact]
    public async Task The_supervisor_finds_the_node_of_its_own_process_and_appoints_it()
    {
        using var feeds = HttpFeedClient.Create();
        var node = EmbeddedNode.Start(
            Sys,
            new NodeOptions { Cluster = "test", ReplicaSet = "rs", Node = "node-1", Address = "http://127.0.0.1:1", DataDirectory = directory },
            feeds);
        var proxy = OrchestratorActors.StartSupervisor(
            Sys, new SupervisorOptions(), [new ClusterDefinition("test", "embedded", [new ReplicaSetDefinition("rs", ["node-1"])])]);
        var cluster = Cluster.Get(Sys);
        cluster.Join(cluster.SelfAddress);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        ClusterView view;
        do
        {
            await Poll.PauseAsync();
            view = (await proxy.Ask<ClusterList>(new ListClusters(), TimeSpan.FromSeconds(90))).Clusters.Single();
            Assert.False(patience.IsCancellationRequested, $"no primary: {view.ReplicaSets[0].Members[0].Observation}");
        }
        while (view.ReplicaSets[0].Members[0].Observation is not { State: NodeState.Online, Role: MemberRole.Primary });

        Assert.Equal("node-1", view.ReplicaSets[0].Primary);
        Assert.Equal(cluster.SelfAddress.ToString(), view.SupervisorNode);
        Assert.Equal("/user/node", string.Concat(node.Path.Elements.Select(element => "/" + element)));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        TemporaryFiles.Delete(directory);
    }
}
