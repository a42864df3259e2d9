using Orchestrator.Core.Planning;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>Three real processes; a slow run; refusals while it is active; a node killed while it compacts.</summary>
public sealed class KilledNodeTests
{
    private const int Documents = 1500;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_node_killed_while_it_compacts_comes_back_and_the_run_goes_on()
    {
        using var parent = new TemporaryDirectory();
        var options = new DemoOptions(3, Documents, null, Path.Combine(parent.Path, "demo"), Keep: false, Primary: null);
        using var directory = DemoDirectory.Create(options);
        await using var cluster = DemoCluster.Start(directory, options.Nodes, TimeProvider.System);
        await cluster.WaitUntilReady(Timeout, None);
        var writes = await Fill(cluster);
        await UnknownThingsAreNamed(cluster);

        var slow = new CompactionBody(
            DemoDirectory.ClusterName, null, new OptionsBody(null, null, 64 * 1024, null, null, null, "a slow one"));
        var run = await cluster.Ask(client => client.StartRun(slow, None));
        var victim = await WaitForProgress(cluster, run.Id);
        await ASecondRunIsRefused(cluster, run.Id);
        await cluster.KillNode(victim);
        cluster.StartNode(victim);

        var done = await new RunFollower(cluster.Clients, TimeProvider.System, Timeout).Follow(run.Id, _ => { }, _ => { }, None);

        Assert.True(done.State == "completed", $"{done.State}: {done.Reason}");
        Assert.All(done.Steps, step => Assert.Equal("completed", step.State));
        await cluster.WaitUntilReady(Timeout, None);
        foreach (var place in cluster.Places)
        {
            var found = await NodeContents.Read(place.Address, null, None);
            Assert.Equal(0, writes.CountLost(found));
            Assert.Equal(writes.LiveCount, found.Count);
        }
    }

    private static async Task<AcknowledgedWrites> Fill(DemoCluster cluster)
    {
        var writes = new AcknowledgedWrites();
        var data = new DemoData(cluster, writes, DemoMode.Default);
        var chooser = new IndexChooser();
        await data.Load(DocumentGenerator.Generate(Documents), chooser, None);
        await data.BuildIndexes(chooser.Choose(), None);
        await data.DeleteMost(None);
        return writes;
    }

    private static async Task UnknownThingsAreNamed(DemoCluster cluster)
    {
        var client = cluster.Clients[0];
        ScopeBody[] scopes =
        [
            new(["nosuch-db"], null, null, null, null, null),
            new(null, ["nosuch-coll"], null, null, null, null),
            new(null, null, null, IndexSelection.Named(["nosuch-index"]), null, null),
        ];
        foreach (var (scope, name) in scopes.Zip((string[])["nosuch-db", "nosuch-coll", "nosuch-index"]))
        {
            var refused = await Assert.ThrowsAsync<ApiException>(
                () => client.StartRun(new CompactionBody(DemoDirectory.ClusterName, scope, null), None));
            Assert.Equal(404, refused.Problem.Status);
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }

        var unknown = await Assert.ThrowsAsync<ApiException>(() => client.StartRun(new CompactionBody("nosuch-cluster", null, null), None));
        Assert.Equal(404, unknown.Problem.Status);
    }

    private static async Task<string> WaitForProgress(DemoCluster cluster, string run) => await cluster.WaitFor(
        "a node to compact",
        Timeout,
        async token =>
        {
            var view = await cluster.Ask(client => client.Run(run, token));
            var step = view.Steps.FirstOrDefault(step => step is { State: "running", Kind: "compact", Fraction: > 0 and < 0.9 });
            return (step?.Node, $"the run is {view.State}");
        },
        None);

    private static async Task ASecondRunIsRefused(DemoCluster cluster, string run)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(
            () => cluster.Clients[1].StartRun(new CompactionBody(DemoDirectory.ClusterName, null, null), None));

        Assert.Equal(409, refused.Problem.Status);
        Assert.Equal(run, refused.Problem.RunId);
    }
}
