using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class NodeCompactionTests : PatientTestKit
{
    private static readonly StorageUnit Documents = new DocumentsUnit("shop", "orders");
    private static readonly StorageUnit Index = new IndexUnit("shop", "orders", "by-n");
    private static readonly StorageUnit SecondIndex = new IndexUnit("shop", "orders", "by-text");
    private TestNodes nodes = null!;

    [Fact]
    public async Task A_compaction_frees_what_was_estimated_and_keeps_the_contents()
    {
        await BeginAsync();
        var before = await nodes.AwaitEqualAsync("node-1", "node-2");
        var inventory = await nodes.AskAsync<NodeInventory>("node-2", new TakeInventory(1, ""));
        Assert.Equal([Documents, Index], inventory.Units.Select(unit => unit.Size.Unit));

        await nodes.AskAsync<CompactionRunning>("node-2", Order(1, [Index, Documents]));
        var result = await AwaitEndAsync<CompactionSucceeded>("node-2", 1);

        Assert.Equal([Documents, Index], result.Units.Select(unit => unit.Unit));
        Assert.All(inventory.Units.Zip(result.Units), unit => Assert.Equal(unit.First.Size.FileBytes, unit.Second.BytesBefore));
        var estimated = inventory.Units[0].BytesFreed;
        Assert.InRange(result.Units[0].BytesFreed, estimated * 0.85, estimated * 1.15);
        Assert.Equal(before, await nodes.AwaitEqualAsync("node-1", "node-2"));
    }

    [Fact]
    public async Task A_repeated_ticket_is_answered_with_its_status_also_after_a_restart()
    {
        await BeginAsync();
        await nodes.AskAsync<CompactionRunning>("node-2", Order(1, [Documents]));
        var result = await AwaitEndAsync<CompactionSucceeded>("node-2", 1);
        Assert.Equivalent(result, await nodes.AskAsync<CompactionStatus>("node-2", Order(1, [Documents])));

        await nodes.StopAsync("node-2");
        nodes.Start("node-2");

        Assert.Equivalent(result, await AwaitEndAsync<CompactionSucceeded>("node-2", 1));
        Assert.Equivalent(result, await nodes.AskAsync<CompactionStatus>("node-2", Order(1, [Documents])));
    }

    [Fact]
    public async Task A_primary_refuses_unless_forced_and_a_stale_epoch_is_refused()
    {
        await BeginAsync();

        Assert.Equal(RefusalCode.WrongState, (await nodes.AskAsync<CommandRefused>("node-1", Order(1, [Documents]))).Code);
        Assert.Equal(RefusalCode.StaleEpoch, (await nodes.AskAsync<CommandRefused>("node-1", Order(1, [Documents]) with { Epoch = 0 })).Code);
        await nodes.AskAsync<CompactionRunning>("node-1", Order(1, [Documents], force: true));
        await AwaitEndAsync<CompactionSucceeded>("node-1", 1);
    }

    [Fact]
    public async Task An_order_that_the_disk_does_not_take_is_unavailable_not_in_the_wrong_state()
    {
        await BeginAsync();
        Directory.CreateDirectory(Path.Combine(nodes.DirectoryOf("node-2"), "compactions.json.tmp"));

        var refused = await nodes.AskAsync<CommandRefused>("node-2", Order(1, [Documents]));

        Assert.Equal(RefusalCode.Unavailable, refused.Code);
        Assert.StartsWith("the order cannot be stored: ", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_unit_is_refused_by_name()
    {
        await BeginAsync();

        var refused = await nodes.AskAsync<CommandRefused>("node-2", Order(1, [Documents, new IndexUnit("shop", "orders", "nope")]));

        Assert.Equal(RefusalCode.NotFound, refused.Code);
        Assert.Contains("shop/orders#nope", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_compaction_ends_as_failed_and_a_new_ticket_goes_on()
    {
        using var gate = new ManualResetEventSlim();
        await BeginHeldAsync("node-2", gate);
        await nodes.AskAsync<CompactionRunning>("node-2", Order(1, [Documents]));

        Assert.Equal(RefusalCode.Busy, (await nodes.AskAsync<CommandRefused>("node-2", Order(2, [Documents]))).Code);
        Assert.Equal(NodeState.Compacting, (await nodes.ObserveAsync("node-2")).State);
        await nodes.AskAsync<CompactionStatus>("node-2", new CancelCompaction(1, Ticket(1)));
        gate.Set();
        var failed = await AwaitEndAsync<CompactionFailed>("node-2", 1);

        Assert.Contains("cancelled", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(NodeState.Online, (await nodes.ObserveAsync("node-2")).State);
        await nodes.AskAsync<CompactionRunning>("node-2", Order(2, [Documents]));
        await AwaitEndAsync<CompactionSucceeded>("node-2", 2);
    }

    [Fact]
    public async Task A_ticket_that_was_overtaken_before_a_restart_is_refused_after_it()
    {
        using var gate = new ManualResetEventSlim();
        await BeginHeldAsync("node-2", gate);
        var later = Order(1, [Documents], bytesPerSecond: 65_536) with { Ticket = Ticket(1) with { Attempt = 2 } };
        await nodes.AskAsync<CompactionRunning>("node-2", later);
        var stopping = nodes.StopAsync("node-2");
        gate.Set();
        await stopping;
        nodes.Start("node-2");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);

        Assert.Equal(RefusalCode.WrongState, (await nodes.AskAsync<CommandRefused>("node-2", Order(1, [Documents]))).Code);
        await nodes.AskAsync<CompactionRunning>("node-2", later);
    }

    [Fact]
    public async Task Writes_go_on_while_a_primary_compacts()
    {
        using var gate = new ManualResetEventSlim();
        await BeginHeldAsync("node-1", gate);
        await nodes.AskAsync<CompactionRunning>("node-1", Order(1, [Documents], force: true));
        var acknowledged = 0;
        while ((await nodes.ObserveAsync("node-1")).State == NodeState.Compacting)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", $"during-{acknowledged++}", "{\"n\":1}"));
            if (acknowledged == 5)
            {
                gate.Set();
            }
        }

        await AwaitEndAsync<CompactionSucceeded>("node-1", 1);
        Assert.True(acknowledged >= 5, $"{acknowledged} writes");
        var summary = await nodes.AwaitEqualAsync("node-1", "node-2");
        Assert.Equal(200 + acknowledged, summary.Documents);
    }

    [SkippableFact]
    public async Task Indexes_of_a_collection_are_copied_at_the_same_time()
    {
        Skip.If(Environment.ProcessorCount < 2, "needs two processors");
        using var both = new Barrier(2);
        await BeginAsync(point => point != Failpoints.IndexOrderBuilt || both.SignalAndWait(TimeSpan.FromSeconds(90)));

        await nodes.AskAsync<CompactionRunning>("node-2", Order(1, [Index, Documents, SecondIndex]));
        var result = await AwaitEndAsync<CompactionSucceeded>("node-2", 1);

        Assert.Equal([Documents, Index, SecondIndex], result.Units.Select(unit => unit.Unit));
        Assert.Equal(1, both.CurrentPhaseNumber);
    }

    [Fact]
    public async Task Indexes_that_were_compacted_before_another_one_failed_count_as_done()
    {
        var sealedCopies = 0;
        await BeginAsync(point => point != Failpoints.IndexSealed || ++sealedCopies != 2);

        await nodes.AskAsync<CompactionRunning>("node-2", Order(1, [Index, Documents, SecondIndex]));
        var result = await AwaitEndAsync<CompactionFailed>("node-2", 1);

        // They are copied at the same time: either may be the first.
        var done = result.Units.Select(unit => unit.Unit).ToList();
        var failed = Assert.Single(new[] { Index, SecondIndex }.Except(done));
        Assert.Equal((2, Documents), (done.Count, done[0]));
        Assert.Contains("index-sealed", result.Reason, StringComparison.Ordinal);
        await nodes.AskAsync<CompactionRunning>("node-2", Order(2, [failed]));
        await AwaitEndAsync<CompactionSucceeded>("node-2", 2);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes?.Dispose();
    }

    private static CompactionTicket Ticket(int run) => new($"run-{run}", 1, 1);

    private static CompactUnits Order(int run, IReadOnlyList<StorageUnit> units, bool force = false, long bytesPerSecond = 0) =>
        new(1, Ticket(run), units, new CompactionSettings("rewrite", force, bytesPerSecond, "test"));

    /// <summary>As <see cref="BeginAsync()"/>, with two indexes.</summary>
    /// <param name="passes">Asked by node-2 at each failpoint; if it is false, the work fails there.</param>
    private async Task BeginAsync(Predicate<string> passes)
    {
        await BeginAsync(options => options.Node != "node-2" ? options : options with
        {
            Storage = options.Storage with { Failpoint = point => _ = passes(point) ? point : throw new IOException(point) },
        });
        Assert.IsType<IndexDefined>(await nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-text", "$.filler")));
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-2", new GetIndex("shop", "orders", "by-text")));
    }

    private Task BeginAsync() => BeginAsync(options => options);

    /// <summary>As <see cref="BeginAsync()"/>. A compaction of one node is held after its first piece until the gate is opened.</summary>
    private Task BeginHeldAsync(string node, ManualResetEventSlim gate)
    {
        return BeginAsync(options => options.Node != node ? options : options with
        {
            Storage = options.Storage with { CopyBatchBytes = 20_000, Failpoint = point => Hold(point, gate) },
        });
    }

    private static void Hold(string point, ManualResetEventSlim gate)
    {
        if (point == Failpoints.BatchCopied)
        {
            gate.Wait(TimeSpan.FromSeconds(120));
        }
    }

    /// <summary>Two members with 2000 documents of which 1800 are deleted, and an index.</summary>
    private async Task BeginAsync(Func<NodeOptions, NodeOptions> adjust)
    {
        nodes = new TestNodes(Sys, 2, adjust);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1");
        Assert.IsType<IndexDefined>(await nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));
        await nodes.AwaitEqualAsync("node-1", "node-2");
        while (await nodes.AskAsync<DataReply>("node-2", new GetIndex("shop", "orders", "by-n")) is not IndexDefined)
        {
            await Poll.PauseAsync();
        }

        // One more contact tells the secondary what all members hold, which decides about tombstones.
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
    }

    private Task<T> AwaitEndAsync<T>(string node, int run)
        where T : CompactionStatus => nodes.AwaitEndAsync<T>(node, Ticket(run));
}
