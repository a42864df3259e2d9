using Akka.TestKit.Xunit2;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

/// <summary>Collections that are dropped, and others that are created under their names.</summary>
public sealed class DropTests : TestKit
{
    private readonly TestNodes nodes;

    public DropTests()
    {
        nodes = new TestNodes(Sys, 3);
    }

    [Fact]
    public async Task A_dropped_collection_is_gone_from_every_member_with_its_files()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));
        Assert.IsType<DocumentWritten>(await nodes.AskAsync<DataReply>("node-1", new PutDocument("shop", "items", "a", "{}"u8.ToArray(), null, WriteConcern.Majority)));

        Assert.IsType<CollectionDropped>(await DropAsync());

        Assert.IsType<CollectionMissing>(await nodes.GetAsync("node-1", "d0"));
        Assert.IsType<CollectionMissing>(await DropAsync());
        foreach (var node in nodes.Names)
        {
            await nodes.UntilAsync(() => !Directory.Exists(FilesOf(node)), $"{node} kept the files");
            Assert.IsType<CollectionMissing>(await nodes.GetAsync(node, "d0", fromAnyMember: true));
            Assert.Equal(["items"], Assert.IsType<CollectionsListed>(await nodes.AskAsync<DataReply>(node, new ListCollections())).Collections.Select(one => one.Collection));
        }

        Assert.IsType<DocumentFound>(await nodes.AskAsync<DataReply>("node-1", new GetDocument("shop", "items", "a", false)));
    }

    [Fact]
    public async Task A_collection_of_a_dropped_name_has_nothing_of_the_former_one()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        for (var times = 1; times <= 2; times++)
        {
            await nodes.FragmentAsync("node-1", documents: 50);
            Assert.IsType<CollectionDropped>(await DropAsync());
            await CreateAsync("new");
            Assert.Equal(1, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
            foreach (var node in nodes.Names)
            {
                Assert.IsType<DocumentMissing>(await nodes.GetAsync(node, "d0", fromAnyMember: true));
                await nodes.UntilAsync(() => !Directory.Exists(FilesOf(node)) && Directory.Exists($"{FilesOf(node)}~{times + 1}"), $"{node} has the wrong files");
            }
        }

        await nodes.StopAsync("node-1");
        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "new"));
    }

    [Fact]
    public async Task A_member_that_was_away_never_mixes_the_former_collection_with_a_later_one()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        await nodes.StopAsync("node-3");
        Assert.IsType<CollectionDropped>(await DropAsync());

        var refused = Assert.IsType<DataUnavailable>(await nodes.PutAsync("node-1", "new", "{}"));

        Assert.Contains("once every member of the replica set knows", refused.Reason, StringComparison.Ordinal);
        Assert.True(Directory.Exists(FilesOf("node-3")));
        nodes.Start("node-3");
        await nodes.AppointAsync("node-1", 2, 1);
        await CreateAsync("new");
        Assert.Equal(1, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-3")), "node-3 kept the files");
    }

    [Fact]
    public async Task The_feed_of_another_collection_of_the_name_is_refused_to_members()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        Assert.IsType<CollectionDropped>(await DropAsync());
        await CreateAsync("b");

        var answer = await nodes.AskAsync<DataReply>("node-1", new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, new FeedReader.Member("node-2", 1, 0)));

        Assert.Contains("different collections of the name", Assert.IsType<DataUnavailable>(answer).Reason, StringComparison.Ordinal);
        Assert.IsType<ChangesRead>(await nodes.AskAsync<DataReply>(
            "node-1", new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, new FeedReader.Member("node-2", 1, 0, 0, Incarnation: 2))));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private Task<DataReply> DropAsync() => nodes.AskAsync<DataReply>("node-1", new DropCollection("shop", "orders"));

    private Task CreateAsync(string id) => TestNodes.AwaitReplyAsync<DocumentWritten>(() => nodes.PutAsync("node-1", id, "{}"));

    private string FilesOf(string node) => Path.Combine(nodes.DirectoryOf(node), "shop", "orders");
}
