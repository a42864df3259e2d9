using System.Text.Json;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

public sealed class RollBackTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_member_that_went_its_own_way_saves_what_it_drops_and_becomes_equal_to_the_primary()
    {
        using var old = Stores.Open(directory, indexes: [Stores.ByNumber]);
        using var primary = Stores.OpenAt(Path.Combine(directory.Path, "primary"), indexes: Stores.ByNumber);
        old.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", $$"""{"number":{{i}}}"""))], 1);
        FeedTests.Replicate(old, primary);

        // Not replicated: an overwrite, a delete, a new document; then the other one is appointed.
        old.Commit([Stores.Put("d2", "{\n\"number\":\n22}"), Stores.Delete("d3"), Stores.Put("new", """{"number":7}""")], 1);
        primary.Feed.StartTerm(2);
        primary.Commit([Stores.Put("d4", """{"number":44}"""), Stores.Delete("d5"), Stores.Put("without-number", "{}")], 2);

        var end = primary.Feed.EndOfTerm(old.Position.Term);
        Assert.Equal(new FeedPosition(1, 6), end);
        Assert.Throws<FeedConflictException>(() => old.Feed.Apply(primary.ReadChanges(7)));
        var result = old.Feed.RollBack(Math.Min(end.Seq, old.Position.Seq));

        Assert.Equal((3, 3), (result.DroppedRows, result.PendingRefetch));
        Assert.Equal(["d2", "d3", "new"], old.Feed.PendingRefetch(10));
        var saved = File.ReadAllLines(result.SavedFile!).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([7L, 8L, 9L], saved.Select(line => line.GetProperty("seq").GetInt64()));
        Assert.Equal(22, saved[0].GetProperty("body").GetProperty("number").GetInt32());
        Assert.True(saved[1].TryGetProperty("deletedAt", out _));

        FeedTests.Replicate(primary, old);
        foreach (var id in old.Feed.PendingRefetch(10))
        {
            old.Feed.CompleteRefetch(id, primary.GetChange(id));
        }

        Assert.Equal(0, old.Feed.PendingRefetchCount);
        Assert.Equal(primary.Checksum(), old.Checksum());
        Assert.Equal(primary.Feed.TermHistory, old.Feed.TermHistory);
        Assert.Equal(Keys(primary), Keys(old));
        Assert.Equal(primary.DocumentCount, old.DocumentCount);
    }

    [Fact]
    public void A_rolled_back_member_is_complete_only_when_it_has_everything_that_the_primary_had()
    {
        using var old = Stores.Open(directory);
        using var primary = Stores.OpenAt(Path.Combine(directory.Path, "primary"));
        old.Commit([Stores.Put("kept", "{}"), Stores.Put("changed", "{}"), Stores.Put("other", "{}")], 1);
        FeedTests.Replicate(old, primary);
        old.Commit([Stores.Put("changed", """{"by":"nobody"}"""), Stores.Put("other", """{"by":"nobody"}""")], 1);
        primary.Commit([Stores.Put("new", "{}"), Stores.Put("other", """{"by":2}""")], 2);

        Assert.True(old.IsComplete);
        old.Feed.RollBack(3);
        Assert.False(old.IsComplete);

        old.Feed.CompleteRefetch("changed", primary.GetChange("changed"));
        old.Feed.CompleteRefetch("other", primary.GetChange("other"));
        Assert.Equal(0, old.Feed.PendingRefetchCount);
        Assert.False(old.IsComplete);
        old.Feed.Apply(primary.ReadChanges(3, 1));
        Assert.False(old.IsComplete);
        old.Feed.Apply(primary.ReadChanges(4));

        Assert.True(old.IsComplete);
        Assert.Equal(primary.Checksum(), old.Checksum());
    }

    [Fact]
    public void What_was_left_to_one_sources_feed_is_fetched_again_from_the_next_source()
    {
        using var old = Stores.Open(directory);
        using var second = Stores.OpenAt(Path.Combine(directory.Path, "second"));
        using var third = Stores.OpenAt(Path.Combine(directory.Path, "third"));
        old.Commit([Stores.Put("x", """{"v":1}"""), Stores.Put("y", "{}")], 1);
        FeedTests.Replicate(old, second);
        FeedTests.Replicate(old, third);
        old.Commit([Stores.Put("x", """{"v":"nobody"}""")], 1);
        second.Commit([Stores.Put("x", """{"v":"also nobody"}""")], 2);
        third.Commit([Stores.Put("z", "{}")], 3);

        old.Feed.RollBack(2);
        old.Feed.CompleteRefetch("x", second.GetChange("x"));
        Assert.Equal(0, old.Feed.PendingRefetchCount);
        old.Feed.ForgetSource();

        Assert.Equal(["x"], old.Feed.PendingRefetch(10));
        FeedTests.Replicate(third, old);
        Assert.False(old.IsComplete);
        old.Feed.CompleteRefetch("x", third.GetChange("x"));
        FeedTests.Replicate(third, old);
        Assert.True(old.IsComplete);
        Assert.Equal(third.Checksum(), old.Checksum());
    }

    [Fact]
    public void A_member_that_is_emptied_to_be_copied_anew_is_complete_at_the_end_of_the_feed()
    {
        using var member = Stores.Open(directory);
        using var primary = Stores.OpenAt(Path.Combine(directory.Path, "primary"));
        primary.Commit([.. Enumerable.Range(1, 9).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        FeedTests.Replicate(primary, member);

        Assert.Equal(0, member.Feed.RollBack(0).PendingRefetch);

        Assert.False(member.IsComplete);
        member.Feed.Apply(primary.ReadChanges(0, 3));
        member.Dispose();
        using var again = Stores.Open(directory);
        Assert.False(again.IsComplete);
        Assert.Throws<CompactionRefusedException>(() => again.Compaction.Start(CompactionRequest.Everything));
        FeedTests.Replicate(primary, again);
        Assert.True(again.IsComplete);
        Assert.Equal(primary.Checksum(), again.Checksum());
    }

    [Fact]
    public void Nothing_is_rolled_back_where_nothing_comes_after()
    {
        using var store = Stores.Open(directory);
        store.Commit([Stores.Put("a", "{}")], 1);
        Assert.Equal(new RollBackResult(0, null, 0), store.Feed.RollBack(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Feed.RollBack(-1));
    }

    [Fact]
    public void A_refetched_version_that_the_feed_has_brought_already_is_left_alone()
    {
        using var store = Stores.Open(directory);
        store.Commit([Stores.Put("kept", "{}"), Stores.Put("a", "{}"), Stores.Put("b", "{}")], 1);
        var stale = store.GetChange("a")!;
        store.Feed.RollBack(1);
        store.Commit([Stores.Put("a", """{"v":2}""")], 2);

        store.Feed.CompleteRefetch("a", stale);
        store.Feed.CompleteRefetch("b", null);
        store.Feed.CompleteRefetch("never-heard-of", stale);

        Assert.Equal("""{"v":2}""", store.Get("a")!.Body.Json());
        Assert.Equal(0, store.Feed.PendingRefetchCount);
        Assert.Null(store.Get("b"));
    }

    [Fact]
    public void A_refetched_version_at_another_documents_place_is_refused()
    {
        using var store = Stores.Open(directory, indexes: [Stores.ByNumber]);
        store.Commit([Stores.Put("a", """{"number":1}"""), Stores.Put("b", """{"number":2}""")], 1);
        var second = store.GetChange("b")!;
        store.Feed.RollBack(1);
        Assert.Throws<FeedConflictException>(() => store.Feed.CompleteRefetch("b", second with { Seq = 1 }));
        Assert.Equal(["1"], store.LookUp("by-number", new(null, null)).Select(entry => entry.Key.ToString()));
        Assert.Equal(1, store.Feed.PendingRefetchCount);
    }

    [Fact]
    public void A_collection_that_is_emptied_waits_for_no_refetch()
    {
        using var store = Stores.Open(directory);
        store.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}")], 1);
        Assert.Equal((2, 0), (store.Feed.RollBack(0).DroppedRows, store.Feed.PendingRefetchCount));
        Assert.Equal(FeedPosition.Empty, store.Position);
    }

    [Fact]
    public void A_compaction_is_refused_while_refetches_are_pending_and_fails_when_the_files_are_rolled_back()
    {
        using var store = Stores.Open(directory);
        var random = new Random(3);
        var ids = Stores.Fill(store, random, 200, 200, 600);
        var rolledBack = false;
        using (var job = store.Compaction.Start(CompactionRequest.Everything, _ =>
        {
            if (!rolledBack)
            {
                rolledBack = true;
                store.Feed.RollBack(150);
            }
        }))
        {
            Assert.Throws<CompactionRefusedException>(() => job.RunOnline(CancellationToken.None));
            Assert.Throws<CompactionRefusedException>(() => store.Compaction.FinishUnit(job));
        }

        Assert.Contains("50 documents", Assert.Throws<CompactionRefusedException>(() => store.Compaction.Start(CompactionRequest.Everything)).Message);
        foreach (var id in store.Feed.PendingRefetch(100))
        {
            store.Feed.CompleteRefetch(id, null);
        }

        store.Feed.Apply(new ChangeBatch(150, 1, 150, [], [], store.Position, 0));
        Stores.Compact(store);
        Assert.Equal(ids[..150].Order(), store.Scan().Select(document => document.Id).Order());
    }

    private static List<(string Key, string Id)> Keys(CollectionStore store) =>
        [.. store.LookUp("by-number", new(null, null)).Select(entry => (entry.Key.ToString(), entry.Document.Id))];
}
