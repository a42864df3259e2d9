using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class HoldTests : SupervisorFixture
{
    private static CompactionRequest Slow => Everything with
    {
        Options = CompactionOptions.Default with { MaxBytesPerSecond = 8_192 },
    };

    [Fact]
    public async Task A_hold_says_what_is_at_work_keeps_the_next_step_back_under_a_new_supervisor_too_and_is_released()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 3000, keepEvery: 2);
        await AskAsync<RunView>(new StartRun("run-a", Slow));
        var running = await AwaitRunAsync(run => run.Steps.Any(step => step.State == "running"));

        var held = await AskAsync<HoldView>(Order("percona", "node-3"));
        await AskAsync<RunView>(new ThrottleRun("run-a", "ben", 0));
        await AwaitRunAsync(run => run.WaitingFor == "not-held");
        await StopSupervisorAsync();
        StartSupervisor();
        await AwaitPrimaryAsync();
        var waiting = await AwaitRunAsync(run => run.WaitingFor == "not-held" && run.Steps.Count(step => step.State == "completed") == 1);
        var listed = await AskAsync<HoldList>(new ListHolds("test"));
        var released = await AskAsync<HoldList>(new ReleaseHold("test", "percona", "ann"));
        var (run, events) = await FollowAsync("run-a");

        var work = Assert.Single(held.Working);
        Assert.Equal((running.Steps.Single(step => step.State == "running").Node, "run-a"), (work.Member, work.RunId));
        Assert.StartsWith("not-held: percona holds node-3 until ", waiting.Reason, StringComparison.Ordinal);
        Assert.Empty(Assert.Single(listed.Holds).Working);
        Assert.Empty(released.Holds);
        Assert.Equal("completed", run.State);
        Assert.Empty(events.OfType<StepRetried>());
        var audit = await AskAsync<AuditTrail>(new ReadAudit(0, 100));
        Assert.Equal(["hold", "release-hold"], audit.Entries.Select(entry => entry.Action).Where(action => action.Contains("hold", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hold_that_is_not_renewed_ends_by_itself_and_its_run_goes_on()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200, keepEvery: 2);
        await AskAsync<HoldView>(Order("percona") with { Length = TimeSpan.FromSeconds(2) });
        await AskAsync<RunView>(new StartRun("run-a", Everything));

        var (run, _) = await FollowAsync("run-a");

        Assert.Equal("completed", run.State);
        await AwaitAuditAsync("end-hold");
        Assert.Empty((await AskAsync<HoldList>(new ListHolds("test"))).Holds);
    }

    [Fact]
    public async Task What_cannot_be_held_is_refused_and_renewals_are_not_in_the_audit_trail()
    {
        Begin(3);
        await AwaitPrimaryAsync();

        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(Order("percona") with { Cluster = "nope" })).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(Order("percona", "node-9"))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new ListHolds("nope"))).Code);
        var first = await AskAsync<HoldView>(Order("percona", "node-1"));
        var second = await AskAsync<HoldView>(Order("percona", "node-1"));
        await AskAsync<HoldView>(Order("strimzi"));

        Assert.Empty(first.Working);
        Assert.True(second.Hold.Until >= first.Hold.Until);
        Assert.Equal(["percona", "strimzi"], (await AskAsync<HoldList>(new ListHolds(""))).Holds.Select(view => view.Hold.Owner));
        var audit = await AskAsync<AuditTrail>(new ReadAudit(0, 100));
        Assert.Equal(["refused", "refused", "accepted", "accepted"], audit.Entries.Where(entry => entry.Action == "hold").Select(entry => entry.Outcome));
    }

    private static PlaceHold Order(string owner, params string[] members) =>
        new("test", owner, "a restart", members, TimeSpan.FromMinutes(10), "ann");

    private async Task AwaitAuditAsync(string action)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!(await AskAsync<AuditTrail>(new ReadAudit(0, 100))).Entries.Any(entry => entry.Action == action))
        {
            Assert.False(patience.IsCancellationRequested, $"{action} never came into the audit trail");
            await Task.Delay(50);
        }
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
