using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>The check of all files, damaged files, and indexes that are built beside the writer.</summary>
public sealed class VerificationTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private string Collection => Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection);

    [Theory]
    [InlineData("documents.sqlite", "DELETE FROM documents WHERE seq = 20", "are counted")]
    [InlineData("documents.sqlite", "UPDATE documents SET term = 7 WHERE seq = 20", "is of term 7")]
    [InlineData("documents.sqlite", "UPDATE documents SET body = CAST('{' AS BLOB) WHERE seq = 20", "ends in the middle of its object")]
    [InlineData("documents.sqlite", "UPDATE documents SET body = CAST(x'7b2261223a22fc227d' AS BLOB) WHERE seq = 20", "is not UTF-8: byte 7 (0xFC)")]
    [InlineData("documents.sqlite", "UPDATE documents SET body = CAST('{\"v\":5,\"v\":6}' AS BLOB) WHERE seq = 20", "has the field 'v' twice")]
    [InlineData("documents.sqlite", "UPDATE documents SET id = '..' WHERE seq = 20", "cannot be part of a URL")]
    [InlineData("documents.sqlite", "UPDATE documents SET codec = 33 WHERE seq = 20", "compressed document")]
    [InlineData("documents.sqlite", "UPDATE state SET last_seq = 90", "the feed ends at 90")]
    [InlineData("index", "DELETE FROM entries WHERE seq = 20", "document of change 20 has no entry")]
    [InlineData("index", "INSERT INTO entries (seq, key) VALUES (5, x'01')", "the entry of change 5 has no document")]
    [InlineData("index", "UPDATE entries SET key = x'01' WHERE seq = 20", "the entry of change 20 is not its document's")]
    public void What_is_wrong_is_found_and_named_with_its_file(string file, string damage, string expected)
    {
        var random = new Random(61);
        using (var store = Stores.Open(directory, indexes: [Stores.ByCity]))
        {
            store.Commit([.. Enumerable.Range(1, 100).Select(i => Stores.Document(random, $"d{i}", 200))], 1);
            store.Commit([Stores.Delete("d5")], 1);
            Assert.Equal((true, 99L, 1L, 99L), Sum(store.Verify()));
        }

        var path = file == "index" ? Path.Combine(Collection, "indexes", Stores.ByCity.FileName) : Path.Combine(Collection, file);
        Run(path, damage);
        using var again = Stores.Open(directory, indexes: [Stores.ByCity]);
        var problems = again.Verify().Problems;
        Assert.Contains(problems, problem => problem.File == path && problem.Description.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_page_is_found_and_a_damaged_file_is_refused_with_its_name()
    {
        var random = new Random(62);
        using (var store = Stores.Open(directory))
        {
            store.Commit([.. Enumerable.Range(1, 500).Select(i => Stores.Document(random, $"d{i}", 900))], 1);
        }

        var path = Path.Combine(Collection, "documents.sqlite");
        Overwrite(path, 20 * 8192, 4096);
        using (var store = Stores.Open(directory))
        {
            Assert.Contains(store.Verify().Problems, problem => problem.File == path);
        }

        Overwrite(path, 0, 512);
        var error = Assert.Throws<CorruptFileException>(() => Stores.Open(directory));
        Assert.Equal(path, error.File);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Digests_of_ranges_tell_equal_contents_from_others_whatever_the_files_look_like()
    {
        var random = new Random(64);
        using var store = Stores.Open(directory);
        store.Commit([.. Enumerable.Range(1, 3000).Select(i => Stores.Document(random, $"d{i}", 200))], 1);
        store.Commit([.. Enumerable.Range(1, 500).Select(i => Stores.Delete($"d{i * 3}"))], 1);
        using var copy = Stores.OpenAt(Path.Combine(directory.Path, "copy"));
        for (long since = 0; since < store.Position.Seq;)
        {
            var batch = store.ReadChanges(since);
            copy.Feed.Apply(batch);
            since = batch.Through;
        }

        copy.ChangeSettings(CompressionSetting.Create("deflate", 6), null);
        var chosen = store.Digest(0, long.MaxValue, [], 0);
        var borders = chosen.Ranges.Select(range => range.Through).ToList();
        Assert.True(borders.Count > 3);
        Assert.Equal((3500, 3500), (borders[^1], chosen.LastSeq));
        Assert.Equal(3000, chosen.Ranges.Sum(range => range.Rows));
        Assert.All(chosen.Ranges, range => Assert.InRange(range.Rows, 1, 512));
        Assert.Equal(chosen.Ranges, copy.Digest(0, 3500, borders, 0).Ranges);

        // One digest over all is the sum of them, so borders do not matter; and tombstones can be left out.
        Assert.Equal(store.Digest(0, 3500, [3500], 0).Ranges, copy.Digest(0, 3500, [3500], 0).Ranges);
        Assert.Equal(2500, store.Digest(0, 3500, [3500], 3500).Ranges[0].Rows);

        copy.Commit([Stores.Put("d1", "{}")], 1);
        Assert.NotEqual(chosen.Ranges[0], copy.Digest(0, 3500, borders, 0).Ranges[0]);
        Assert.Equal(chosen.Ranges.Skip(1), copy.Digest(0, 3500, borders, 0).Ranges.Skip(1));
        var (mine, others) = (Assert.Single(store.VersionsOf(["d1", "nope"]).Versions), Assert.Single(copy.VersionsOf(["d1"]).Versions));
        Assert.Equal((1L, 3501L), (mine.Sequence, others.Sequence));
        Assert.NotEqual(mine.Digest, others.Digest);
        var listed = store.Versions(0, 3500, 0);
        Assert.Equal((512, listed.Versions[^1].Sequence), (listed.Versions.Count, listed.Through));
        Assert.Throws<ArgumentException>(() => store.VersionsOf([.. Enumerable.Range(0, 101).Select(i => $"d{i}")]));
    }

    [Fact]
    public void A_check_tells_how_far_it_is_and_can_be_ended()
    {
        var random = new Random(65);
        using var store = Stores.Open(directory, indexes: [Stores.ByCity]);
        store.Commit([.. Enumerable.Range(1, 2000).Select(i => Stores.Document(random, $"d{i}", 200))], 1);
        var told = new List<(string Stage, long Done, long Total)>();

        store.Verify(progress: (stage, done, total) => told.Add((stage, done, total)));

        Assert.Equal(["file documents.sqlite", "feed", $"file {Stores.ByCity.FileName}", "index by-city"], told.Select(look => look.Stage).Distinct());
        Assert.Equal(told.Select(look => look.Done).Order(), told.Select(look => look.Done));
        Assert.All(told, look => Assert.Equal(4000, look.Total));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => store.Verify(stop.Token, (stage, _, _) =>
        {
            if (stage == "feed")
            {
                stop.Cancel();
            }
        }));
    }

    [Fact]
    public async Task Nothing_is_found_while_the_collection_is_written()
    {
        var random = new Random(63);
        var model = new Model();
        using var store = Stores.Open(directory, indexes: [Stores.ByCity]);
        model.Commit(store, [.. Enumerable.Range(1, 2000).Select(i => Stores.Document(random, $"d{i}", 300))]);
        var verifying = Task.Run(() => Enumerable.Range(0, 5).Select(_ => store.Verify()).ToList());
        while (!verifying.IsCompleted)
        {
            model.Commit(store, CompactionTests.Churn(random, model, 20));
        }

        Assert.All(await verifying, report => Assert.Empty(report.Problems));
    }

    [Fact]
    public void An_index_is_built_while_writes_go_on()
    {
        var random = new Random(64);
        var model = new Model();
        using var store = Stores.Open(directory);
        model.Commit(store, [.. Enumerable.Range(0, 3000).Select(i => Stores.Document(random, $"d{i}", 100))]);
        var build = store.StartIndex(Stores.ByCity)!;
        Assert.Throws<ArgumentException>(() => store.StartIndex(Stores.ByCity));
        Assert.Contains("is being built", Assert.Throws<IndexBeingBuiltException>(() => store.LookUp("by-city", new IndexQuery(null, null))).Message);
        Assert.Throws<IndexBeingBuiltException>(() => store.Compaction.Start(new(false, ["by-city"], Compaction.TombstonePurge.None)));
        Assert.Equal([Stores.ByCity], store.Builds.Select(each => each.Definition));
        do
        {
            model.Commit(store, CompactionTests.Churn(random, model, 400));
            build.RunOnline(CancellationToken.None);
            model.Commit(store, CompactionTests.Churn(random, model, 20));
        }
        while (store.FinishIndex(build) != Compaction.FinishOutcome.Done);
        Assert.Null(store.StartIndex(Stores.ByCity));
        model.Commit(store, CompactionTests.Churn(random, model, 100));
        model.AssertEqual(store);
        Assert.Empty(store.Verify().Problems);
        Assert.Equal(1, build.Fraction, 3);
    }

    [Fact]
    public void An_index_build_that_is_cancelled_goes_on_and_one_that_was_overtaken_by_a_roll_back_begins_anew()
    {
        var random = new Random(65);
        var model = new Model();
        using var store = Stores.Open(directory);
        model.Commit(store, [.. Enumerable.Range(0, 3000).Select(i => Stores.Document(random, $"d{i}", 100))]);
        var file = Path.Combine(Collection, "indexes", Stores.ByCity.FileName);
        using (var build = store.StartIndex(Stores.ByCity)!)
        {
            using var cancelled = new CancellationTokenSource();
            cancelled.Cancel();
            Assert.Throws<OperationCanceledException>(() => build.RunOnline(cancelled.Token));
        }

        Assert.True(File.Exists(file));
        model.Commit(store, CompactionTests.Churn(random, model, 100));
        using var again = store.StartIndex(Stores.ByCity)!;
        again.RunOnline(CancellationToken.None);
        store.Feed.RollBack(store.Position.Seq - 50);
        store.Commit([.. Enumerable.Range(0, 60).Select(i => Stores.Document(random, $"new{i}", 100))], 2);
        Assert.Equal(Compaction.FinishOutcome.Continue, store.FinishIndex(again));
        again.RunOnline(CancellationToken.None);
        Assert.Equal(Compaction.FinishOutcome.Done, store.FinishIndex(again));
        Assert.Equal(store.DocumentCount, store.LookUp("by-city", new IndexQuery(null, null, 10_000)).Count);
        Assert.Empty(store.Verify().Problems);
    }

    private static (bool, long, long, long) Sum(Verification.VerificationReport report) =>
        (report.IsSound, report.Documents, report.Tombstones, report.IndexEntries);

    private static void Overwrite(string path, long offset, int bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        file.Write(Enumerable.Repeat((byte)0xA5, bytes).ToArray());
    }

    private static void Run(string path, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
