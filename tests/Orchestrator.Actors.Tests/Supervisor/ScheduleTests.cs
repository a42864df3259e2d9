using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class ScheduleTests : SupervisorFixture
{
    private static readonly Schedule Often = new(
        "often",
        true,
        ScheduleScope.Everything,
        WindowCalendar.Always,
        ScheduleRules.Default with { MinReclaimableBytes = 16_384, MinFragmentation = 0.1 },
        SchedulePacing.Default with { LookInterval = TimeSpan.FromSeconds(1), MinPause = TimeSpan.Zero },
        NeedsApproval: false);

    [Fact]
    public async Task A_schedule_compacts_what_is_due_once_and_everybody_can_read_why()
    {
        Options = Options with { Schedules = [Often] };
        Begin(3);
        await AwaitPrimaryAsync();
        await AskAsync<FreezeList>(new StartFreeze("", "ann", "until all is loaded", null));
        await LoadAsync("node-1", 2000);
        await AskAsync<FreezeList>(new LiftFreeze("", "ann"));

        var (run, _) = await FollowAsync(await AwaitRunAsync());
        var schedule = await AwaitScheduleAsync(view => view.Status.Contains("nothing is due", StringComparison.Ordinal));
        var audit = await AskAsync<AuditTrail>(new ReadAudit(0, 100));
        var explanation = await AskAsync<Explanation>(new ExplainUnits("test", "shop", "orders"));
        var report = await AskAsync<StorageReport>(new GetStorageReport("test"));

        Assert.Equal("completed", run.State);
        Assert.Equal("schedule often", run.Plan.Request.Options.Comment);
        Assert.Equal(run.Id, schedule.LastRun);
        Assert.Equal((run.Id, ""), (schedule.Expected?.RunId, schedule.Warning));
        Assert.Equal(["freeze", "lift-freeze", "schedule-run", "start-run", "step-down"], audit.Entries.Select(entry => entry.Action));
        Assert.Equal([1L, 2L, 3L, 4L, 5L], audit.Entries.Select(entry => entry.Sequence));
        Assert.All(audit.Entries.Skip(2).Take(2), entry => Assert.Equal(("schedule often", "test", run.Id), (entry.By, entry.Cluster, entry.Subject)));
        Assert.Equal(6, explanation.Units.Count);
        Assert.All(explanation.Units.Where(unit => unit.Unit is DocumentsUnit), unit =>
        {
            Assert.Equal(run.Id, unit.LastCompaction!.RunId);
            Assert.Equal("completed", unit.LastCompaction.Outcome);
            Assert.True(unit.LastCompaction.BytesFreed > 16_384);
            Assert.StartsWith("schedule often: ", unit.WhyNotSince, StringComparison.Ordinal);
        });
        Assert.Equal(
            explanation.Units.Where(unit => unit.LastCompaction is not null).Select(unit => (unit.Node, unit.Unit, unit.LastCompaction)).ToHashSet(),
            report.LastCompactions.Select(unit => (unit.Node, unit.Unit, (LastCompaction?)unit.Last)).ToHashSet());
        Assert.All(report.LastCompactions, unit => Assert.InRange(unit.Last.BytesGrown!.Value, long.MinValue, 16_384));
    }

    [Fact]
    public async Task A_schedule_whose_runs_cannot_be_planned_is_told_by_the_audit_trail_once_and_with_the_cluster()
    {
        Options = Options with { Schedules = [Often with { Mode = "defragment" }] };
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 2000);

        await AwaitScheduleAsync(view => view.Status.Contains("defragment", StringComparison.Ordinal));
        var cluster = await AskAsync<ClusterView>(new GetCluster("test"));
        await AwaitScheduleAsync(view => view.Status.Contains("defragment", StringComparison.Ordinal));
        var entries = (await AskAsync<AuditTrail>(new ReadAudit(0, 100))).Entries.Where(entry => entry.Action == "schedule-refused").ToList();

        Assert.StartsWith("schedule often cannot compact it: 'defragment' is not a mode of this engine", cluster.Trouble, StringComparison.Ordinal);
        var entry = Assert.Single(entries);
        Assert.Equal(("schedule often", "test", "often", "refused"), (entry.By, entry.Cluster, entry.Subject, entry.Outcome));
    }

    [Fact]
    public async Task A_frozen_cluster_keeps_its_schedules_from_starting_anything_until_the_freeze_is_lifted()
    {
        Options = Options with { Schedules = [Often] };
        Begin(3);
        await AwaitPrimaryAsync();
        await AskAsync<FreezeList>(new StartFreeze("test", "ann", "a release", null));
        await LoadAsync("node-1", 2000);

        var schedule = await AwaitScheduleAsync(view => view.Status.Contains("frozen", StringComparison.Ordinal));
        var explanation = await AskAsync<Explanation>(new ExplainUnits("test", "", ""));
        Assert.Equal("", schedule.LastRun);
        Assert.Contains("test was frozen by ann", schedule.Status, StringComparison.Ordinal);
        Assert.Contains("a release", explanation.Next, StringComparison.Ordinal);

        Assert.Empty((await AskAsync<FreezeList>(new LiftFreeze("test", "bob"))).Freezes);
        await AwaitScheduleAsync(view => view.LastRun.Length > 0);
        Assert.Equal(
            ["ann freeze a release", "bob lift-freeze "],
            (await AskAsync<AuditTrail>(new ReadAudit(0, 2))).Entries.Select(entry => $"{entry.By} {entry.Action} {entry.Detail}"));
    }

    [Fact]
    public async Task A_freeze_survives_a_new_supervisor_and_bad_orders_change_nothing()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await AskAsync<FreezeList>(new StartFreeze("", "ann", "a release", null));

        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new StartFreeze("nope", "ann", "why", null))).Code);
        Assert.Equal(FailureCode.Invalid, (await AskAsync<RequestFailed>(new StartFreeze("", "ann", " ", null))).Code);
        Assert.Equal(FailureCode.Invalid, (await AskAsync<RequestFailed>(new StartFreeze("", "ann", "why", DateTimeOffset.UnixEpoch))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new LiftFreeze("test", "ann"))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new ExplainUnits("nope", "", ""))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new ExplainUnits("test", "nope", ""))).Code);
        await StopSupervisorAsync();
        StartSupervisor();

        Assert.Equal(["a release"], (await AskAsync<FreezeList>(new ListFreezes())).Freezes.Select(freeze => freeze.Reason));
        Assert.Equal(
            ["freeze accepted", "freeze refused", "freeze refused", "freeze refused", "lift-freeze refused"],
            (await AskAsync<AuditTrail>(new ReadAudit(0, 10))).Entries.Select(entry => $"{entry.Action} {entry.Outcome}"));
    }

    [Fact]
    public async Task Units_and_an_origin_that_nobody_configured_are_refused()
    {
        Begin(3);
        await AwaitPrimaryAsync();

        var refused = await AskAsync<RequestFailed>(new StartRun("run-a", Everything) { Origin = new RunOrigin("ann", "", "nights", false) });

        Assert.Equal((FailureCode.NotFound, "there is no maintenance window 'nights'; none is configured"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Who_may_see_some_clusters_only_is_told_of_the_schedules_that_cover_one_of_them()
    {
        Options = Options with { Schedules = [Often with { Scope = ScheduleScope.Everything with { Clusters = ["test", "secret-*"] } }] };
        Begin(3);
        await AwaitPrimaryAsync();

        Assert.Equal(["test", "secret-*"], Assert.Single((await AskAsync<ScheduleList>(new ListSchedules())).Schedules).Clusters);
        Assert.Equal(["test"], Assert.Single((await AskAsync<ScheduleList>(new ListSchedules { Clusters = ["test", "other"] })).Schedules).Clusters);
        Assert.Empty((await AskAsync<ScheduleList>(new ListSchedules { Clusters = ["other"] })).Schedules);
    }

    [Fact]
    public async Task How_far_webhooks_were_told_survives_a_new_supervisor_with_a_snapshot_and_without()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        var since = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        await AskAsync<WebhookPlaces>(new FollowWebhooks(["chat"], since, ["r-1"], since));
        await AskAsync<WebhookPlaces>(new MoveWebhook("chat", "r-1", 3, since));
        await StopSupervisorAsync();
        StartSupervisor();
        var first = await AskAsync<WebhookPlaces>(new FollowWebhooks(["chat"], since.AddDays(1), ["r-1"], since));

        for (var sequence = 4; sequence <= 600; sequence++)
        {
            await AskAsync<WebhookPlaces>(new MoveWebhook("chat", "r-1", sequence, since));
        }

        await StopSupervisorAsync();
        StartSupervisor();
        var second = await AskAsync<WebhookPlaces>(new FollowWebhooks(["chat"], since.AddDays(1), ["r-1"], since));

        Assert.Equal(since, Assert.Single(first.Webhooks).Since);
        Assert.Equal([new("r-1", 3)], first.Webhooks[0].Streams);
        Assert.Equal(since, Assert.Single(second.Webhooks).Since);
        Assert.Equal([new("r-1", 600)], second.Webhooks[0].Streams);
    }

    [Fact]
    public async Task Where_the_journal_of_the_webhooks_places_fails_it_is_opened_again_and_the_supervisor_works_on()
    {
        Options = Options with { RestartBackoff = TimeSpan.FromMilliseconds(50) };
        Begin(3);
        await AwaitPrimaryAsync();
        var epoch = (await AskAsync<ClusterView>(new GetCluster("test"))).Epoch;
        var since = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        await AskAsync<WebhookPlaces>(new FollowWebhooks(["chat"], since, [], since));

        await StopChildAsync("notifications");

        var places = await AwaitAnswerAsync<WebhookPlaces>(new FollowWebhooks(["chat"], since.AddDays(1), [], since));

        Assert.Equal(since, Assert.Single(places.Webhooks).Since);
        Assert.Equal(epoch, (await AskAsync<ClusterView>(new GetCluster("test"))).Epoch);
    }

    [Fact]
    public async Task A_new_supervisor_reads_the_snapshot_and_what_came_after_it()
    {
        Options = Options with { SnapshotInterval = 3, Schedules = [Often] };
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 2000);
        await FollowAsync(await AwaitRunAsync());
        await AwaitScheduleAsync(view => view.Status.Contains("nothing is due", StringComparison.Ordinal));
        var before = await ReadAllAsync();

        await StopSupervisorAsync();
        Options = Options with { Schedules = [Often with { Enabled = false }] };
        StartSupervisor();
        var after = await ReadAllAsync();

        Assert.Equivalent(before.Audit, after.Audit, strict: true);
        Assert.Equal(before.Last, after.Last);
        Assert.Equal((before.Primary, before.Term), (after.Primary, after.Term));
        await AwaitPrimaryAsync();
    }

    private async Task<(AuditTrail Audit, LastCompaction? Last, string Primary, long Term)> ReadAllAsync()
    {
        var set = await AwaitPrimaryAsync();
        var explanation = await AskAsync<Explanation>(new ExplainUnits("test", "shop", "orders"));
        return (
            await AskAsync<AuditTrail>(new ReadAudit(0, 100)),
            explanation.Units.Single(unit => unit.Node == "node-1" && unit.Unit is DocumentsUnit).LastCompaction,
            set.Primary,
            set.Term);
    }

    /// <summary>Waits until a run is there, and gives its id.</summary>
    private async Task<string> AwaitRunAsync()
    {
        await AwaitScheduleAsync(view => view.LastRun.Length > 0);
        while (true)
        {
            if ((await AskAsync<RunPage>(new ListRuns())).Runs is [var run, ..])
            {
                return run.Id;
            }

            await Poll.PauseAsync();
        }
    }

    private async Task<ScheduleView> AwaitScheduleAsync(Predicate<ScheduleView> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            var view = (await AskAsync<ScheduleList>(new ListSchedules())).Schedules.Single();
            if (condition(view))
            {
                return view;
            }

            Assert.False(patience.IsCancellationRequested, $"the schedule never came to that: {view}");
            await Poll.PauseAsync();
        }
    }
}
