using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

/// <summary>Collections that are dropped, and others that are created under their names.</summary>
public sealed class DropTests : PatientTestKit
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
    public async Task A_member_that_was_away_drops_when_it_comes_back_and_has_nothing_of_the_former_collection()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        await nodes.StopAsync("node-3");
        Assert.IsType<CollectionDropped>(await DropAsync());
        await CreateAsync("new");
        Assert.True(Directory.Exists(FilesOf("node-3")));

        nodes.Start("node-3");
        await nodes.AppointAsync("node-1", 2, 1);

        Assert.Equal(1, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-3")), "node-3 kept the files");
        Assert.Empty((await nodes.ObserveAsync("node-3")).Alarms);
        Assert.IsType<DocumentMissing>(await nodes.GetAsync("node-3", "d0", fromAnyMember: true));
    }

    [Fact]
    public async Task The_longer_history_of_the_dropped_collection_makes_nobody_the_source_of_a_later_one()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        nodes.Feeds.CutOff("node-3");
        Assert.IsType<CollectionDropped>(await DropAsync());
        await CreateAsync("new");

        // Node-3 promises with 95 changes of the former collection, node-1 with one of the present one.
        var appointment = await nodes.AppointAsync("node-1", 2, 1);

        Assert.DoesNotContain(appointment.CatchUp, source => source.Position.Collection.Contains('~'));
        nodes.Feeds.Heal("node-3");
        Assert.Equal(1, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
    }

    [Fact]
    public async Task A_drop_that_only_the_dead_primary_had_is_taken_back_with_all_documents()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        nodes.Feeds.CutOff("node-1");
        var dropping = DropAsync();
        await TestNodes.AwaitReplyAsync<CollectionMissing>(() => nodes.GetAsync("node-1", "d0", fromAnyMember: true));

        Assert.True(Directory.Exists(FilesOf("node-1")), "a single member's word removed files");
        await nodes.AppointAsync("node-2", 2, 1, "node-2", "node-3");
        Assert.IsType<DocumentWritten>(await nodes.AskAsync<DataReply>(
            "node-2", new PutDocument("shop", "items", "a", "{}"u8.ToArray(), null, WriteConcern.Majority)));
        Assert.IsNotType<CollectionDropped>(await dropping);
        nodes.Feeds.Heal("node-1");
        await nodes.AppointAsync("node-2", 3, 1);

        Assert.Equal(5, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
        await TestNodes.AwaitReplyAsync<DocumentFound>(() => nodes.GetAsync("node-1", "d0", fromAnyMember: true));
    }

    [Fact]
    public async Task The_next_primary_settles_a_drop_that_the_one_before_could_not()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);

        // Node-1 never learns that node-2 has the drop, so it cannot let anybody remove files.
        nodes.Feeds.CutOff("node-3");
        _ = DropAsync();
        await TestNodes.AwaitReplyAsync<CollectionMissing>(() => nodes.GetAsync("node-2", "d0", fromAnyMember: true));
        nodes.Feeds.CutOff("node-1");
        await nodes.StopAsync("node-1");
        nodes.Feeds.Heal("node-3");
        await nodes.AppointAsync("node-2", 2, 1, "node-2", "node-3");

        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-2")) && !Directory.Exists(FilesOf("node-3")), "the files stayed");
        nodes.Feeds.Heal("node-1");
        nodes.Start("node-1");
        await nodes.AppointAsync("node-2", 3, 1);
        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-1")), "node-1 kept the files");
    }

    [Fact]
    public async Task What_a_crash_left_of_the_files_is_removed_with_the_next_start()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        Assert.IsType<CollectionDropped>(await DropAsync());
        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-2")), "node-2 kept the files");
        await nodes.StopAsync("node-2");
        Directory.CreateDirectory(FilesOf("node-2"));
        await File.WriteAllTextAsync(Path.Combine(FilesOf("node-2"), "documents.sqlite-wal"), "rest");

        nodes.Start("node-2");

        await nodes.UntilAsync(() => !Directory.Exists(FilesOf("node-2")), "node-2 kept the rest");
    }

    [Fact]
    public async Task A_reader_that_waits_on_the_feed_is_answered_when_the_collection_is_dropped()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        var reading = nodes.AskAsync<DataReply>("node-1", new ReadChanges("shop", "orders", 1, 10, TimeSpan.FromSeconds(60), new FeedReader.Client()));

        Assert.IsType<CollectionDropped>(await DropAsync());

        Assert.Contains("is being closed", Assert.IsType<DataUnavailable>(await reading).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_and_settings_of_the_dropped_collection_are_not_those_of_the_next()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 50);
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));

        // One request behind the other: the index is written to the catalog after the drop.
        var dropping = DropAsync();
        _ = nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "late", "$.late"));
        Assert.IsType<CollectionDropped>(await dropping);
        await CreateAsync("new");

        var described = await nodes.AskAsync<CollectionDescribed>("node-1", new DescribeCollection("shop", "orders"));
        Assert.Empty(described.Settings.Indexes);
        Assert.Empty(described.Building);
    }

    [Fact]
    public async Task The_feed_of_another_collection_of_the_name_is_refused_to_members()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        Assert.IsType<CollectionDropped>(await DropAsync());
        await CreateAsync("b");
        var reader = new FeedReader.Member("node-2", 1, 0);

        var answer = await nodes.AskAsync<DataReply>("node-1", new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, reader));

        Assert.Contains("different collections of the name", Assert.IsType<DataUnavailable>(answer).Reason, StringComparison.Ordinal);
        Assert.IsType<ChangesRead>(await nodes.AskAsync<DataReply>(
            "node-1", new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, reader with { Incarnation = 2 })));
    }

    [Fact]
    public async Task The_nodes_own_collections_cannot_be_dropped()
    {
        await nodes.AppointAsync("node-1", 1, 1);

        var answer = await nodes.AskAsync<DataReply>("node-1", new DropCollection("_system", "catalog"));

        Assert.Contains("reserved", Assert.IsType<DataInvalid>(answer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_is_rebuilt_that_has_a_later_collection_of_a_dropped_name()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        Assert.IsType<CollectionDropped>(await DropAsync());
        await CreateAsync("b");
        await nodes.AwaitEqualAsync([.. nodes.Names]);
        await nodes.StopAsync("node-3");
        await File.WriteAllTextAsync(Path.Combine(nodes.DirectoryOf("node-3"), "member.json"), "damaged");
        nodes.Start("node-3");
        await nodes.ObserveUntilAsync("node-3", seen => seen.State == NodeState.Failed);

        Assert.IsType<ResyncBegun>(await nodes.AskAsync<object>("node-3", new ResyncCollection(1, "", "")));

        await TestNodes.UntilFollowedAsync(() => nodes.AskAsync<object>(
            "node-3", new FollowAppointment(1, "rs", new Appointment(1, "node-1", "memory://node-1", nodes.Names, []))));
        Assert.Equal(1, (await nodes.AwaitEqualAsync([.. nodes.Names])).Documents);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private Task<DataReply> DropAsync() => nodes.AskAsync<DataReply>("node-1", new DropCollection("shop", "orders"));

    private async Task CreateAsync(string id) => Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", id, "{}"));

    private string FilesOf(string node) => Path.Combine(nodes.DirectoryOf(node), "shop", "orders");
}
