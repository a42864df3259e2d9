using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class NodeModesTests : PatientTestKit
{
    private static readonly StorageUnit Documents = new DocumentsUnit("shop", "orders");
    private static readonly CompactionTicket Ticket = new("run-1", 1, 1);

    // Points of the storage at which a node waits until it is let go.
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> gates = new();
    private readonly ConcurrentDictionary<string, bool> reached = new();
    private TestNodes nodes = null!;

    [SkippableTheory]
    [InlineData("rewrite")]
    [InlineData("exclusive")]
    [InlineData("incremental")]
    [InlineData("release")]
    public async Task Every_mode_frees_space_and_keeps_the_contents(string mode)
    {
        await BeginAsync();
        var before = await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");

        await nodes.AskAsync<CompactionRunning>("node-2", Order(mode));
        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.Compactions.Any(status => status is not CompactionRunning));
        var failure = (seen.Compactions.Single() as CompactionFailed)?.Reason ?? "";
        Skip.If(mode == "release" && failure.Contains("'release'", StringComparison.Ordinal), failure);

        var done = Assert.IsType<CompactionSucceeded>(seen.Compactions.Single());
        var unit = Assert.Single(done.Units);
        Assert.True(unit.BytesFreed > 100_000, $"only {unit.BytesFreed} bytes were freed");
        Assert.NotEmpty(unit.Stages);
        Assert.True(unit.PhysicalBytesAfter < unit.PhysicalBytesBefore);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "after", "{}"));
        Assert.Equal(before.Documents + 1, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
    }

    [Fact]
    public async Task While_a_database_is_compacted_exclusively_it_is_offline_and_the_others_are_served()
    {
        await BeginAsync();
        await TestNodes.AwaitReplyAsync<DocumentWritten>(() => nodes.AskAsync<DataReply>(
            "node-1", new PutDocument("other", "things", "a", "{}"u8.ToArray(), null, WriteConcern.Majority)));
        await AwaitOtherAsync("node-2");
        using var gate = Close("node-2", Failpoints.Vacuumed);

        await nodes.AskAsync<CompactionRunning>("node-2", Order("exclusive"));
        await nodes.UntilAsync(() => reached.ContainsKey("node-2"), "the database is never compacted");

        var seen = await nodes.ObserveAsync("node-2");
        Assert.Equal(NodeState.Offline, seen.State);
        Assert.Contains("shop", seen.Reason, StringComparison.Ordinal);
        var refused = Assert.IsType<DataUnavailable>(await nodes.GetAsync("node-2", "d0", fromAnyMember: true));
        Assert.Contains("offline", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("exclusive", refused.Reason, StringComparison.Ordinal);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.IsType<DocumentFound>(await nodes.AskAsync<DataReply>("node-2", new GetDocument("other", "things", "a", true)));

        // The others are a majority, and what they write meanwhile comes to it afterwards.
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "meanwhile", "{}"));
        gate.Set();
        await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", Ticket);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
    }

    [Fact]
    public async Task A_member_that_is_offline_takes_up_a_new_appointment_afterwards()
    {
        await BeginAsync();
        using var gate = Close("node-2", Failpoints.Vacuumed);
        await nodes.AskAsync<CompactionRunning>("node-2", Order("exclusive"));
        await nodes.UntilAsync(() => reached.ContainsKey("node-2"), "the database is never compacted");

        var appointment = await nodes.AppointAsync("node-3", 2, 2, "node-1", "node-3");
        await nodes.AskAsync<AppointmentFollowed>("node-2", new FollowAppointment(2, "rs", appointment));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-3", "later", "{}"));
        gate.Set();

        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen is { State: NodeState.Online, Term: 2 }, epoch: 2);
        Assert.IsType<CompactionSucceeded>(seen.Compactions.Single());
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task A_paused_compaction_goes_on_from_where_it_was()
    {
        await BeginAsync();
        using var gate = Close("node-2", Failpoints.BatchCopied);
        await nodes.AskAsync<CompactionRunning>("node-2", Order("rewrite"));
        await nodes.UntilAsync(() => reached.ContainsKey("node-2"), "nothing is ever copied");

        Assert.IsType<CompactionRunning>(await nodes.AskAsync<CompactionStatus>("node-2", new PauseCompaction(1, Ticket)));
        gate.Set();
        var paused = await nodes.AwaitEndAsync<CompactionPaused>("node-2", Ticket);

        Assert.Empty(paused.Units);
        Assert.True(File.Exists(Path.Combine(nodes.DirectoryOf("node-2"), "shop", "orders", "documents.sqlite.compact")));
        Assert.Equal(NodeState.Online, (await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online)).State);
        Assert.Equivalent(paused, await nodes.AskAsync<CompactionStatus>("node-2", Order("rewrite")));
        var next = Ticket with { Attempt = 2 };
        await nodes.AskAsync<CompactionRunning>("node-2", Order("rewrite") with { Ticket = next });
        await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", next);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task The_copying_rate_changes_while_it_runs()
    {
        await BeginAsync();
        using var gate = Close("node-2", Failpoints.BatchCopied);
        var slow = Order("rewrite") with { Settings = new CompactionSettings("rewrite", false, 65_536, "") };
        await nodes.AskAsync<CompactionRunning>("node-2", slow);
        await nodes.UntilAsync(() => reached.ContainsKey("node-2"), "nothing is ever copied");

        Assert.Equal(Ticket, (await nodes.AskAsync<CompactionRunning>("node-2", new ThrottleCompaction(1, Ticket, 0))).Ticket);
        gate.Set();

        // About 100 kB stay; at the first rate their copy alone would take longer than this test has patience for the rest.
        await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", Ticket);
        var other = await nodes.AskAsync<CommandRefused>("node-2", new ThrottleCompaction(1, new CompactionTicket("nobody", 1, 1), 0));
        Assert.Equal(RefusalCode.NotFound, other.Code);
    }

    [Fact]
    public async Task What_may_stay_free_is_not_estimated_as_freed()
    {
        await BeginAsync();
        var inventory = new TakeInventory(1, "incremental");

        var much = await nodes.AskAsync<NodeInventory>("node-2", inventory with { EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 0) });
        var none = await nodes.AskAsync<NodeInventory>("node-2", inventory with { EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 100) });

        Assert.True(Assert.Single(much.Units).BytesFreed > 100_000);
        Assert.Equal(0, Assert.Single(none.Units).BytesFreed);
        Assert.Equal(0, much.Units[0].TemporaryBytes);
    }

    [Fact]
    public async Task What_was_compacted_is_verified_if_so_ordered()
    {
        await BeginAsync();
        var order = Order("rewrite");

        await nodes.AskAsync<CompactionRunning>("node-2", order with { Settings = order.Settings with { Verify = true } });

        await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", Ticket);
    }

    [Theory]
    [InlineData("rewrite", Failpoints.BatchCopied)]
    [InlineData("exclusive", Failpoints.Vacuumed)]
    public async Task A_collection_is_dropped_while_a_member_compacts_it(string mode, string point)
    {
        await BeginAsync();
        using var gate = Close("node-2", point);
        await nodes.AskAsync<CompactionRunning>("node-2", Order(mode));
        await nodes.UntilAsync(() => reached.ContainsKey("node-2"), "nothing is ever compacted");

        Assert.IsType<CollectionDropped>(await nodes.AskAsync<DataReply>("node-1", new DropCollection("shop", "orders")));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "new", "{}"));
        gate.Set();

        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.Compactions.Any(status => status is not CompactionRunning));
        Assert.IsNotType<CompactionSucceeded>(seen.Compactions.Single());
        Assert.Equal(1, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        await nodes.UntilAsync(() => !Directory.Exists(Path.Combine(nodes.DirectoryOf("node-2"), "shop", "orders")), "the files stayed");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
    }

    protected override void AfterAll()
    {
        foreach (var gate in gates.Values)
        {
            gate.Set();
        }

        base.AfterAll();
        nodes?.Dispose();
    }

    private static CompactUnits Order(string mode) => new(1, Ticket, [Documents], new CompactionSettings(mode, false, 0, "test")
    {
        EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 0),
    });

    private async Task BeginAsync()
    {
        nodes = new TestNodes(Sys, 3, options => options with
        {
            Storage = options.Storage with { CopyBatchBytes = 20_000, Failpoint = point => OnPoint(options.Node, point) },
        });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
    }

    private ManualResetEventSlim Close(string node, string point) => gates[$"{node} {point}"] = new ManualResetEventSlim();

    private void OnPoint(string node, string point)
    {
        if (gates.TryGetValue($"{node} {point}", out var gate))
        {
            reached[node] = true;
            gate.Wait(TimeSpan.FromSeconds(120));
        }
    }

    private async Task AwaitOtherAsync(string node) => await TestNodes.AwaitReplyAsync<DocumentFound>(
        () => nodes.AskAsync<DataReply>(node, new GetDocument("other", "things", "a", true)));
}
