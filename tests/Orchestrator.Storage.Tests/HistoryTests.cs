using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>The running checksum, by which members notice that histories of one term differ.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly TemporaryDirectory primary = new();
    private readonly TemporaryDirectory secondary = new();

    public void Dispose()
    {
        primary.Dispose();
        secondary.Dispose();
    }

    [Fact]
    public void A_follower_has_its_sources_checksum_although_it_does_not_see_what_was_replaced()
    {
        using var source = Stores.Open(primary);
        using var follower = Stores.Open(secondary);
        source.Commit([Stores.Put("a", """{"v":1}"""), Stores.Put("b", "{}")], 1);
        source.Commit([Stores.Put("a", """{"v":2}"""), Stores.Delete("b")], 1);
        Pull(source, follower);
        var first = source.Feed.HistoryChecksum;

        Assert.NotNull(first);
        Assert.Equal(first, follower.Feed.HistoryChecksum);
        Assert.Equal("", source.Feed.HistoryDifference(4, first.Value));

        source.Commit([Stores.Put("c", "  {\"v\":3}\n")], 1);
        Pull(source, follower);
        Assert.NotEqual(first, source.Feed.HistoryChecksum);
        Assert.Equal(source.Feed.HistoryChecksum, follower.Feed.HistoryChecksum);
    }

    [Fact]
    public void It_survives_a_restart_compactions_and_dropped_tombstones()
    {
        UInt128? before;
        using (var store = Fill(primary))
        {
            before = store.Feed.HistoryChecksum;
        }

        using (var store = Stores.Open(primary, Stores.Small))
        {
            Assert.Equal(before, store.Feed.HistoryChecksum);
            foreach (var mode in (CompactionMode[])[CompactionMode.Rewrite, CompactionMode.Exclusive, CompactionMode.Incremental])
            {
                Stores.Compact(store, ModeTests.Request(mode) with { Purge = new TombstonePurge(DateTimeOffset.MaxValue, store.Position.Seq) });
                Assert.Equal(before, store.Feed.HistoryChecksum);
                Assert.Equal("", store.Feed.HistoryDifference(store.Position.Seq, before!.Value));
            }

            Assert.True(store.ReadChanges(0).PurgedThrough > 0);
            store.Commit([Stores.Put("z", "{}")], 1);
        }

        using var again = Stores.Open(primary);
        Assert.NotNull(again.Feed.HistoryChecksum);
        Assert.Contains("checksum", again.Feed.HistoryDifference(again.Position.Seq, before!.Value), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_change_under_the_same_seq_and_term_is_noticed_by_both()
    {
        using var source = Stores.Open(primary);
        using var follower = Stores.Open(secondary);
        source.Commit([Stores.Put("a", """{"v":1}""")], 1);
        Pull(source, follower);
        source.Commit([Stores.Put("b", """{"by":"source"}""")], 1);
        follower.Commit([Stores.Put("b", """{"by":"follower"}""")], 1);

        // Equal positions, different contents.
        Assert.Equal(source.Position, follower.Position);
        Assert.NotEqual("", source.Feed.HistoryDifference(follower.Position.Seq, follower.Feed.HistoryChecksum!.Value));
        source.Commit([Stores.Put("c", "{}")], 1);
        Assert.Throws<DifferentHistoryException>(() => Pull(source, follower));
        Assert.Equal(2, follower.Position.Seq);
    }

    [Fact]
    public void Who_stands_in_the_middle_of_a_commit_has_another_history()
    {
        using var source = Stores.Open(primary);
        using var follower = Stores.Open(secondary);
        source.Commit([Stores.Put("a", "{}")], 1);
        Pull(source, follower);
        follower.Commit([Stores.Put("b", "{}")], 1);
        source.Commit([Stores.Put("c", "{}"), Stores.Put("d", "{}")], 1);

        Assert.Contains("no commit ends at change 2", source.Feed.HistoryDifference(2, follower.Feed.HistoryChecksum!.Value), StringComparison.Ordinal);
        Assert.Throws<DifferentHistoryException>(() => Pull(source, follower));
    }

    [Fact]
    public void Changes_that_do_not_lead_to_the_sources_checksum_are_refused()
    {
        using var source = Stores.Open(primary);
        using var follower = Stores.Open(secondary);
        source.Commit([Stores.Put("a", "{}")], 1);
        Pull(source, follower);
        source.Commit([Stores.Put("b", """{"v":1}""")], 1);
        var batch = source.ReadChanges(1);
        var changed = batch with { Changes = [batch.Changes[0] with { Body = """{"v":2}"""u8.ToArray() }] };

        Assert.Throws<DifferentHistoryException>(() => follower.Feed.Apply(changed));
        Assert.Equal(1, follower.Feed.Apply(batch).Applied);
    }

    [Fact]
    public void A_roll_back_forgets_what_comes_after_it()
    {
        using var store = Stores.Open(primary);
        store.Commit([Stores.Put("a", "{}")], 1);
        var first = store.Feed.HistoryChecksum;
        store.Commit([Stores.Put("b", "{}")], 1);
        store.Feed.RollBack(1);
        Assert.Equal("", store.Feed.HistoryDifference(2, 7));
        store.Feed.CompleteRefetch("b", null);

        using var source = Stores.Open(secondary);
        source.Commit([Stores.Put("a", "{}")], 1);
        source.Commit([Stores.Put("other", "{}")], 2);
        Pull(source, store);

        Assert.Equal(first, source.ReadChanges(0).History[1].Checksum);
        Assert.Equal(source.Feed.HistoryChecksum, store.Feed.HistoryChecksum);
    }

    [Fact]
    public void Only_the_last_commits_are_kept_and_a_source_that_knows_none_is_believed()
    {
        using var source = Stores.Open(primary);
        using var follower = Stores.Open(secondary);
        for (var i = 1; i <= (2 * FeedHistory.Window) + 2; i++)
        {
            source.Commit([Stores.Put("a", $"{{\"v\":{i}}}")], 1);
        }

        var batch = source.ReadChanges(0);
        Assert.InRange(batch.History.Count, FeedHistory.Window, 2 * FeedHistory.Window);
        Assert.Equal("", source.Feed.HistoryDifference(3, 7));

        follower.Feed.Apply(batch with { History = [] });
        Assert.Null(follower.Feed.HistoryChecksum);
        source.Commit([Stores.Put("b", "{}")], 1);
        Pull(source, follower);
        Assert.Equal(source.Feed.HistoryChecksum, follower.Feed.HistoryChecksum);
    }

    [Fact]
    public void A_file_of_the_version_before_opens_and_begins_its_checksum_with_the_next_commit()
    {
        using (var store = Fill(primary))
        {
        }

        var file = Path.Combine(primary.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite");
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE history; PRAGMA user_version = 2";
            command.ExecuteNonQuery();
        }

        using var again = Stores.Open(primary);
        Assert.Contains(again.OpenReport.Notes, note => note.Contains("was of version 2", StringComparison.Ordinal));
        Assert.Null(again.Feed.HistoryChecksum);
        again.Commit([Stores.Put("z", "{}")], 1);
        Assert.NotNull(again.Feed.HistoryChecksum);
        Assert.Equal("", again.Feed.HistoryDifference(again.Position.Seq - 1, 7));
    }

    private static void Pull(CollectionStore source, CollectionStore follower) => follower.Feed.Apply(source.ReadChanges(follower.Position.Seq));

    private static CollectionStore Fill(TemporaryDirectory directory)
    {
        var store = Stores.Open(directory, Stores.Small);
        for (var i = 0; i < 20; i++)
        {
            store.Commit([.. Enumerable.Range(0, 50).Select(n => Stores.Put($"d{n}", $"{{\"v\":{i}}}"))], 1);
        }

        store.Commit([.. Enumerable.Range(0, 40).Select(n => Stores.Delete($"d{n}"))], 1);
        return store;
    }
}
