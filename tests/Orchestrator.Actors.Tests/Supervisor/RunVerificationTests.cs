using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>Runs that verify each member before the next one starts.</summary>
public sealed class RunVerificationTests : SupervisorFixture
{
    private static CompactionRequest Verified => Everything with { Options = CompactionOptions.Default with { Verify = true } };

    [Fact]
    public async Task Each_member_is_verified_while_a_client_writes_before_anything_else_begins()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 500);
        using var stop = new CancellationTokenSource();
        var writing = WriteUntilAsync(stop.Token);

        await AskAsync<RunView>(new StartRun("run-a", Verified));
        var (run, events) = await FollowAsync("run-a");
        await stop.CancelAsync();
        await writing;

        Assert.True(run.State.StartsWith("completed", StringComparison.Ordinal), $"{run.State} {run.Reason}\n{string.Join('\n', events.Skip(1))}");
        var compacted = events.OfType<MemberCompacted>().ToList();
        Assert.NotEmpty(compacted);
        Assert.All(compacted, member => Assert.Equal("sound, 1 collection", member.Verification));
        var steps = events.Where(e => e is StepStarted or StepDownOrdered or StepVerificationStarted or MemberCompacted or PrimarySteppedDown).ToList();
        foreach (var verification in events.OfType<StepVerificationStarted>())
        {
            var next = Assert.IsType<MemberCompacted>(steps.Skip(steps.IndexOf(verification)).First(e => e is not StepVerificationStarted));
            Assert.Equal(verification.Step, next.Step);
        }
    }

    [Fact]
    public async Task Where_a_member_differs_the_run_says_which_and_in_what_and_begins_no_other()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 500);
        await AlterAsync("node-3", "UPDATE documents SET rev = 'other' WHERE id = 'd40'");

        await AskAsync<RunView>(new StartRun("run-a", Verified));
        var (run, events) = await FollowAsync("run-a");

        Assert.Equal("failed", run.State);
        Assert.Contains("node-3 differs in 1 document of shop/orders ('d40')", run.Reason, StringComparison.Ordinal);
        Assert.Contains("orchestrator resync --node node-3 --database shop --collection orders", run.Reason, StringComparison.Ordinal);
        Assert.All(events.OfType<StepStarted>(), step => Assert.Equal(1, step.Step));
        Assert.True(Assert.Single(events.OfType<StepFailed>()).MembersDiffer);
        Assert.Equal(["failed", "pending", "pending", "pending"], run.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_run_of_a_supervisor_that_dies_while_it_verifies_is_verified_by_the_next()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 500);
        await AskAsync<RunView>(new StartRun("run-a", Verified));
        var seen = 0L;
        var begun = false;
        while (!begun)
        {
            var batch = await AskAsync<RunEventBatch>(new ReadRunEvents("run-a", seen, TimeSpan.FromSeconds(1)));
            begun = batch.Events.Any(recorded => recorded.Event is StepVerificationStarted);
            seen += batch.Events.Count;
            Assert.True(batch.Run.FinishedAt is null || begun, $"{batch.Run.State} {batch.Run.Reason}");
        }

        await StopSupervisorAsync();
        StartSupervisor();
        var (run, events) = await FollowAsync("run-a");

        Assert.True(run.State.StartsWith("completed", StringComparison.Ordinal), $"{run.State} {run.Reason}\n{string.Join('\n', events.Skip(1))}");
        Assert.Contains(events.OfType<MemberCompacted>(), member => member.Step == 1);
        Assert.All(events.OfType<MemberCompacted>(), member => Assert.Equal("sound, 1 collection", member.Verification));
    }

    [Fact]
    public async Task The_only_member_of_a_set_has_nobody_to_be_compared_with_and_is_checked_all_the_same()
    {
        Begin(1);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200);

        await AskAsync<RunView>(new StartRun("run-a", Verified with { Options = Verified.Options with { Force = true } }));
        var (run, events) = await FollowAsync("run-a");

        Assert.True(run.State == "completed", $"{run.State} {run.Reason}");
        Assert.Equal("sound, 1 collection", Assert.Single(events.OfType<MemberCompacted>()).Verification);
    }
}
