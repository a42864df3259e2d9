using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>Three processes of the build before are replaced by this one's, one after the other, while they compact and a client writes.</summary>
[Collection(Lanes.Clusters)]
public sealed class RollingUpgradeTests
{
    /// <summary>Processes leave in order here: on a busy machine nobody is taken for lost meanwhile.</summary>
    private const string Patient = TestCluster.Calm + "\nakka.cluster.failure-detector.acceptable-heartbeat-pause = 120s";

    private static readonly CancellationToken None = CancellationToken.None;

    [SkippableFact]
    public async Task A_run_goes_on_while_its_processes_are_replaced_by_those_of_the_next_build()
    {
        var previous = Environment.GetEnvironmentVariable("ORCHESTRATOR_PREVIOUS_BUILD") ?? "";
        Installed.Require("previous-build", File.Exists(previous), "There is no previous build: export ORCHESTRATOR_PREVIOUS_BUILD=$(.ci/previous-build)");
        await using var cluster = await TestCluster.Start(primary: "node-2", more: Patient, build: previous);
        var (run, _) = await cluster.StartSlowRun();

        // The supervisor is where node-1 is: it moves to the build before once more, and then to this one.
        var old = cluster.Cluster.Places.Select(place => place.Name).ToList();
        while (old.Count > 0)
        {
            var next = (await Next(cluster, run, old))[0];
            old.Remove(next);
            await cluster.Upgrade(next);
            await cluster.WaitFor($"{next} to be back", view => IsBack(view, next));
            await cluster.ExpectProgress();
        }

        await Hurry(cluster, run);
        var done = await cluster.Follow(run);

        Assert.True(done.State == "completed", $"{done.State}: {done.Reason}");
        Assert.All(done.Steps, step => Assert.Equal("completed", step.State));
        await cluster.ExpectWhole();
    }

    /// <summary>The process to replace next: the one that compacts. After the run any secondary: it may have been faster than this test.</summary>
    private static Task<string[]> Next(TestCluster cluster, string run, List<string> old) => cluster.Cluster.WaitFor(
        "a process that can be replaced",
        TestCluster.Patience,
        async token =>
        {
            var view = await cluster.Cluster.Ask(client => client.Run(run, token));
            var set = await cluster.Cluster.ReplicaSet(token);
            var compacting = view.Steps.FirstOrDefault(step => step is { State: "running", Kind: "compact" })?.Node;
            var next = view.FinishedAt is null ? old.Find(node => node == compacting) : old.Find(node => node != set.Primary);
            if (view.FinishedAt is not null && next is null)
            {
                var to = set.Members.First(member => member.Node != set.Primary).Node;
                await Order(() => cluster.Cluster.Ask(client => client.StepDown(DemoDirectory.ClusterName, set.Name, new StepDownBody(set.Primary!, to), token)));
            }

            return (next is null ? null : new[] { next }, $"the run is {view.State} and compacts {compacting}");
        },
        None);

    private static bool IsBack(ClusterDto view, string node) => view.ReplicaSets.Single() is { Primary: not null } set
        && set.Members.All(member => member.Observed && member.State is "online" or "compacting" && member.Term == set.Term)
        && set.Members.Any(member => member.Node == node);

    /// <summary>What is left of the run need not be slow. It may have ended, and the supervisor may be moving.</summary>
    private static Task<RunDto> Hurry(TestCluster cluster, string run) => cluster.Cluster.WaitFor(
        "the rate to be lifted",
        TestCluster.Patience,
        async token =>
        {
            var view = await cluster.Cluster.Ask(client => client.Run(run, token));
            return view.FinishedAt is not null || await Order(() => cluster.Cluster.Ask(client => client.ThrottleRun(run, new ThrottleBody(0), token)))
                ? (view, "")
                : (null, $"the run is {view.State}");
        },
        None);

    /// <returns>False if it does not fit into the state that things are in, or not yet.</returns>
    private static async Task<bool> Order<T>(Func<Task<T>> order)
    {
        try
        {
            await order();
            return true;
        }
        catch (ApiException e) when (e.Problem.Status == 409)
        {
            return false;
        }
    }
}
