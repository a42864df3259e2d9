using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class NodeActorTests : PatientTestKit
{
    private TestNodes nodes = null!;

    [Fact]
    public async Task A_written_document_is_read_back()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);

        var written = Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{\"n\":1}"));

        Assert.Equal(1, written.Term);
        var found = Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "a"));
        Assert.Equal("{\"n\":1}"u8.ToArray(), found.Body.ToArray());
        Assert.Equal(written.Rev, found.Rev);
    }

    [Fact]
    public async Task Writes_that_come_together_are_all_acknowledged_in_order()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);

        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => nodes.PutAsync("node-1", $"d{i}", "{}")));

        var sequences = replies.Cast<DocumentWritten>().Select(written => written.Sequence).Order().ToList();
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), sequences);
    }

    [Fact]
    public async Task A_write_that_expects_another_revision_changes_nothing()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{\"n\":1}");

        var reply = await nodes.AskAsync<DataReply>(
            "node-1", new PutDocument("shop", "orders", "a", "{\"n\":2}"u8.ToArray(), "", WriteConcern.Primary));

        Assert.Equal("a", Assert.IsType<WriteConflict>(reply).Id);
        Assert.Equal("{\"n\":1}"u8.ToArray(), Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "a")).Body.ToArray());
    }

    [Theory]
    [InlineData("member.json")]
    [InlineData("Member.JSON.tmp")]
    [InlineData("confirmed.json.damaged-1")]
    [InlineData("compactions.json")]
    [InlineData("orders.json.tmp")]
    public async Task No_database_takes_the_place_of_a_file_of_the_node(string database)
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);
        var writes = new DataRequest[]
        {
            new PutDocument(database, "c", "x", "{}"u8.ToArray(), null, WriteConcern.Primary),
            new WriteBulk(database, "c", [new BulkWrite("x", "{}"u8.ToArray())], WriteConcern.Primary),
            new PutCollection(database, "c", Orchestrator.Storage.CompressionSetting.None, null),
            new PutIndex(database, "c", "by-n", "$.n"),
        };

        foreach (var write in writes)
        {
            var refused = Assert.IsType<DataInvalid>(await nodes.AskAsync<DataReply>("node-1", write));
            Assert.Equal(("database", $"'{database}' is a file of the node's own; choose another name"), (refused.Field, refused.Message));
        }

        Assert.IsType<DocumentWritten>(await nodes.AskAsync<DataReply>(
            "node-1", new PutDocument($"x{database}", "c", "x", "{}"u8.ToArray(), null, WriteConcern.Primary)));
    }

    [Fact]
    public async Task Collections_and_their_indexes_are_bounded_in_number()
    {
        Begin(1, options => options with { MaxCollections = 2, MaxIndexes = 1 });
        await nodes.AppointAsync("node-1", 1, 1);
        foreach (var collection in (string[])["c1", "c2"])
        {
            Assert.IsType<DocumentWritten>(await Put(collection));
        }

        var refused = Assert.IsType<OrderRefused>(await Put("c3"));
        await AwaitReplyAsync<IndexDefined>("node-1", new PutIndex("shop", "c1", "by-n", "$.n"));
        await AwaitReplyAsync<OrderRefused>("node-1", new PutIndex("shop", "c1", "by-m", "$.m"));

        Assert.Contains("orchestrator.node.max-collections", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<DocumentWritten>(await Put("c1"));
        await AwaitReplyAsync<IndexDefined>("node-1", new PutIndex("shop", "c1", "by-n", "$.m"));
        Assert.IsType<CollectionDropped>(await nodes.AskAsync<DataReply>("node-1", new DropCollection("shop", "c2")));
        await AwaitReplyAsync<DocumentWritten>("node-1", new PutDocument("shop", "c3", "a", "{}"u8.ToArray(), null, WriteConcern.Primary));

        Task<DataReply> Put(string collection) =>
            nodes.AskAsync<DataReply>("node-1", new PutDocument("shop", collection, "a", "{}"u8.ToArray(), null, WriteConcern.Primary));
    }

    [Fact]
    public async Task Bad_input_is_answered_with_the_name_of_the_field()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);

        Assert.Equal(new DataInvalid("body", "document 'a' must be a JSON object"), await nodes.PutAsync("node-1", "a", "[1]"));
        var path = Assert.IsType<DataInvalid>(await nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "a..b")));
        Assert.Equal("path", path.Field);
        Assert.DoesNotContain("Parameter", path.Message, StringComparison.Ordinal);
        Assert.Equal("database", Assert.IsType<DataInvalid>(await nodes.AskAsync<DataReply>(
            "node-1", new PutDocument("_system", "catalog", "x", "{}"u8.ToArray(), null, WriteConcern.Primary))).Field);
        Assert.Equal("collection", Assert.IsType<DataInvalid>(await nodes.AskAsync<DataReply>(
            "node-1", new GetDocument("shop", "../x", "a", false))).Field);
    }

    [Fact]
    public async Task A_majority_write_is_not_confirmed_while_the_others_are_away()
    {
        Begin(3, options => options with { ConfirmationTimeout = TimeSpan.FromSeconds(1) });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");

        nodes.Feeds.CutOff("node-2");
        nodes.Feeds.CutOff("node-3");

        Assert.IsType<WriteNotConfirmed>(await nodes.PutAsync("node-1", "b", "{}"));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "c", "{}", WriteConcern.Primary));

        nodes.Feeds.Heal("node-2");
        await nodes.WrittenAsync("node-1", "d", "{}");
    }

    [Fact]
    public async Task A_primary_without_contact_to_a_majority_takes_no_writes_until_it_has_contact_again()
    {
        Begin(3, options => options with { Lease = TimeSpan.FromMilliseconds(600) });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.WrittenAsync("node-1", "a", "{}");
        nodes.Feeds.CutOff("node-1");

        await nodes.ObserveUntilAsync(
            "node-1", seen => seen.State == NodeState.Recovering && seen.Reason.Contains("majority", StringComparison.Ordinal));
        Assert.IsType<DataUnavailable>(await nodes.PutAsync("node-1", "b", "{}", WriteConcern.Primary));
        Assert.IsType<DataUnavailable>(await nodes.GetAsync("node-1", "a"));

        nodes.Feeds.Heal("node-1");
        await nodes.ObserveUntilAsync("node-1", seen => seen.State == NodeState.Online);
        await nodes.WrittenAsync("node-1", "b", "{}");
    }

    [Fact]
    public async Task A_secondary_names_the_primary_and_reads_only_when_told_so()
    {
        Begin(3);
        await nodes.AppointAsync("node-2", 1, 1);
        await nodes.PutAsync("node-2", "a", "{}");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");

        Assert.Equal(new NotPrimary("node-2", "memory://node-2"), await nodes.PutAsync("node-1", "b", "{}"));
        Assert.Equal(new NotPrimary("node-2", "memory://node-2"), await nodes.GetAsync("node-1", "a"));
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "a", fromAnyMember: true));
    }

    [Fact]
    public async Task An_unknown_collection_is_missing_and_a_first_write_creates_it()
    {
        Begin(3);
        await nodes.AppointAsync("node-1", 1, 1);

        Assert.Equal(new CollectionMissing("shop", "orders"), await nodes.GetAsync("node-1", "a"));
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "a", "{}"));
        Assert.Equal(1, (await nodes.AwaitEqualAsync("node-1", "node-2", "node-3")).Documents);
    }

    [Fact]
    public async Task An_index_reaches_every_member_and_is_dropped_everywhere()
    {
        Begin(3);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{\"city\":\"Ulm\"}");
        await nodes.PutAsync("node-1", "b", "{\"city\":\"Bonn\"}");

        Assert.Equal(
            new IndexDefined("by-city", "$.city"),
            await nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-city", "$.city")));
        var read = Assert.IsType<IndexEntriesRead>(await nodes.AskAsync<DataReply>(
            "node-1", new ReadIndexEntries("shop", "orders", "by-city", "", "\"A\"", "\"C\"", 10)));
        Assert.Equal(new IndexEntry("\"Bonn\"", "b"), Assert.Single(read.Entries));
        foreach (var node in nodes.Names)
        {
            await AwaitReplyAsync<IndexDefined>(node, new GetIndex("shop", "orders", "by-city"));
        }

        Assert.Equal(new IndexDropped("by-city"), await nodes.AskAsync<DataReply>("node-1", new DropIndex("shop", "orders", "by-city")));
        foreach (var node in nodes.Names)
        {
            await AwaitReplyAsync<IndexMissing>(node, new GetIndex("shop", "orders", "by-city"));
        }
    }

    [Fact]
    public async Task A_change_wakes_a_reader_that_waits_for_it()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");

        var waiting = nodes.AskAsync<DataReply>(
            "node-1", new ReadChanges("shop", "orders", 1, 100, TimeSpan.FromSeconds(60), new FeedReader.Client()));
        await nodes.PutAsync("node-1", "b", "{}");

        Assert.Equal("b", Assert.Single(Assert.IsType<ChangesRead>(await waiting).Batch.Changes).Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task A_position_beyond_the_feed_is_gone_on_the_primary_and_sent_there_by_the_others(int wait)
    {
        Begin(2);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");
        await AwaitReplyAsync<DocumentFound>("node-2", new GetDocument("shop", "orders", "a", FromAnyMember: true));
        var beyond = new ReadChanges("shop", "orders", 99, 10, TimeSpan.FromSeconds(wait), new FeedReader.Client());

        var gone = await nodes.AskAsync<HistoryParted>("node-1", beyond);

        Assert.Equal(1, gone.CommonSequence);
        Assert.Contains("since is 99, but the feed ends at 1", gone.Difference, StringComparison.Ordinal);
        Assert.IsType<NotPrimary>(await nodes.AskAsync<DataReply>("node-2", beyond));
        Assert.Empty((await nodes.AskAsync<ChangesRead>("node-1", beyond with { Since = 1, Wait = TimeSpan.Zero })).Batch.Changes);
    }

    [Fact]
    public async Task A_promise_ends_the_old_primarys_reign_and_no_lower_one_is_made()
    {
        Begin(3);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");

        var promise = await nodes.PromiseAsync("node-1", 5, 2);

        Assert.Equal(1, promise.Positions.Single(position => position.Database == "shop").Sequence);
        Assert.IsType<NotPrimary>(await nodes.PutAsync("node-1", "b", "{}"));
        Assert.Equal(RefusalCode.StaleTerm, (await nodes.AskAsync<CommandRefused>("node-1", new PromiseTerm(2, "rs", 4))).Code);
        Assert.Equal(RefusalCode.StaleEpoch, (await nodes.AskAsync<CommandRefused>("node-1", new ObserveNode(1))).Code);
    }

    [Fact]
    public async Task Promises_and_epochs_survive_a_restart()
    {
        Begin(1);
        await nodes.PromiseAsync("node-1", 5, 3);
        await nodes.StopAsync("node-1");
        nodes.Start("node-1");

        var observation = await nodes.ObserveUntilAsync("node-1", seen => seen.PromisedTerm == 5, epoch: 3);

        Assert.Equal(5, observation.PromisedTerm);
        Assert.Equal(RefusalCode.StaleEpoch, (await nodes.AskAsync<CommandRefused>("node-1", new ObserveNode(2))).Code);
    }

    [Fact]
    public async Task A_member_with_a_higher_promise_confirms_nothing_to_the_old_primary()
    {
        Begin(3, options => options with { ConfirmationTimeout = TimeSpan.FromSeconds(1) });
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");

        await nodes.PromiseAsync("node-2", 2, 1);
        await nodes.PromiseAsync("node-3", 2, 1);

        Assert.IsNotType<DocumentWritten>(await nodes.PutAsync("node-1", "b", "{}"));
    }

    [Fact]
    public async Task Stopped_writes_are_final_and_go_on_by_themselves()
    {
        Begin(3);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{}");

        var stop = new StopWrites(1, "rs", 1, TimeSpan.FromHours(1));
        var stopped = await nodes.AskAsync<WritesStopped>("node-1", stop);

        Assert.Equal(1, stopped.Positions.Single(position => position.Database == "shop").Sequence);
        Assert.IsType<DataUnavailable>(await nodes.PutAsync("node-1", "b", "{}"));
        Assert.IsType<DocumentFound>(await nodes.GetAsync("node-1", "a"));
        Assert.Equal(NodeState.SteppingDown, (await nodes.ObserveAsync("node-1")).State);

        // The order repeated with another end, which is near.
        await nodes.AskAsync<WritesStopped>("node-1", stop with { AtMost = TimeSpan.FromMilliseconds(100) });
        await nodes.ObserveUntilAsync("node-1", seen => seen.State == NodeState.Online);
        Assert.IsType<DocumentWritten>(await nodes.PutAsync("node-1", "b", "{}"));
    }

    [Fact]
    public async Task The_supervisor_that_observes_is_told_of_changes_of_state()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);
        var supervisor = CreateTestProbe();
        nodes["node-1"].Tell(new ObserveNode(1), supervisor.Ref);
        supervisor.ExpectMsg<NodeObservation>();

        nodes["node-1"].Tell(new StopWrites(1, "rs", 1, TimeSpan.FromMilliseconds(200)), supervisor.Ref);

        var changes = new[] { Change(supervisor.FishForMessage(message => message is NodeStateChanged)), Change(supervisor.FishForMessage(message => message is NodeStateChanged)) };
        Assert.Equal([(NodeState.Online, NodeState.SteppingDown), (NodeState.SteppingDown, NodeState.Online)], changes);
    }

    [Fact]
    public async Task A_member_that_cannot_read_its_promises_fails_and_takes_no_part()
    {
        Begin(1);
        await nodes.PromiseAsync("node-1", 5, 3);
        await nodes.StopAsync("node-1");
        await File.WriteAllTextAsync(Path.Combine(nodes.DirectoryOf("node-1"), "member.json"), "{");
        nodes.Start("node-1");

        var seen = await nodes.ObserveUntilAsync("node-1", seen => seen.State == NodeState.Failed);

        Assert.Contains("member.json", seen.Reason, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.WrongState, (await nodes.AskAsync<CommandRefused>("node-1", new PromiseTerm(9, "rs", 9))).Code);
    }

    [Fact]
    public async Task Replacing_an_index_leaves_only_the_new_one()
    {
        Begin(1);
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.PutAsync("node-1", "a", "{\"city\":\"Ulm\",\"zip\":89073}");
        await nodes.AskAsync<IndexDefined>("node-1", new PutIndex("shop", "orders", "by", "$.city"));

        await nodes.AskAsync<IndexDefined>("node-1", new PutIndex("shop", "orders", "by", "$.zip"));

        var read = await nodes.AskAsync<IndexEntriesRead>("node-1", new ReadIndexEntries("shop", "orders", "by", "89073", "", "", 10));
        Assert.Equal(new IndexEntry("89073", "a"), Assert.Single(read.Entries));
        Assert.Equal(new IndexMissing("nope"), await nodes.AskAsync<DataReply>("node-1", new DropIndex("shop", "orders", "nope")));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes?.Dispose();
    }

    private static (NodeState From, NodeState To) Change(object message) => (((NodeStateChanged)message).From, ((NodeStateChanged)message).To);

    private void Begin(int count, Func<NodeOptions, NodeOptions>? adjust = null) => nodes = new TestNodes(Sys, count, adjust);

    private async Task AwaitReplyAsync<T>(string node, DataRequest request)
        where T : DataReply
    {
        await TestNodes.AwaitReplyAsync<T>(() => nodes.AskAsync<DataReply>(node, request));
    }
}
