using System.Text;
using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class NodeUpkeepTests : PatientTestKit
{
    private readonly TestNodes nodes;

    public NodeUpkeepTests()
    {
        nodes = new TestNodes(Sys, 3);
    }

    [Fact]
    public async Task A_damaged_collection_is_named_while_the_others_are_served_and_is_copied_anew()
    {
        await BeginAsync();
        await TestNodes.AwaitReplyAsync<DocumentWritten>(() => nodes.AskAsync<DataReply>(
            "node-1", new PutDocument("other", "things", "a", "{}"u8.ToArray(), null, WriteConcern.Majority)));
        await OtherAsync("node-2");
        await DamageAsync("node-2");

        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Failed);
        Assert.Contains("documents.sqlite", seen.Reason, StringComparison.Ordinal);
        var failed = Assert.Single(seen.FailedCollections);
        Assert.Equal(("shop", "orders"), (failed.Database, failed.Collection));
        Assert.Contains("documents.sqlite", failed.Reason, StringComparison.Ordinal);
        Assert.IsType<DocumentFound>(await OtherAsync("node-2"));
        Assert.Contains("documents.sqlite", Assert.IsType<DataUnavailable>(await nodes.GetAsync("node-2", "d0", true)).Reason, StringComparison.Ordinal);
        var inventory = await nodes.AskAsync<NodeInventory>("node-2", new TakeInventory(1, ""));
        Assert.DoesNotContain(inventory.Units, unit => unit.Size.Unit.Database == "shop");
        Assert.Contains(inventory.Units, unit => unit.Size.Unit.Database == "other");

        var begun = await nodes.AskAsync<ResyncBegun>("node-2", new ResyncCollection(1, "shop", "orders"));
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);

        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        var aside = Assert.Single(Directory.GetDirectories(begun.KeptIn));
        Assert.True(File.Exists(Path.Combine(aside, "documents.sqlite")));
    }

    [Fact]
    public async Task Damage_that_shows_only_when_changes_are_taken_over_is_named_too()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await WriteAllAsync("long");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.StopAsync("node-2");
        await OverwriteHalfAsync("node-2");
        await WriteAllAsync("other");
        nodes.Start("node-2");

        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.FailedCollections.Count > 0);
        Assert.Contains("cannot take over the primary's changes", Assert.Single(seen.FailedCollections).Reason, StringComparison.Ordinal);

        await nodes.AskAsync<ResyncBegun>("node-2", new ResyncCollection(1, "shop", "orders"));
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    [Fact]
    public async Task Damage_that_a_primary_finds_when_it_writes_is_named_too()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await WriteAllAsync("long");
        await nodes.StopAsync("node-1");
        await OverwriteHalfAsync("node-1");
        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);

        var writes = new WriteBulk("shop", "orders", [.. Enumerable.Range(0, 200).Select(i => new BulkWrite($"d{i}", "{}"u8.ToArray()))], WriteConcern.Primary);
        await TestNodes.AwaitReplyAsync<DataUnavailable>(async () => await nodes.AskAsync<DataReply>("node-1", writes) is DataUnavailable refused
            && refused.Reason.Contains("documents.sqlite", StringComparison.Ordinal) ? refused : new DataInvalid("documents", "not refused for its file yet"));

        var seen = await nodes.ObserveUntilAsync("node-1", seen => seen.FailedCollections.Count > 0);
        var failed = Assert.Single(seen.FailedCollections);
        Assert.Equal(("shop", "orders"), (failed.Database, failed.Collection));
        Assert.Contains("documents.sqlite", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(NodeState.Failed, seen.State);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("list")]
    [InlineData("changes")]
    [InlineData("summary")]
    [InlineData("verify")]
    [InlineData("compare")]
    public async Task Damage_that_only_a_read_finds_is_named_too(string how)
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await WriteAllAsync("long");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.StopAsync("node-2");
        await OverwriteHalfAsync("node-2");
        nodes.Start("node-2");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);

        Assert.Contains("documents.sqlite is damaged", await ReadAllAsync("node-2", how), StringComparison.Ordinal);

        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Failed);
        var failed = Assert.Single(seen.FailedCollections);
        Assert.Equal(("shop", "orders"), (failed.Database, failed.Collection));
        Assert.Contains("cannot be read: ", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("documents.sqlite is damaged", failed.Reason, StringComparison.Ordinal);
        Assert.StartsWith("shop/orders cannot be read", seen.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_index_that_a_look_up_finds_is_built_again()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await WriteAllAsync("long");
        await nodes.AskAsync<IndexDefined>("node-1", new PutIndex("shop", "orders", "by-text", "$.text"));
        await nodes.StopAsync("node-1");
        var index = Assert.Single(Directory.GetFiles(Path.Combine(nodes.DirectoryOf("node-1"), "shop", "orders", "indexes"), "*.sqlite"));
        await OverwriteHalfAsync(index, until: 1);
        nodes.Start("node-1");
        await nodes.AppointAsync("node-1", 2, 1);
        var lookUp = new ReadIndexEntries("shop", "orders", "by-text", "", "", "", 500);

        var refused = await TestNodes.AwaitReplyAsync<DataUnavailable>(async () => await nodes.AskAsync<DataReply>("node-1", lookUp) is DataUnavailable damage
            && damage.Reason.Contains("is damaged", StringComparison.Ordinal) ? damage : new DataInvalid("name", "not refused for its file yet"));

        Assert.Contains(Path.GetFileName(index), refused.Reason, StringComparison.Ordinal);
        Assert.Equal(200, (await TestNodes.AwaitReplyAsync<IndexEntriesRead>(() => nodes.AskAsync<DataReply>("node-1", lookUp))).Entries.Count);
        Assert.Empty((await nodes.ObserveAsync("node-1")).FailedCollections);
    }

    [Fact]
    public async Task A_member_that_copies_a_collection_anew_promises_nothing_before_it_has_it_whole()
    {
        await BeginAsync();
        nodes.Feeds.CutOff("node-2");

        await nodes.AskAsync<ResyncBegun>("node-2", new ResyncCollection(1, "shop", "orders"));
        var seen = await nodes.ObserveUntilAsync("node-2", seen => seen.Positions.Any(position => position is { Collection: "orders", Sequence: 0 }));

        Assert.Equal(NodeState.Recovering, seen.State);
        Assert.IsType<DataUnavailable>(await nodes.GetAsync("node-2", "d0", fromAnyMember: true));
        var refused = await nodes.AskAsync<CommandRefused>("node-2", new PromiseTerm(1, "rs", 2));
        Assert.Contains("shop/orders", refused.Reason, StringComparison.Ordinal);

        // Also not after a restart.
        await nodes.StopAsync("node-2");
        nodes.Start("node-2");
        await nodes.ObserveUntilAsync("node-2", seen => seen.Positions.Any(position => position is { Collection: "orders", Sequence: 0 }));
        Assert.Contains("shop/orders", (await nodes.AskAsync<CommandRefused>("node-2", new PromiseTerm(1, "rs", 2))).Reason, StringComparison.Ordinal);

        nodes.Feeds.Heal("node-2");
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
        await nodes.PromiseAsync("node-2", 2, 1);
    }

    [Fact]
    public async Task The_primary_is_not_copied_anew_and_an_unknown_collection_is_named()
    {
        await BeginAsync();

        var primary = await nodes.AskAsync<CommandRefused>("node-1", new ResyncCollection(1, "shop", "orders"));
        var unknown = await nodes.AskAsync<CommandRefused>("node-2", new ResyncCollection(1, "shop", "nope"));

        Assert.Equal(RefusalCode.WrongState, primary.Code);
        Assert.Contains("step it down", primary.Reason, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.NotFound, unknown.Code);
        Assert.Contains("shop/nope", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_with_equal_contents_verify_as_sound_and_equal()
    {
        await BeginAsync();
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));

        var first = await nodes.AskAsync<CollectionsVerified>("node-1", new VerifyCollections(1, "", ""));
        var second = await nodes.AskAsync<CollectionsVerified>("node-2", new VerifyCollections(1, "shop", "orders"));

        var verdict = Assert.Single(first.Collections);
        Assert.Empty(verdict.Problems);
        Assert.Equal(20, verdict.Documents);
        Assert.Equal(20, verdict.IndexEntries);
        Assert.Equal((verdict.Checksum, verdict.Position), (second.Collections[0].Checksum, second.Collections[0].Position));
        var unknown = await nodes.AskAsync<CommandRefused>("node-2", new VerifyCollections(1, "nope", ""));
        Assert.Contains("nope", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_collections_that_are_named_those_are_checked_that_the_member_has()
    {
        await BeginAsync();

        var verified = await nodes.AskAsync<CollectionsVerified>(
            "node-1", new VerifyCollections(1, "", "") { Collections = [new DocumentsUnit("_system", "catalog"), new DocumentsUnit("shop", "gone")] });

        var verdict = Assert.Single(verified.Collections);
        Assert.Equal(("_system", "catalog"), (verdict.Database, verdict.Collection));
        Assert.Empty(verdict.Problems);
    }

    [Fact]
    public async Task A_check_with_a_name_tells_its_progress_and_answers_whoever_ordered_it_last()
    {
        await BeginAsync();
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        // Both are there before the check can end.
        var node = (IInternalActorRef)nodes["node-2"];
        node.Suspend();
        node.Tell(new VerifyCollections(1, "", "") { Id = "check-1" }, first.Ref);
        node.Tell(new VerifyCollections(1, "", "") { Id = "check-1" }, second.Ref);
        node.Resume();

        var told = new List<object>();
        while (told is not [.., CollectionsVerified])
        {
            told.Add(first.HasMessages ? first.ExpectMsg<object>() : second.HasMessages ? second.ExpectMsg<object>() : await NothingYetAsync(told));
            told.RemoveAll(message => message is string);
        }

        // What was sent to the first before may have come between the two looks.
        while (first.HasMessages)
        {
            told.Add(first.ExpectMsg<object>());
        }

        Assert.Contains(told, message => message is FileCheckProgressed { Node: "node-2", Id: "check-1" });
        Assert.Single(told.OfType<CollectionsVerified>());

        static async Task<object> NothingYetAsync(List<object> told)
        {
            Assert.True(told.Count < 1_000);
            await Poll.PauseAsync();
            return "";
        }
    }

    [Fact]
    public async Task A_damaged_collection_is_not_sound()
    {
        await BeginAsync();
        await DamageAsync("node-2");
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Failed);

        var verified = await nodes.AskAsync<CollectionsVerified>("node-2", new VerifyCollections(1, "", ""));

        Assert.Contains("documents.sqlite", Assert.Single(Assert.Single(verified.Collections).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_a_dropped_index_stays_until_it_is_cleaned_up()
    {
        await BeginAsync();
        await TestNodes.AwaitReplyAsync<IndexDefined>(() => nodes.AskAsync<DataReply>("node-1", new PutIndex("shop", "orders", "by-n", "$.n")));
        await TestNodes.AwaitReplyAsync<IndexDropped>(() => nodes.AskAsync<DataReply>("node-1", new DropIndex("shop", "orders", "by-n")));
        var indexes = Path.Combine(nodes.DirectoryOf("node-1"), "shop", "orders", "indexes");
        var file = Assert.Single(Directory.GetFiles(indexes, "*.sqlite"));

        var cleaned = await nodes.AskAsync<IndexesCleanedUp>("node-1", new CleanUpIndexes(1, "", ""));

        Assert.Equal(file, Assert.Single(cleaned.Files).File);
        Assert.True(cleaned.BytesFreed > 0);
        Assert.Empty(Directory.GetFiles(indexes, "*.sqlite"));
    }

    [Fact]
    public async Task What_an_interrupted_compaction_left_goes_only_when_that_is_asked_for()
    {
        await BeginAsync();
        var copy = Path.Combine(nodes.DirectoryOf("node-2"), "shop", "orders", "documents.sqlite.compact");
        await File.WriteAllBytesAsync(copy, new byte[10_000]);

        Assert.Empty((await nodes.AskAsync<IndexesCleanedUp>("node-2", new CleanUpIndexes(1, "", ""))).Files);
        Assert.True(File.Exists(copy));
        var cleaned = await nodes.AskAsync<IndexesCleanedUp>("node-2", new CleanUpIndexes(1, "shop", "orders") { PartialCopies = true });

        Assert.Equal(copy, Assert.Single(cleaned.Files).File);
        Assert.True(cleaned.BytesFreed >= 10_000);
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public async Task A_direct_compaction_is_estimated_refused_by_name_and_done()
    {
        await BeginAsync();
        await nodes.ObserveUntilAsync("node-2", seen => seen.State == NodeState.Online);

        var estimated = Assert.IsType<CompactionEstimated>(await nodes.AskAsync<DataReply>("node-2", Direct(dryRun: true)));
        Assert.Equal(new DocumentsUnit("shop", "orders"), Assert.Single(estimated.Units).Size.Unit);
        var unknown = Assert.IsType<OrderRefused>(await nodes.AskAsync<DataReply>(
            "node-2", Direct() with { Indexes = Core.Planning.IndexSelection.Named(["nope"]) }));
        Assert.Equal(RefusalCode.NotFound, unknown.Code);
        Assert.Contains("nope", unknown.Reason, StringComparison.Ordinal);
        var primary = Assert.IsType<OrderRefused>(await nodes.AskAsync<DataReply>("node-1", Direct()));
        Assert.Equal(RefusalCode.WrongState, primary.Code);

        var started = Assert.IsType<OrderDone>(await nodes.AskAsync<DataReply>("node-2", Direct()));
        Assert.IsType<CompactionRunning>(started.Answer);
        await nodes.AwaitEndAsync<CompactionSucceeded>("node-2", DirectCompaction.TicketOf("direct-1"));
        Assert.Single(Assert.IsType<CompactionsListed>(await nodes.AskAsync<DataReply>("node-2", new ListCompactions())).Compactions);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        nodes.Dispose();
    }

    private static DirectCompaction Direct(bool dryRun = false) => new(
        "direct-1", "shop", "orders", true, Core.Planning.IndexSelection.All, new CompactionSettings("", false, 0, ""), dryRun);

    private async Task BeginAsync()
    {
        await nodes.AppointAsync("node-1", 1, 1);
        await nodes.FragmentAsync("node-1", documents: 200);
        await nodes.AwaitEqualAsync("node-1", "node-2", "node-3");
    }

    private async Task WriteAllAsync(string text)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"text":"{{string.Concat(Enumerable.Repeat(text, 300))}}"}""");
        var bulk = Enumerable.Range(0, 200).Select(i => new BulkWrite($"d{i}", body)).ToList();
        Assert.IsType<BulkWritten>(await nodes.AskAsync<DataReply>("node-1", new WriteBulk("shop", "orders", bulk, WriteConcern.Majority)));
    }

    /// <summary>Reads everything; gives the last refusal.</summary>
    private async Task<string> ReadAllAsync(string node, string how)
    {
        object[] questions = how switch
        {
            "get" => [.. Enumerable.Range(0, 200).Select(i => new GetDocument("shop", "orders", $"d{i}", true))],
            "list" => [new ListDocuments("shop", "orders", "", 500, true)],
            "changes" => [new ReadChanges("shop", "orders", 0, 500, TimeSpan.Zero, new FeedReader.Client())],
            "summary" => [new SummarizeCollection("shop", "orders")],
            "verify" => [new VerifyCollections(1, "shop", "orders")],
            _ => [new DigestRanges(1, "shop", "orders", 0, 1000, [])],
        };
        var refusal = "";
        foreach (var question in questions)
        {
            var answer = await nodes.AskAsync<object>(node, question);
            refusal = answer is DocumentFound ? refusal : answer is DataUnavailable unavailable ? unavailable.Reason : System.Text.Json.JsonSerializer.Serialize(answer);
        }

        return refusal;
    }

    private Task OverwriteHalfAsync(string node) => OverwriteHalfAsync(Path.Combine(nodes.DirectoryOf(node), "shop", "orders", "documents.sqlite"), until: 0.75);

    /// <summary>Overwrites a file from its first quarter on.</summary>
    private static async Task OverwriteHalfAsync(string path, double until)
    {
        await using var file = new FileStream(path, FileMode.Open);
        var from = file.Length / 4;
        var damage = new byte[(long)(file.Length * until) - from];
        Array.Fill(damage, (byte)0xFF);
        file.Position = from;
        file.Write(damage);
    }

    private async Task DamageAsync(string node)
    {
        await nodes.StopAsync(node);
        await using (var file = new FileStream(Path.Combine(nodes.DirectoryOf(node), "shop", "orders", "documents.sqlite"), FileMode.Open))
        {
            file.Write(new byte[1000]);
        }

        nodes.Start(node);
    }

    private Task<DocumentFound> OtherAsync(string node) => TestNodes.AwaitReplyAsync<DocumentFound>(
        () => nodes.AskAsync<DataReply>(node, new GetDocument("other", "things", "a", true)));
}
