using System.Text;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>Checking a member's files, and comparing the members of its replica set.</summary>
public sealed class VerificationTests : SupervisorFixture
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Equal_members_are_compared_up_to_where_all_are()
    {
        await BeginLoadedAsync(3_000);

        var view = await VerifyAsync("node-2");

        Assert.Equal((VerificationPhase.Completed, ""), (view.Phase, view.Reason));
        Assert.Empty(Assert.Single(view.Collections).Problems);
        var comparison = Assert.Single(view.Comparisons);
        Assert.Equal(["node-1", "node-2", "node-3"], comparison.Compared);
        Assert.Empty(comparison.Differences);
        Assert.Empty(comparison.NotCompared);
        Assert.Equal((0L, view.Collections[0].Position.Sequence), (comparison.Changing, comparison.Through));
        Assert.Equal(3_000, comparison.Rows);
    }

    [Fact]
    public async Task A_member_that_lacks_has_more_or_has_other_documents_is_named_with_their_ids_and_what_helps()
    {
        await BeginLoadedAsync(2_000);
        await AlterAsync(
            "node-3",
            """
            DELETE FROM documents WHERE id = 'd17';
            UPDATE documents SET body = CAST('{"n":-1}' AS BLOB), codec = 0 WHERE id = 'd1500';
            UPDATE documents SET rev = 'other' WHERE id = 'd40';
            """);

        var view = await VerifyAsync("node-2");

        var difference = Assert.Single(Assert.Single(view.Comparisons).Differences);
        Assert.Equal(("node-3", 3L, "d1500", "d40"), (difference.Node, difference.Documents, difference.FirstId, difference.LastId));
        Assert.Equal(["d1500", "d17", "d40"], difference.Ids);
        Assert.Contains("resync --node node-3 --database shop --collection orders", difference.Advice, StringComparison.Ordinal);
        Assert.Empty(view.Collections[0].Problems);
        var ended = (await AuditAsync()).Last(entry => entry.Action == "verify-ended");
        Assert.Equal(("ann", "node-2"), (ended.By, ended.Subject));
        Assert.Contains("node-3 differs in 3 documents", ended.Detail, StringComparison.Ordinal);

        await AskAsync<ResyncBegun>(new RequestResync("test", "node-3", "shop", "orders") { By = "ann", Reason = "it differs" });
        await Nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Online, await EpochAsync());
        await Nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        Assert.Empty(Assert.Single((await VerifyAsync("node-2")).Comparisons).Differences);
    }

    [Fact]
    public async Task Where_the_others_agree_against_the_primary_it_is_stepped_down_first()
    {
        var primary = await BeginLoadedAsync(300);
        await AlterAsync(primary, "UPDATE documents SET rev = 'other' WHERE id = 'd40'");

        var difference = Assert.Single(Assert.Single((await VerifyAsync(primary)).Comparisons).Differences);

        Assert.Equal((primary, 1L), (difference.Node, difference.Documents));
        Assert.Contains("step it down", difference.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_differs_while_documents_are_written_deleted_and_their_tombstones_dropped()
    {
        var primary = await BeginLoadedAsync(2_000);
        using var stop = new CancellationTokenSource();
        var random = new Random(7);
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var writes = Enumerable.Range(0, 20)
                    .Select(_ => $"d{random.Next(2_000)}")
                    .Distinct()
                    .Select(id => new BulkWrite(id, random.Next(4) == 0 ? default : Encoding.UTF8.GetBytes($"{{\"n\":{random.Next()}}}")))
                    .ToList();
                await Nodes.AskAsync<DataReply>(primary, new WriteBulk("shop", "orders", writes, WriteConcern.Primary));
            }
        });

        for (var i = 0; i < 3; i++)
        {
            var comparison = Assert.Single((await VerifyAsync("node-3")).Comparisons);
            Assert.Empty(comparison.Differences);
            Assert.Equal(3, comparison.Compared.Count);
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_member_that_is_away_or_not_whole_is_not_compared_and_said_so()
    {
        NoticeAbsenceSoon();
        await BeginLoadedAsync(300);
        await Nodes.StopAsync("node-3");
        await AwaitSetAsync(set => set.Members.Single(member => member.Observation.Node == "node-3").Observation.State == NodeState.Unreachable);

        var comparison = Assert.Single((await VerifyAsync("node-2")).Comparisons);

        Assert.Equal(["node-1", "node-2"], comparison.Compared);
        Assert.Equal("node-3", Assert.Single(comparison.NotCompared).Node);
    }

    [Fact]
    public async Task Who_ordered_what_is_recorded_with_what_came_of_it()
    {
        var primary = await BeginLoadedAsync(100);

        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new StartVerification("test", "nope", "", "", "ann"))).Code);
        await AskAsync<RequestFailed>(new RequestResync("test", primary, "shop", "orders") { By = "ben", Reason = "a try" });
        await AskAsync<IndexesCleanedUp>(new RequestIndexCleanup("test", "node-2", "shop", "") { By = "ben" });
        await AskAsync<RequestFailed>(new Core.Runs.PauseRun("nope", "cleo", "why not"));
        await AskAsync<RequestFailed>(new LiftFreeze("test", "cleo"));

        var entries = (await AuditAsync()).ToList();
        Assert.Equal(
            ["ann verify node-nope refused", "ben resync shop refused", "ben index-cleanup shop accepted", "cleo pause-run nope refused", "cleo lift-freeze  refused"],
            entries.Select(entry => $"{entry.By} {entry.Action} {Short(entry)} {entry.Outcome}"));
        Assert.Contains("no node 'nope'", entries[0].Refusal, StringComparison.Ordinal);
        Assert.Contains("step it down", entries[1].Refusal, StringComparison.Ordinal);
        Assert.Equal("shop/orders; a try", entries[1].Detail);
        Assert.Contains("there is no run 'nope'", entries[3].Refusal, StringComparison.Ordinal);

        static string Short(AuditEntry entry) => entry.Action switch
        {
            "verify" => $"node-{entry.Subject}",
            "resync" or "index-cleanup" => entry.Detail[..4],
            _ => entry.Subject,
        };
    }

    [Fact]
    public async Task A_stopped_verification_has_ended_as_such_and_an_unknown_one_is_named()
    {
        await BeginLoadedAsync(300);
        var begun = await AskAsync<VerificationView>(new StartVerification("test", "node-2", "", "", "ann"));

        var stopped = await AskAsync<VerificationView>(new CancelVerification("test", begun.Id, "ben"));

        Assert.NotNull(stopped.FinishedAt);
        Assert.True(stopped.Phase is VerificationPhase.Cancelled or VerificationPhase.Completed, $"{stopped.Phase}");
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new GetVerification("test", "verify-1-99"))).Code);
        Assert.Equal(FailureCode.NotFound, (await AskAsync<RequestFailed>(new GetVerification("other", begun.Id))).Code);
    }

    [Fact]
    public async Task A_supervisor_that_takes_over_begins_anew_what_has_not_ended_and_knows_how_the_others_ended()
    {
        await BeginLoadedAsync(2_000);
        var ended = await VerifyAsync("node-2");
        var begun = await AskAsync<VerificationView>(new StartVerification("test", "node-3", "shop", "orders", "ann"));

        await StopSupervisorAsync();
        StartSupervisor();
        await AwaitPrimaryAsync();
        var known = await AskAsync<VerificationView>(new GetVerification("test", ended.Id));
        var resumed = await EndAsync(await AskAsync<VerificationView>(new GetVerification("test", begun.Id)));

        Assert.Equivalent(ended, known, strict: true);
        Assert.Equal((begun.Id, begun.Node, begun.StartedAt), (resumed.Id, resumed.Node, resumed.StartedAt));
        Assert.Equal((VerificationPhase.Completed, ""), (resumed.Phase, resumed.Reason));
        Assert.Equal(["node-1", "node-2", "node-3"], Assert.Single(resumed.Comparisons).Compared);
        Assert.Equal(2, (await AuditAsync()).Count(entry => entry.Action == "verify-ended"));

        var next = await AskAsync<VerificationView>(new StartVerification("test", "node-2", "", "", "ann"));
        Assert.DoesNotContain(next.Id, new[] { ended.Id, begun.Id });
        Assert.Equal(VerificationPhase.Completed, (await EndAsync(next)).Phase);
    }

    [Fact]
    public void The_journal_adds_up_to_those_at_work_and_the_last_that_have_ended()
    {
        var state = SupervisorState.Initial;
        for (var i = 1; i <= 40; i++)
        {
            var begun = new VerificationBegun($"v{i}", new StartVerification("test", "node-2", "", "", "ann"), Noon.AddMinutes(i));
            state = state.Apply(begun);
            if (i != 3)
            {
                state = state.Apply(new VerificationRecorded(
                    new VerificationView(
                        begun.Id, "test", "node-2", "", "", "ann", VerificationPhase.Completed, "", begun.At, begun.At, begun.At, FileCheckProgress.None, [], []),
                    begun.At));
            }
        }

        var again = state.ToSnapshot(Noon).Facts.Aggregate(SupervisorState.Initial, (sum, fact) => sum.Apply(fact));

        Assert.Equal(["v3", .. Enumerable.Range(25, 16).Select(i => $"v{i}")], state.Verifications.Select(kept => kept.Begun.Id));
        Assert.Equal(state.Verifications, again.Verifications);
    }

    private async Task<string> BeginLoadedAsync(int documents)
    {
        Begin(3);
        var primary = (await AwaitPrimaryAsync()).Primary;
        var writes = Enumerable.Range(0, documents).Select(i => new BulkWrite($"d{i}", Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"))).ToList();
        Assert.IsType<BulkWritten>(await Nodes.AskAsync<DataReply>(primary, new WriteBulk("shop", "orders", writes, WriteConcern.Majority)));
        await Nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        return primary;
    }

    private async Task<VerificationView> VerifyAsync(string node)
    {
        var view = await AskAsync<VerificationView>(new StartVerification("test", node, "", "", "ann"));
        return await EndAsync(view);
    }

    private async Task<VerificationView> EndAsync(VerificationView view)
    {
        for (var look = 0; view.FinishedAt is null; look++)
        {
            Assert.True(look < 9_000, $"the verification never ended: {view}");
            await Poll.PauseAsync();
            view = await AskAsync<VerificationView>(new GetVerification("test", view.Id));
        }

        return view;
    }

    private async Task<IReadOnlyList<AuditEntry>> AuditAsync() => (await AskAsync<AuditTrail>(new ReadAudit(0, 100))).Entries;
}
