using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class RunControlTests : SupervisorFixture
{
    private static CompactionRequest Slow => Everything with
    {
        Options = CompactionOptions.Default with { MaxBytesPerSecond = 65_536 },
    };

    [Fact]
    public async Task A_run_is_paused_at_a_checkpoint_stays_so_under_a_new_supervisor_and_goes_on_where_it_was()
    {
        await BeginSlowRunAsync(RunOrigin.Unknown);

        await AskAsync<RunView>(new PauseRun("run-a", "ben", "disk replacement"));
        await AwaitRunAsync(run => run.State == "paused");
        await StopSupervisorAsync();
        StartSupervisor();
        await AwaitPrimaryAsync();
        var paused = await AwaitRunAsync(run => run.State == "paused");
        await AskAsync<RunView>(new ThrottleRun("run-a", "ben", 0));
        var resumed = await AskAsync<RunView>(new ResumeRun("run-a", "ben"));
        var (run, events) = await FollowAsync("run-a");

        Assert.Equal("paused by ben: disk replacement", paused.Reason);
        Assert.Contains(paused.Steps, step => step.State == "paused");
        Assert.Equal((0L, "running"), (resumed.MaxBytesPerSecond, resumed.State));
        Assert.Equal("completed", run.State);
        Assert.Single(events.OfType<StepPaused>());
        Assert.Empty(events.OfType<StepRetried>());
        Assert.Equal(FailureCode.Conflict, (await AskAsync<RequestFailed>(new PauseRun("run-a", "ben", ""))).Code);
    }

    [Fact]
    public async Task A_cancelled_run_leaves_every_member_online_and_gives_its_sets_back()
    {
        await BeginSlowRunAsync(RunOrigin.Unknown);

        await AskAsync<RunView>(new CancelRun("run-a", "ben", "wrong night"));
        await AskAsync<RunView>(new CancelRun("run-a", "ben", "wrong night"));
        var (run, _) = await FollowAsync("run-a");

        Assert.Equal(("cancelled", "cancelled by ben: wrong night"), (run.State, run.Reason));
        var set = (await AskAsync<ClusterView>(new GetCluster("test"))).ReplicaSets.Single();
        Assert.All(set.Members, member => Assert.Equal(NodeState.Online, member.Observation.State));
        Assert.Equal("node-1", set.Primary);
        Assert.Equal("", (await AskAsync<ClusterView>(new GetCluster("test"))).ActiveRun);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new CancelRun("nope", "ben", ""))).Code);
    }

    [Fact]
    public async Task A_run_waits_for_the_approval_of_somebody_else()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200, keepEvery: 2);
        await AskAsync<RunView>(new StartRun("run-a", Everything) { Origin = new RunOrigin("anna", "", "", true) });

        var waiting = await AwaitRunAsync(run => run.State == "waiting");
        var refused = await AskAsync<RequestFailed>(new ApproveRun("run-a", "anna"));
        await AskAsync<RunView>(new ApproveRun("run-a", "ben"));
        var (run, _) = await FollowAsync("run-a");

        Assert.Equal("approval", waiting.WaitingFor);
        Assert.Equal(FailureCode.Refused, refused.Code);
        Assert.Equal(("completed", "anna", "ben"), (run.State, run.Origin.By, run.ApprovedBy));
    }

    private async Task BeginSlowRunAsync(RunOrigin origin)
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 3000, keepEvery: 2);
        await AskAsync<RunView>(new StartRun("run-a", Slow) { Origin = origin });
        await AwaitRunAsync(run => run.Steps.Any(step => step is { State: "running", Fraction: > 0 }));
    }

    private async Task<RunView> AwaitRunAsync(Predicate<RunView> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var after = 0L;
        while (true)
        {
            var batch = await AskAsync<RunEventBatch>(new ReadRunEvents("run-a", after, TimeSpan.FromMilliseconds(200)));
            if (condition(batch.Run))
            {
                return batch.Run;
            }

            after += batch.Events.Count;
            Assert.False(patience.IsCancellationRequested, $"the run never came to that: {batch.Run.State} {batch.Run.Reason}");
        }
    }
}
