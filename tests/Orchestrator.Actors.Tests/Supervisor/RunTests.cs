using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class RunTests : SupervisorFixture
{
    [Fact]
    public async Task A_rolling_compaction_runs_to_its_end_while_a_client_writes()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 2000);
        using var stop = new CancellationTokenSource();
        var client = WriteUntilAsync(stop.Token);

        var started = await AskAsync<RunView>(new StartRun("run-a", Everything));
        var (run, events) = await FollowAsync("run-a");
        await stop.CancelAsync();
        var acknowledged = await client;

        Assert.Equal("completed", run.State);
        Assert.Equal(["compact", "compact", "step-down", "compact"], run.Steps.Select(step => step.Kind));
        Assert.Equal("node-1", run.Steps[3].Node);
        Assert.All(run.Steps, step => Assert.Equal("completed", step.State));
        Assert.All(run.Steps.Where(step => step.Kind == "compact"), step => Assert.True(step.BytesFreed > 0));
        Assert.Equal(started.Plan.Request, run.Plan.Request);
        Assert.IsType<RunPlanned>(events[0]);
        Assert.IsType<RunCompleted>(events[^1]);
        AssertNeverTwoOut(events);
        await Nodes.AwaitEqualAsync([.. Nodes.Names]);
        foreach (var id in acknowledged)
        {
            foreach (var node in Nodes.Names)
            {
                Assert.IsType<DocumentFound>(await Nodes.GetAsync(node, id, fromAnyMember: true));
            }
        }

        Assert.NotEmpty(acknowledged);
        Assert.Equal("", (await AskAsync<ClusterView>(new GetCluster("test"))).ActiveRun);
    }

    [Fact]
    public async Task The_nodes_own_collections_are_left_out_with_the_reason_and_compacted_where_they_are_named()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200);

        var everything = (await AskAsync<PlanMade>(new MakePlan(Everything))).Plan;
        var named = Everything with
        {
            Scope = CompactionScope.Everything with { Databases = ["_system"] },
            Options = CompactionOptions.Default with { Mode = "exclusive" },
        };
        await AskAsync<RunView>(new StartRun("run-a", named));
        var (run, _) = await FollowAsync("run-a");

        Assert.DoesNotContain(everything.ReplicaSets.SelectMany(set => set.Steps).OfType<CompactMemberStep>(), step => step.Units.Any(unit => unit.Size.Unit.Database == "_system"));
        Assert.Contains(everything.ReplicaSets[0].Skipped, unit => unit is { Node: "node-2", Path: "_system/catalog" } && unit.Reason.StartsWith("system collection", StringComparison.Ordinal));
        Assert.StartsWith("completed", run.State, StringComparison.Ordinal);
        Assert.All(run.Steps.SelectMany(step => step.Units), unit => Assert.Equal("_system/catalog", unit.Unit.Path));
        await Nodes.AwaitServingAsync((await AwaitPrimaryAsync()).Primary);
        Assert.IsType<IndexDefined>(await Nodes.AskAsync<DataReply>(
            (await AwaitPrimaryAsync()).Primary, new PutIndex("shop", "orders", "by-filler", "$.filler")));
    }

    [Fact]
    public async Task A_second_run_on_the_same_set_is_refused_with_the_first_ones_id_and_the_same_id_is_harmless()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 700, keepEvery: 2);
        var slow = Everything with { Options = CompactionOptions.Default with { MaxBytesPerSecond = 65_536 } };
        await AskAsync<RunView>(new StartRun("run-a", slow));

        var refused = await AskAsync<RequestFailed>(new StartRun("run-b", Everything));
        var wrong = await AskAsync<RequestFailed>(new StartRun(
            "run-c", Everything with { Options = CompactionOptions.Default with { Mode = "shrink", EngineOptions = OptionValues.None.With("paddingBytes", 5) } }));
        var again = await AskAsync<RunView>(new StartRun("run-a", slow));

        Assert.Equal((FailureCode.Conflict, "run-a"), (refused.Code, refused.RunId));
        Assert.Equal(FailureCode.Invalid, wrong.Code);
        Assert.Contains("'shrink'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("padding", wrong.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("run-a", again.Id);
        Assert.Equal("run-a", (await AskAsync<ClusterView>(new GetCluster("test"))).ActiveRun);
        Assert.Equal("run-a", Assert.Single((await AskAsync<RunPage>(new ListRuns { Cluster = "test", States = RunStates.Unfinished })).Runs).Id);
        Assert.Empty((await AskAsync<RunPage>(new ListRuns { States = ["failed"] })).Runs);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new ListRuns { Cluster = "tset" })).Code);
        await AskAsync<RunView>(new ThrottleRun("run-a", "ben", 0));
        await FollowAsync("run-a");
    }

    [Fact]
    public async Task A_run_whose_actor_has_stopped_goes_on_in_a_new_reign()
    {
        Options = Options with { RestartBackoff = TimeSpan.FromMilliseconds(100) };
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 700, keepEvery: 2);
        await AskAsync<RunView>(new StartRun("run-a", Everything with
        {
            Options = CompactionOptions.Default with { MaxBytesPerSecond = 65_536 },
        }));

        // As a journal that fails does.
        Sys.ActorSelection("/user/supervisor-1/*/run-run-a").Tell(PoisonPill.Instance);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (await Nodes.AskAsync<object>("node-1", new ObserveNode(1)) is not CommandRefused { Code: RefusalCode.StaleEpoch })
        {
            Assert.False(patience.IsCancellationRequested, "no new reign began");
            await Poll.PauseAsync();
        }

        Assert.Equal("completed", (await FollowAsync("run-a")).Run.State);
    }

    [Fact]
    public async Task A_run_goes_on_under_a_new_supervisor()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 700, keepEvery: 2);
        var slow = Everything with { Options = CompactionOptions.Default with { MaxBytesPerSecond = 65_536 } };
        await AskAsync<RunView>(new StartRun("run-a", slow));
        await AwaitSetAsync(set => set.Members.Any(member => member.Observation.State == NodeState.Compacting));

        await StopSupervisorAsync();
        StartSupervisor();
        var (run, events) = await FollowAsync("run-a");

        Assert.Equal("completed", run.State);
        AssertNeverTwoOut(events);
        Assert.Equal(2, (await AskAsync<ClusterView>(new GetCluster("test"))).Epoch);
    }

    [Fact]
    public async Task A_node_that_dies_while_it_compacts_is_compacted_when_it_is_back()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 700, keepEvery: 2);
        var slow = Everything with { Options = CompactionOptions.Default with { MaxBytesPerSecond = 65_536 } };
        await AskAsync<RunView>(new StartRun("run-a", slow));
        var set = await AwaitSetAsync(set => set.Members.Any(member => member.Observation.State == NodeState.Compacting));
        var victim = set.Members.First(member => member.Observation.State == NodeState.Compacting).Observation.Node;

        await Nodes.StopAsync(victim);
        Nodes.Start(victim);
        var (run, events) = await FollowAsync("run-a");

        Assert.Equal("completed", run.State);
        Assert.Contains(run.Steps, step => step.Node == victim && step.State == "completed");
        AssertNeverTwoOut(events);
    }

    /// <summary>
    /// From the recorded events: nothing was begun while a member was out, and never did two compact. A member that a busy machine
    /// keeps from answering counts as out as well, but that is not the run's doing.
    /// </summary>
    private static void AssertNeverTwoOut(IReadOnlyList<RunEvent> events)
    {
        var states = new Dictionary<string, NodeState>();
        foreach (var happened in events)
        {
            switch (happened)
            {
                case NodeStateRecorded { Change: var change }:
                    states[change.Node] = change.To;
                    Assert.True(
                        states.Values.Count(state => state == NodeState.Compacting) <= 1,
                        $"{string.Join(" and ", states.Where(entry => entry.Value == NodeState.Compacting).Select(entry => entry.Key))} compact at once");
                    break;
                case StepStarted:
                    Assert.DoesNotContain(states, entry => entry.Value is not NodeState.Online);
                    break;
            }
        }
    }
}
