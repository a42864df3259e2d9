using Orchestrator.Core.Planning;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>Processes that are killed, frozen or cut off. Afterwards the cluster is whole and no acknowledged write is lost.</summary>
[Collection(Lanes.Clusters)]
public sealed class ProcessFailureTests
{
    private static readonly (ScopeBody Scope, string Name)[] Unknown =
    [
        (new(["nosuch-db"], null, null, null, null, null), "nosuch-db"),
        (new(null, ["nosuch-coll"], null, null, null, null), "nosuch-coll"),
        (new(null, null, null, IndexSelection.Named(["nosuch-index"]), null, null), "nosuch-index"),
    ];

    /// <summary>The process that dies is the supervisor's host, the primary and the first seed node in one.</summary>
    [Fact]
    public async Task A_run_goes_on_elsewhere_when_the_process_that_hosts_supervisor_primary_and_first_seed_is_killed()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1");
        Assert.Equal("node-1", await cluster.Cluster.SupervisorHost(default));
        foreach (var (scope, unknown) in Unknown)
        {
            await ExpectRefused(cluster, new CompactionBody(DemoDirectory.ClusterName, scope, null), 404, unknown);
        }

        await ExpectRefused(cluster, new CompactionBody("nosuch-cluster", null, null), 404, "nosuch-cluster");
        var (run, _) = await cluster.StartSlowRun();
        await ExpectRefused(cluster, new CompactionBody(DemoDirectory.ClusterName, null, null), 409, run);

        await cluster.Kill("node-1");
        var view = await cluster.WaitFor("another supervisor and primary", view => view.Epoch > 1 && view.ReplicaSets[0].Primary != "node-1");
        Assert.NotEqual("node-1", cluster.Cluster.HostOf(view));
        await cluster.ExpectProgress();
        cluster.StartAgain("node-1");
        var done = await cluster.Follow(run);

        // The old primary need not step down any more: another one was appointed when it was gone.
        Assert.True(done.State is "completed" or "completed-with-skips", $"{done.State}: {done.Reason}");
        Assert.All(done.Steps, step => Assert.True(step.State is "completed" || step is { State: "skipped", Kind: "step-down" }, step.Reason));
        Assert.Equal(2, await cluster.ExpectWhole());
    }

    private const string Removed = "was removed from the cluster";
    private const string Joined = "has become a member";

    [Fact]
    public async Task A_primary_that_was_frozen_finds_itself_replaced_and_ends_and_so_does_one_that_was_the_supervisor_too()
    {
        await using var cluster = await TestCluster.Start(primary: "node-2");
        Assert.Equal("node-1", await cluster.Cluster.SupervisorHost(default));

        await ExpectReplaced("node-2", epoch: 1);
        await cluster.MakePrimary("node-1");
        await ExpectReplaced("node-1", epoch: 2);

        Assert.Equal(2, await cluster.ExpectWhole());

        async Task ExpectReplaced(string frozen, int epoch)
        {
            var removals = Lines("node-3", Removed);
            await cluster.Freeze(frozen);
            await cluster.WaitFor("another primary", view => view.Epoch == epoch && view.ReplicaSets[0].Primary != frozen);
            await Processes.WaitUntil(() => Lines("node-3", Removed) > removals);
            await cluster.ExpectProgress();
            await cluster.Thaw(frozen);

            // While another one does not know yet that it has become a member again, the next that is frozen leaves no majority behind.
            var joins = Lines("node-3", Joined);
            await cluster.ExpectEndAndStartAgain(frozen);
            await Processes.WaitUntil(() => Lines("node-3", Joined) > joins);
        }

        int Lines(string node, string text) => cluster.LogOf(node).Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_link_ends_both_processes_and_started_again_they_work_on_as_far_as_the_link_allows(bool bothWays)
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", withLinks: true);
        var links = cluster.Links!;
        string[] ends = ["node-1", "node-3"];
        links.Cut("node-2", "node-3");
        await Task.Delay(TimeSpan.FromSeconds(1));
        links.Heal();
        await cluster.ExpectProgress();

        foreach (var end in ends)
        {
            cluster.Cluster.Process(end).ExpectEnd();
        }

        links.Cut("node-1", "node-3");
        if (bothWays)
        {
            links.Cut("node-3", "node-1");
        }

        // Two that come back at the same moment do not see each other yet, and leave once more: these come back one after the other,
        // and a service manager starts them as often as they end.
        await Task.WhenAll(ends.Select(end => cluster.Cluster.Process(end).Exited)).WaitAsync(TestCluster.Patience);
        await cluster.ExpectEndAndStartAgain(ends[0]);
        await cluster.WaitFor("the first to be back", view => view.ReplicaSets[0].Members.Single(member => member.Node == ends[0]).State == "online");
        await cluster.ExpectEndAndStartAgain(ends[1]);
        using var enough = new CancellationTokenSource();
        var manager = cluster.StartAgainAsTheyEnd(ends, enough.Token);
        if (bothWays)
        {
            await Processes.WaitUntil(() => ends.Any(end => cluster.LogOf(end).Any(line => line.Contains("cannot be reached from here", StringComparison.Ordinal))));
        }

        await cluster.ExpectProgress();
        links.Heal();

        Assert.Equal(2, await cluster.ExpectWhole());
        await enough.CancelAsync();
        await manager;
    }

    [Fact]
    public async Task A_supervisor_that_is_cut_off_from_all_others_ends_and_another_one_takes_over()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", withLinks: true);
        foreach (var other in (string[])["node-2", "node-3"])
        {
            cluster.Links!.Cut("node-1", other);
            cluster.Links.Cut(other, "node-1");
        }

        cluster.Cluster.Process("node-1").ExpectEnd();
        await cluster.Cluster.Process("node-1").Exited.WaitAsync(TestCluster.Patience);
        await cluster.WaitFor("another supervisor and primary", view => view.Epoch > 1 && view.ReplicaSets[0].Primary != "node-1");
        await cluster.ExpectProgress();
        cluster.Links!.Heal();
        await cluster.ExpectEndAndStartAgain("node-1");

        Assert.Equal(2, await cluster.ExpectWhole());
    }

    private static async Task ExpectRefused(TestCluster cluster, CompactionBody order, int status, string says)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.Cluster.Clients[1].StartRun(order, default));

        Assert.Equal(status, refused.Problem.Status);
        Assert.Contains(says, $"{refused.Message} {refused.Problem.RunId}", StringComparison.Ordinal);
    }
}
