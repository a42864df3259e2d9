using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class CollectionSettingsTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public CollectionSettingsTests()
    {
        nodes = new TestNodes(Sys, 3, options => options with { TombstoneRetention = TimeSpan.Zero });
    }

    [Fact]
    public async Task Settings_reach_every_member_and_survive_a_restart()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        var put = new PutCollection("shop", "orders", CompressionSetting.Create("brotli", 5), new CapLimit(null, 7));

        var described = await PutAsync(put);

        Assert.Equal((put.Compression, put.Cap), (described.Settings.Compression, described.Settings.Cap));
        await nodes.StopAsync("node-3");
        nodes.Start("node-3");
        foreach (var node in nodes.Names)
        {
            await DescribedAsync(node, seen => seen.Settings.Compression == put.Compression && seen.Settings.Cap == put.Cap);
        }

        // Indexes and settings do not overwrite one another.
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));
        await PutAsync(put with { Cap = null });
        foreach (var node in nodes.Names)
        {
            await DescribedAsync(node, seen => seen.Settings is { Cap: null, Indexes: [{ Name: "by-n" }] } && seen.Settings.Compression == put.Compression);
        }
    }

    [Fact]
    public async Task A_capped_collection_loses_its_oldest_documents_on_every_member_and_is_not_compacted()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await PutAsync(new PutCollection("shop", "orders", CompressionSetting.None, new CapLimit(null, 5)));

        for (var i = 0; i < 12; i++)
        {
            Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", $"d{i}", "{}"));
        }

        Assert.Equal(5, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-2", "d6", fromAnyMember: true));
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-2", "d7", fromAnyMember: true));
        var inventory = await nodes.AskAsync<NodeInventory>("node-2", new TakeInventory(1, ""));
        Assert.Contains("capped", Assert.Single(inventory.Units).Refusal, StringComparison.Ordinal);
        var refused = await nodes.AskAsync<CommandRefused>("node-2", new CompactUnits(
            1, new CompactionTicket("run-1", 1, 1), [new DocumentsUnit("shop", "orders")], new CompactionSettings("", false, 0, "")));
        Assert.Contains("capped", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tombstones_of_a_capped_collection_are_dropped_on_every_member_while_it_writes()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await PutAsync(new PutCollection("shop", "orders", CompressionSetting.None, new CapLimit(null, 5)));

        var written = 0;
        foreach (var node in nodes.Names)
        {
            await TestNodes.AwaitReplyAsync<ChangesRead>(async () =>
            {
                await nodes.WrittenAsync("node-1", $"d{written++}", "{}");
                var reply = await nodes.AskAsync<DataReply>(node, new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, new FeedReader.Client()));
                return reply is ChangesRead { Batch.PurgedThrough: > 0 } ? reply : new DataUnavailable($"{node} has dropped none: {reply}", TimeSpan.Zero);
            });
        }
    }

    [Fact]
    public async Task A_compaction_stores_old_documents_as_the_new_setting_says()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1");
        var before = await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await PutAsync(new PutCollection("shop", "orders", CompressionSetting.Create("deflate"), null));
        await DescribedAsync("node-2", seen => seen.Settings.Compression.Codec == CompressionCodec.Deflate);
        var ticket = new CompactionTicket("run-1", 1, 1);

        await nodes.AskAsync<CompactionRunning>("node-2", new CompactUnits(
            1, ticket, [new DocumentsUnit("shop", "orders")], new CompactionSettings("rewrite", false, 0, "")));
        var done = await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", ticket);

        Assert.True(Assert.Single(done.Units).CompressionRatio > 2, $"the ratio is {done.Units[0].CompressionRatio}");
        Assert.Equal(before, await nodes.AwaitEqualAsync("node-1", "node-2", "node-3"));
    }

    [Fact]
    public async Task A_secondary_names_the_primary_for_settings_and_the_node_s_own_collection_has_none()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        var put = new PutCollection("shop", "orders", CompressionSetting.None, null);
        await PutAsync(put);
        await DescribedAsync("node-2", _ => true);

        Assert.IsType<NotPrimary>(await nodes.AskAsync<DataReply>("node-2", put));
        Assert.Equal("database", Assert.IsType<DataInvalid>(
            await nodes.AskAsync<DataReply>("node-1", put with { Database = "_system", Collection = "catalog" })).Field);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private Task<CollectionDescribed> PutAsync(PutCollection put) =>
        TestNodes.AwaitReplyAsync<CollectionDescribed>(() => nodes.AskAsync<DataReply>("node-1", put));

    private async Task DescribedAsync(string node, Predicate<CollectionDescribed> condition)
    {
        await TestNodes.AwaitReplyAsync<CollectionDescribed>(async () =>
        {
            var reply = await nodes.AskAsync<DataReply>(node, new DescribeCollection("shop", "orders"));
            return reply is CollectionDescribed described && condition(described) ? described : new DataUnavailable($"not yet on {node}: {reply}", TimeSpan.Zero);
        });
    }
}
