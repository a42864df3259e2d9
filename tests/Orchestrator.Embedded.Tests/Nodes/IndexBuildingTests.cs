using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Nodes;

/// <summary>Indexes that are built while their collection serves; a gate holds the build between two pieces.</summary>
public sealed class IndexBuildingTests : PatientTestKit
{
    private static readonly PutIndex ByN = new("shop", "orders", "by-n", "$.n");
    private readonly ManualResetEventSlim gate = new(initialState: false);
    private readonly TestNodes nodes;
    private volatile bool dying;
    private volatile int held;

    public IndexBuildingTests()
    {
        nodes = new TestNodes(Sys, 1, options => options with
        {
            IndexBuildWait = TimeSpan.FromMilliseconds(20),
            Storage = StorageOptions.Default with { Failpoint = Hold, IndexedAtOpening = 100, ParallelIndexes = 1 },
        });
    }

    [Fact]
    public async Task Writes_are_acknowledged_while_an_index_is_built_and_everybody_is_told_that_it_is()
    {
        await BeginAsync();

        var answer = await nodes.AskAsync<DataReply>("node-1", ByN);

        Assert.Equal("by-n", Assert.IsType<IndexBuilding>(answer).Name);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "new", "{\"n\":5000}"));
        await HeldAsync(1);
        Assert.InRange(Assert.IsType<IndexBuilding>(await GetAsync("by-n")).Fraction, 0.1, 0.95);
        var refused = Assert.IsType<DataUnavailable>(await LookUpAsync("5000"));
        Assert.Contains("the index by-n of shop/orders is being built", refused.Reason, StringComparison.Ordinal);
        var described = await nodes.AskAsync<CollectionDescribed>("node-1", new DescribeCollection("shop", "orders"));
        Assert.Equal(("by-n", 0), (Assert.Single(described.Building).Name, described.Settings.Indexes.Count));
        var unit = (await nodes.AskAsync<NodeInventory>("node-1", new TakeInventory(1, ""))).Units.Single(each => each.Size.Unit is IndexUnit);
        Assert.Contains("is being built", unit.Refusal, StringComparison.Ordinal);

        gate.Set();
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => GetAsync("by-n"));
        Assert.Equal("new", Assert.Single(Assert.IsType<IndexEntriesRead>(await LookUpAsync("5000")).Entries).Id);
    }

    [Fact]
    public async Task A_second_index_waits_for_its_turn_and_one_that_is_dropped_is_not_built_on()
    {
        await BeginAsync();
        Assert.IsType<IndexBuilding>(await nodes.AskAsync<DataReply>("node-1", ByN));

        Assert.Equal(0, Assert.IsType<IndexBuilding>(
            await nodes.AskAsync<DataReply>("node-1", ByN with { Name = "by-filler", JsonPath = "$.filler" })).Fraction);
        var dropping = nodes.AskAsync<DataReply>("node-1", new DropIndex("shop", "orders", "by-n"));
        gate.Set();

        Assert.IsType<IndexDropped>(await dropping);
        Assert.IsType<IndexMissing>(await GetAsync("by-n"));
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => GetAsync("by-filler"));
    }

    [Fact]
    public async Task A_collection_is_dropped_while_an_index_of_it_is_built()
    {
        await BeginAsync();
        Assert.IsType<IndexBuilding>(await nodes.AskAsync<DataReply>("node-1", ByN));
        await HeldAsync(1);

        Assert.IsType<CollectionDropped>(await nodes.AskAsync<DataReply>("node-1", new DropCollection("shop", "orders")));
        Assert.IsType<CollectionMissing>(await GetAsync("by-n"));
        gate.Set();

        await nodes.UntilAsync(() => !Directory.Exists(Path.Combine(nodes.DirectoryOf("node-1"), "shop", "orders")), "the files stayed");
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "new", "{}"));
        Assert.IsType<IndexMissing>(await GetAsync("by-n"));
    }

    [Fact]
    public async Task A_build_goes_on_after_a_restart()
    {
        await BeginAsync();
        Assert.IsType<IndexBuilding>(await nodes.AskAsync<DataReply>("node-1", ByN));
        await HeldAsync(1);
        var stopping = nodes.StopAsync("node-1");
        dying = true;
        gate.Set();
        await stopping;
        dying = false;
        gate.Reset();

        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);

        // The collection serves before it is built; the second of three pieces is being taken.
        await HeldAsync(2);
        Assert.InRange(Assert.IsType<IndexBuilding>(await GetAsync("by-n")).Fraction, 0.6, 0.95);
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "d1"));
        gate.Set();
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => GetAsync("by-n"));
        Assert.Equal("d7", Assert.Single(Assert.IsType<IndexEntriesRead>(await LookUpAsync("7")).Entries).Id);
    }

    [Fact]
    public async Task A_compaction_that_closes_the_files_stops_a_build_which_goes_on_afterwards()
    {
        await BeginAsync();
        Assert.IsType<IndexBuilding>(await nodes.AskAsync<DataReply>("node-1", ByN));
        await HeldAsync(1);
        var ticket = new CompactionTicket("run-1", 1, 1);

        await nodes.AskAsync<CompactionRunning>("node-1", new CompactUnits(
            1, ticket, [new DocumentsUnit("shop", "orders")], new CompactionSettings("exclusive", true, 0, "")));
        gate.Set();

        await nodes.AwaitEndAsync<CompactionSucceeded>("node-1", ticket);
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => GetAsync("by-n"));
        Assert.Equal("d7", Assert.Single(Assert.IsType<IndexEntriesRead>(await LookUpAsync("7")).Entries).Id);
    }

    protected override void AfterAll()
    {
        gate.Set();
        base.AfterAll();
        nodes.Dispose();
        gate.Dispose();
    }

    private async Task BeginAsync()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        var writes = Enumerable.Range(0, 2500)
            .Select(i => new BulkWrite($"d{i}", System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i},\"filler\":\"x\"}}")))
            .ToList();
        Assert.IsType<BulkWritten>(await nodes.AskAsync<DataReply>("node-1", new WriteBulk("shop", "orders", writes, WriteConcern.Majority)));
    }

    private Task HeldAsync(int times) => nodes.UntilAsync(() => held >= times, "the build never came to the gate");

    private Task<DataReply> GetAsync(string index) => nodes.AskAsync<DataReply>("node-1", new GetIndex("shop", "orders", index));

    private Task<DataReply> LookUpAsync(string key) =>
        nodes.AskAsync<DataReply>("node-1", new ReadIndexEntries("shop", "orders", "by-n", key, "", "", 10));

    private void Hold(string point)
    {
        if (point == Failpoints.IndexPieceBuilt)
        {
            held++;
            gate.Wait();
            if (dying)
            {
                throw new OperationCanceledException();
            }
        }
    }
}
