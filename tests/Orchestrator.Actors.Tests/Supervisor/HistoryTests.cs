using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>What stays in the journal, and that nothing is missing that is still needed.</summary>
public sealed class HistoryTests : SupervisorFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private int readers;

    [Fact]
    public async Task Facts_long_before_a_snapshot_leave_the_journal_and_the_next_reign_knows_all_the_same()
    {
        Options = Options with { SnapshotInterval = 4, FactsKept = 6 };
        Begin(3);
        await AwaitPrimaryAsync();
        await FreezeAndLiftAsync(20);
        await AwaitJournalAsync("supervisor", facts => facts is { Count: <= 12, First: > 20 });
        var before = (await AskAsync<AuditTrail>(new ReadAudit(0, 100)), await AwaitPrimaryAsync());

        await StopSupervisorAsync();
        StartSupervisor();
        var after = (await AskAsync<AuditTrail>(new ReadAudit(0, 100)), await AwaitPrimaryAsync());

        Assert.Equivalent(before.Item1, after.Item1, strict: true);
        Assert.Equal((before.Item2.Primary, before.Item2.Term), (after.Item2.Primary, after.Item2.Term));
    }

    [Fact]
    public async Task Whoever_dies_between_a_snapshot_and_the_deletion_is_followed_by_one_that_deletes()
    {
        Options = Options with { SnapshotInterval = 4, FactsKept = 1000 };
        Begin(3);
        await AwaitPrimaryAsync();
        await FreezeAndLiftAsync(10);
        var before = await AskAsync<AuditTrail>(new ReadAudit(0, 100));
        await StopSupervisorAsync();
        var (count, first) = await ReadJournalAsync("supervisor");
        Assert.Equal(1, first);
        Assert.True(count > 40, $"only {count} facts");

        Options = Options with { FactsKept = 0 };
        StartSupervisor();
        Assert.Equivalent(before, await AskAsync<AuditTrail>(new ReadAudit(0, 100)), strict: true);
        await FreezeAndLiftAsync(3);
        await AwaitJournalAsync("supervisor", facts => facts.Count <= 8);
        var trail = await AskAsync<AuditTrail>(new ReadAudit(0, 100));
        await StopSupervisorAsync();
        StartSupervisor();

        Assert.Equivalent(trail, await AskAsync<AuditTrail>(new ReadAudit(0, 100)), strict: true);
    }

    [Fact]
    public async Task A_run_that_has_left_the_list_takes_its_history_along()
    {
        Options = Options with { RunsKept = 1 };
        await BeginAndCancelRunsAsync("run-a", "run-b", "run-c");

        await AwaitJournalAsync("run-run-a", facts => facts.Count == 0);
        await AwaitJournalAsync("run-run-b", facts => facts.Count == 0);
        Assert.Equal(["run-c"], await ListRunsAsync());
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new GetRun("run-a"))).Code);
        await StopSupervisorAsync();
        StartSupervisor();

        Assert.Equal("cancelled", (await AskAsync<RunView>(new GetRun("run-c"))).State);
        Assert.Equal(["run-c"], await ListRunsAsync());
    }

    [Fact]
    public async Task The_list_of_a_new_reign_has_the_active_runs_from_the_beginning()
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200);
        await StartAsync("run-a");
        await StopSupervisorAsync();
        StartSupervisor();

        Assert.Equal(["run-a"], await ListRunsAsync());
    }

    [Fact]
    public async Task A_history_that_was_deleted_before_its_run_was_forgotten_keeps_nobody_from_going_on()
    {
        await BeginAndCancelRunsAsync("run-a", "run-b", "run-c");
        await StopSupervisorAsync();
        await ReadJournalAsync("run-run-a", delete: true);
        Options = Options with { RunsKept = 1 };
        StartSupervisor();

        await AwaitJournalAsync("run-run-b", facts => facts.Count == 0);
        Assert.Equal("cancelled", (await AskAsync<RunView>(new GetRun("run-c"))).State);
        Assert.Equal(["run-c"], await ListRunsAsync());
    }

    [Fact]
    public async Task Old_entries_of_the_audit_trail_can_be_read_page_by_page_until_more_are_kept_than_shall_be()
    {
        Options = Options with { AuditKept = 1250, SnapshotInterval = 100, FactsKept = 0 };
        Begin(3);
        await AwaitPrimaryAsync();
        for (var i = 1; i <= 2300; i++)
        {
            Tell(new RecordOrder("ann", "compact-node", "test", "node-1", $"order {i}", ""));
        }

        // The oldest four of nine segments are deleted: 1,300 entries are left without them.
        await AwaitJournalAsync("audit-2001", facts => facts.Count == 1);
        await AwaitJournalAsync("audit-751", facts => facts.Count == 0);
        Assert.Equal(1, (await ReadJournalAsync("audit-1001")).Count);
        var all = await ReadTrailAsync(newestFirst: false);
        Assert.Equal(Enumerable.Range(1001, 1300).Select(i => $"{i} order {i}"), all);

        await StopSupervisorAsync();
        StartSupervisor();

        Assert.Equal(all, await ReadTrailAsync(newestFirst: false));
        Assert.Equal(all.Reverse(), await ReadTrailAsync(newestFirst: true));
        Tell(new RecordOrder("ann", "compact-node", "test", "node-1", "order 2301", ""));
        Assert.Equal([2301], (await AskAsync<AuditTrail>(new ReadAudit(2300, 10))).Entries.Select(entry => entry.Sequence));
    }

    [Fact]
    public async Task An_order_that_a_node_hands_over_again_stands_in_the_audit_trail_once_also_after_a_snapshot()
    {
        Options = Options with { SnapshotInterval = 4, FactsKept = 0 };
        Begin(3);
        await AwaitPrimaryAsync();
        var first = new RecordOrder("ann", "verify-node", "test", "node-1", "shop", "") { Book = "b", Number = 1, At = DateTimeOffset.UnixEpoch };
        var second = first with { Number = 2, At = first.At.AddMinutes(1), Detail = "films" };

        Assert.Equal(1, (await AskAsync<OrderRecorded>(first)).Number);
        Assert.Equal(1, (await AskAsync<OrderRecorded>(first)).Number);
        await AskAsync<OrderRecorded>(second);
        await FreezeAndLiftAsync(5);
        await AwaitJournalAsync("supervisor", facts => facts.Count <= 8);
        await StopSupervisorAsync();
        StartSupervisor();
        await AskAsync<OrderRecorded>(first);
        await AskAsync<OrderRecorded>(second);
        await AskAsync<OrderRecorded>(first with { Book = "of a new disk" });

        var orders = (await AskAsync<AuditTrail>(new ReadAudit(0, 100))).Entries.Where(entry => entry.Action == "verify-node").Select(entry => entry.Detail);
        Assert.Equal(
            [
                "shop; given at 1970-01-01 00:00:00Z, when no supervisor could record it",
                "films; given at 1970-01-01 00:01:00Z, when no supervisor could record it",
                "shop; given at 1970-01-01 00:00:00Z, when no supervisor could record it",
            ],
            orders);
    }

    [Fact]
    public async Task A_node_that_stays_away_stands_in_the_audit_trail_once_also_after_a_change_of_supervisor()
    {
        NoticeAbsenceSoon();
        Options = Options with { Compaction = Options.Compaction with { UnreachableGrace = TimeSpan.FromMilliseconds(300) } };
        Begin(3);
        await AwaitPrimaryAsync();
        await Nodes.StopAsync("node-3");

        await AwaitConditionAsync("node-unreachable");
        await StopSupervisorAsync();
        StartSupervisor();
        await AwaitConditionAsync("node-unreachable");
        Nodes.Start("node-3");

        // A slow machine may have seen it away before as well; but never is the same told twice.
        var told = await AwaitConditionAsync("node-reachable");
        Assert.DoesNotContain(told.Zip(told.Skip(1)), pair => pair.First == pair.Second);
    }

    private async Task<IReadOnlyList<string>> AwaitConditionAsync(string last)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var trail = await AskAsync<AuditTrail>(new ReadAudit(0, 1000));
            var told = trail.Entries.Where(entry => NodeConditions.IsCondition(entry) && entry.Subject == "node-3").Select(entry => entry.Action).ToList();
            if (told is [.., var newest] && newest == last)
            {
                return told;
            }

            Assert.False(patience.IsCancellationRequested, $"told was: {string.Join(", ", told)}");
            await Poll.PauseAsync();
        }
    }

    private async Task<IReadOnlyList<string>> ReadTrailAsync(bool newestFirst)
    {
        var found = new List<string>();
        var request = new ReadAudit(0, 300) { NewestFirst = newestFirst };
        while (true)
        {
            var page = await AskAsync<AuditTrail>(request);
            found.AddRange(page.Entries.Select(entry => $"{entry.Sequence} {entry.Detail}"));
            if (!page.HasMore)
            {
                return found;
            }

            request = newestFirst ? request with { Before = page.Entries[^1].Sequence } : request with { After = page.Entries[^1].Sequence };
        }
    }

    [Fact]
    public async Task The_log_tells_of_freezes_in_sentences()
    {
        Begin(3);
        await AwaitPrimaryAsync();

        await EventFilter.Warning("cluster test is frozen by ann until it is lifted: release").ExpectOneAsync(
            () => AskAsync<FreezeList>(new StartFreeze("test", "ann", "release", null)));
        await EventFilter.Warning("the freeze of cluster test is lifted by ann").ExpectOneAsync(
            () => AskAsync<FreezeList>(new LiftFreeze("test", "ann")));
    }

    private async Task FreezeAndLiftAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await AskAsync<FreezeList>(new StartFreeze("test", "ann", $"release {i}", null));
            await AskAsync<FreezeList>(new LiftFreeze("test", "ann"));
        }
    }

    private async Task BeginAndCancelRunsAsync(params string[] ids)
    {
        Begin(3);
        await AwaitPrimaryAsync();
        await LoadAsync("node-1", 200);
        foreach (var id in ids)
        {
            Assert.Equal("waiting", (await StartAsync(id)).State);
            await AskAsync<RunView>(new CancelRun(id, "ann", "not today"));
            await FollowAsync(id);
        }
    }

    private async Task<RunView> StartAsync(string id)
    {
        await AskAsync<RunView>(new StartRun(id, Everything) { Origin = new RunOrigin("ann", "", "", NeedsApproval: true) });
        while (true)
        {
            if (await AskAsync<RunView>(new GetRun(id)) is { State: "waiting" } run)
            {
                return run;
            }

            await Poll.PauseAsync();
        }
    }

    private async Task<IReadOnlyList<string>> ListRunsAsync() =>
        [.. (await AskAsync<RunPage>(new ListRuns())).Runs.Select(run => run.Id)];

    private async Task AwaitJournalAsync(string id, Predicate<Facts> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await ReadJournalAsync(id) is var facts && !condition(facts))
        {
            Assert.False(patience.IsCancellationRequested, $"{id} still has {facts.Count} facts from {facts.First} on");
            await Poll.PauseAsync();
        }
    }

    private async Task<Facts> ReadJournalAsync(string id, bool delete = false)
    {
        var reader = Sys.ActorOf(Props.Create(() => new Reader(id)), $"reader-{++readers}");
        var facts = await reader.Ask<Facts>(delete ? "delete" : "read", Patience);
        await reader.GracefulStop(Patience);
        return facts;
    }

    private sealed record Facts(int Count, long First);

    /// <summary>Reads what the journal has of somebody, without a snapshot.</summary>
    private sealed class Reader : ReceivePersistentActor
    {
        private int count;
        private long first;
        private IActorRef asker = ActorRefs.Nobody;

        public Reader(string id)
        {
            PersistenceId = id;
            Recover<object>(fact =>
            {
                if (fact is RecoveryCompleted)
                {
                    return;
                }

                first = count++ == 0 ? LastSequenceNr : first;
            });
            Command<string>(order => order == "read", _ => Sender.Tell(new Facts(count, first)));
            Command<string>(order => order == "delete", _ =>
            {
                asker = Sender;
                DeleteMessages(LastSequenceNr);
            });
            Command<DeleteMessagesSuccess>(_ => asker.Tell(new Facts(0, 0)));
        }

        public override string PersistenceId { get; }

        public override Recovery Recovery => new(SnapshotSelectionCriteria.None);
    }
}
