using Orchestrator.Actors.Clusters;
using Orchestrator.Actors.Tests.Members;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class AddedClusterTests : SupervisorFixture
{
    private readonly ScriptedCluster _engine = new(new ReplicaSetDefinition("rs1", ["m1", "m2"]));

    [Fact]
    public async Task A_cluster_that_a_process_learns_of_is_looked_after_and_let_go_when_no_run_is_active_on_it()
    {
        await using var added = new AddedClusters();
        Options = Options with { Added = added };
        Begin(1);
        foreach (var name in new[] { "m1", "m2" })
        {
            _engine[name].Units = [new UnitEstimate(new UnitSize(new ShardUnit("db", "rs1"), 1 << 30, 0, 1 << 30), 1 << 30, 0, TimeSpan.Zero) { ReplicaSet = "rs1" }];
        }

        var connects = 0;
        added.Declare(Cluster("first", () =>
        {
            connects++;
            return connects == 1 ? throw new EngineException(EngineFault.Misconfigured, "the certificate is not there yet") : _engine;
        }));
        await AwaitAsync(clusters => clusters.Any(cluster => cluster is { Name: "c1", ReplicaSets: [{ Members.Count: 2 }] }));
        await AskAsync<RunView>(new StartRun("run-a", new CompactionRequest("c1", CompactionScope.Everything, CompactionOptions.Default)) { Origin = new RunOrigin("ann", "", "", NeedsApproval: true) });

        added.Declare(Cluster("first", () => throw new InvalidOperationException("the same again connects to nothing")));
        added.Withdraw("c1");
        var waiting = await AskAsync<RunEventBatch>(new ReadRunEvents("run-a", 1000, TimeSpan.FromSeconds(1)));
        var during = await AskAsync<ClusterList>(new ListClusters());
        var one = await AskAsync<ClusterList>(new ListClusters { Cluster = "c1" });
        var none = await AskAsync<ClusterList>(new ListClusters { Cluster = "c2" });
        await AskAsync<RunView>(new CancelRun("run-a", "ann", "enough"));
        await AwaitAsync(clusters => clusters.All(cluster => cluster.Name != "c1"));
        var plan = await AskAsync<RequestFailed>(new StartRun("run-b", new CompactionRequest("c1", CompactionScope.Everything, CompactionOptions.Default)));

        Assert.Null(waiting.Run.FinishedAt);
        Assert.Contains(during.Clusters, cluster => cluster.Name == "c1");
        Assert.Equal("c1", Assert.Single(one.Clusters).Name);
        Assert.Empty(none.Clusters);
        Assert.Equal(FailureCode.NotFound, plan.Code);
    }

    private static AddedCluster Cluster(string fingerprint, Func<IEngineCluster> connect) =>
        new(new ClusterDefinition("c1", "scripted", []), fingerprint, connect);

    private async Task AwaitAsync(Predicate<IReadOnlyList<ClusterView>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (await AskAsync<ClusterList>(new ListClusters()) is var list && !condition(list.Clusters))
        {
            Assert.False(patience.IsCancellationRequested, $"the clusters are {string.Join(", ", list.Clusters.Select(cluster => cluster.Name))}");
            await Task.Delay(20);
        }
    }
}
