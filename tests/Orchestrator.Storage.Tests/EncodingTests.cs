using System.Text;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Compression, caps, and files of other versions.</summary>
public sealed class EncodingTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("brotli", 0)]
    [InlineData("brotli", 11)]
    [InlineData("deflate", 1)]
    [InlineData("deflate", 9)]
    public void A_body_comes_back_as_it_was_given(string codec, int level)
    {
        var setting = CompressionSetting.Create(codec, level);
        var random = new Random(1);
        foreach (var length in (int[])[2, 127, 128, 1000, 100_000])
        {
            var text = Encoding.ASCII.GetBytes(new string('x', length));
            var noise = new byte[length];
            random.NextBytes(noise);
            foreach (var body in (byte[][])[text, noise])
            {
                var (kind, stored) = BodyCodec.Encode(body, setting);
                Assert.Equal(body, BodyCodec.Decode(kind, stored));
                Assert.Equal(length, BodyCodec.DecodedBytes(kind, stored.Length));
                Assert.Equal(length >= 128 && body == text, kind != BodyCodec.Plain);
                Assert.True(stored.Length <= length);
            }
        }
    }

    [Theory]
    [InlineData("zip", null, "the codec 'zip' is unknown")]
    [InlineData("brotli", 12, "0 to 11")]
    [InlineData("deflate", -1, "0 to 9")]
    [InlineData("none", 3, "has no level")]
    public void A_setting_that_does_not_exist_is_named(string codec, int? level, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => CompressionSetting.Create(codec, level)).Message, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData(CompactionMode.Rewrite)]
    [InlineData(CompactionMode.Exclusive)]
    public void Compaction_encodes_what_is_there_and_changes_neither_rev_nor_seq(CompactionMode mode)
    {
        var random = new Random(5);
        var model = new Model();
        using var store = Stores.Open(directory, null, null, Stores.ByCity);
        model.Commit(store, [.. Enumerable.Range(0, 400).Select(i => Repetitive(random, $"d{i}"))]);
        model.Commit(store, [.. Enumerable.Range(0, 100).Select(i => Stores.Delete($"d{i}"))]);
        var changes = Stores.Changes(store).Select(each => (each.Seq, each.Id, each.Rev, each.Term, each.Deleted)).ToList();
        var checksum = store.Checksum();
        var plain = store.Sizes();
        Assert.Equal(plain.StoredBytes, plain.DecodedBytes);
        foreach (var setting in (CompressionSetting[])[CompressionSetting.Create("brotli"), CompressionSetting.Create("deflate"), CompressionSetting.None])
        {
            store.ChangeSettings(setting, null);
            model.Commit(store, [Repetitive(random, "d200"), Stores.Delete("d201"), Stores.Put("d201", "{}")]);
            var result = Stores.Compact(store, ModeTests.Request(mode)).Units[0];
            Assert.Equal(setting.Codec == CompressionCodec.None, result.CompressionRatio == 1);
            Assert.Equal(setting.Codec != CompressionCodec.None, result.CompressionRatio > 3);
            Assert.Equal(result.CompressionRatio, (double)store.Sizes().DecodedBytes / store.Sizes().StoredBytes, 6);
            model.AssertEqual(store);
            Assert.Empty(store.Verify().Problems);

            // Nothing is left to encode: the next one copies rows as they are.
            Stores.Compact(store, ModeTests.Request(CompactionMode.Exclusive));
            model.AssertEqual(store);
            var sizes = store.Sizes().Units[0];
            Assert.InRange(sizes.LiveBytes, sizes.DatabaseBytes * 0.85, sizes.DatabaseBytes * 1.15);
        }

        using var other = Stores.OpenAt(Path.Combine(directory.Path, "other"));
        other.ChangeSettings(CompressionSetting.Create("brotli", 1), null);
        FeedTests.Replicate(store, other);
        Assert.Equal(store.Checksum(), other.Checksum());
        Assert.NotEqual(checksum, other.Checksum());
        Assert.Equal(
            changes.Where(each => each.Id is not ("d200" or "d201")),
            Stores.Changes(other).Select(each => (each.Seq, each.Id, each.Rev, each.Term, each.Deleted)).Where(each => each.Id is not ("d200" or "d201")));
    }

    [Fact]
    public void An_interrupted_rewrite_begins_anew_when_the_setting_has_changed()
    {
        var random = new Random(6);
        var model = new Model();
        using (var store = Stores.Open(directory))
        {
            model.Commit(store, [.. Enumerable.Range(0, 300).Select(i => Repetitive(random, $"d{i}"))]);
            using var job = store.Compaction.Start(CompactionRequest.Everything);
            job.RunOnline(CancellationToken.None);
        }

        using var again = Stores.Open(directory);
        Assert.Equal(StartUpState.Resumable, again.OpenReport.State);
        again.ChangeSettings(CompressionSetting.Create("brotli"), null);
        Assert.True(Stores.Compact(again).Units[0].CompressionRatio > 3);
        model.AssertEqual(again);
    }

    [Fact]
    public void A_capped_collection_deletes_its_oldest_documents_and_its_replicas_follow()
    {
        using var store = Stores.Open(directory, null, null, Stores.ByNumber);
        using var replica = Stores.OpenAt(Path.Combine(directory.Path, "replica"));
        store.ChangeSettings(CompressionSetting.None, new CapLimit(null, 10));
        for (var i = 0; i < 30; i++)
        {
            store.Commit([Stores.Put($"d{i}", $$"""{"number":{{i}}}""")], 1);
            if (i == 15)
            {
                // Written again, it is among the newest.
                store.Commit([Stores.Put("d6", """{"number":6}""")], 1);
                FeedTests.Replicate(store, replica);
            }
        }

        Assert.Equal(Enumerable.Range(20, 10).Select(i => $"d{i}"), store.Scan().Select(each => each.Id));
        Assert.Equal(10, store.LookUp("by-number", new Indexes.IndexQuery(null, null)).Count);
        FeedTests.Replicate(store, replica);
        Assert.Equal(store.Checksum(), replica.Checksum());

        store.ChangeSettings(CompressionSetting.None, new CapLimit(60, null));
        store.Commit([Stores.Put("big", $$"""{"text":"{{new string('x', 200)}}"}""")], 1);
        Assert.Equal(["big"], store.Scan().Select(each => each.Id));
        Assert.Empty(store.Verify().Problems);
        Assert.Throws<ArgumentException>(() => new CapLimit(null, null));
        Assert.Throws<ArgumentException>(() => new CapLimit(0, null));
    }

    [Fact]
    public void Tombstones_of_a_capped_collection_are_dropped_in_place()
    {
        var time = new ManualTime();
        using var store = Stores.Open(directory, null, time);
        store.ChangeSettings(CompressionSetting.None, new CapLimit(null, 5));
        for (var i = 0; i < 40; i++)
        {
            store.Commit([Stores.Put($"d{i}", "{}")], 1);
        }

        var tombstones = store.Sizes().Tombstones;
        time.Advance(TimeSpan.FromHours(1));
        var purge = new TombstonePurge(time.GetUtcNow(), store.Position.Seq);
        Assert.Equal(10, store.DropTombstones(purge, store.FindTombstones(purge, 10)));
        Assert.Equal(tombstones - 10, store.DropTombstones(purge, store.FindTombstones(purge, 1000)));
        Assert.Empty(store.FindTombstones(purge, 1000));
        Assert.Equal((0, 5), (store.Sizes().Tombstones, store.DocumentCount));
        Assert.Equal(store.Position.Seq, store.ReadChanges(0).PurgedThrough);
    }

    [Fact]
    public void What_is_no_longer_a_tombstone_that_is_due_when_it_is_to_be_dropped_stays()
    {
        var time = new ManualTime();
        using var store = Stores.Open(directory, null, time);
        store.Commit([.. "abcd".Select(id => Stores.Put($"{id}", "{}"))], 1);
        store.Commit([.. "abc".Select(id => Stores.Delete($"{id}"))], 1);
        time.Advance(TimeSpan.FromHours(1));
        var due = time.GetUtcNow();
        var found = store.FindTombstones(new TombstonePurge(due, 7), 10);
        Assert.Equal([5, 6, 7], found);

        // The last one is rolled back and another one takes its seq; the document of the first one is written again.
        store.Feed.RollBack(6);
        store.Commit([Stores.Delete("d"), Stores.Put("a", "{}")], 2);

        Assert.Equal(0, store.DropTombstones(new TombstonePurge(due, 5), found));
        Assert.Equal(1, store.DropTombstones(new TombstonePurge(due, store.Position.Seq), found));
        Assert.Equal([("d", 7), ("a", 8)], store.ReadChanges(0).Changes.Select(change => (change.Id, change.Seq)));
        Assert.Empty(store.Verify().Problems);
    }

    [Fact]
    public void A_file_of_the_first_version_is_brought_to_the_present_one()
    {
        var model = new Model();
        var random = new Random(8);
        using (var store = Stores.Open(directory))
        {
            model.Commit(store, CompactionTests.Churn(random, model, 100));
        }

        Alter("ALTER TABLE state DROP COLUMN decoded_bytes", "ALTER TABLE state DROP COLUMN encoding", "PRAGMA user_version = 1");
        using (var store = Stores.Open(directory))
        {
            Assert.Contains(store.OpenReport.Notes, note => note.Contains("was of version 1", StringComparison.Ordinal));
            model.AssertEqual(store);
            Assert.Equal(store.Sizes().StoredBytes, store.Sizes().DecodedBytes);
            model.Commit(store, CompactionTests.Churn(random, model, 50));
            Stores.Compact(store);
            model.AssertEqual(store);
        }

        using var again = Stores.Open(directory);
        Assert.Empty(again.OpenReport.Notes);
        model.AssertEqual(again);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_by_name_and_left_as_it_is()
    {
        using (var store = Stores.Open(directory))
        {
            store.Commit([Stores.Put("a", "{}")], 1);
        }

        Alter("PRAGMA user_version = 9");
        var error = Assert.Throws<NewerVersionException>(() => Stores.Open(directory));
        Assert.Contains("documents.sqlite has version 9", error.Message, StringComparison.Ordinal);
        Alter("PRAGMA user_version = 2");
        using var again = Stores.Open(directory);
        Assert.NotNull(again.Get("a"));
    }

    private static WriteOperation Repetitive(Random random, string id) => Stores.Put(
        id, $$"""{"address":{"city":"c{{random.Next(9)}}"},"text":"{{string.Concat(Enumerable.Repeat($"word{random.Next(9)} ", 100))}}"}""");

    private void Alter(params string[] statements)
    {
        var file = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite");
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }
}
