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
    [InlineData("documents.sqlite", "UPDATE documents SET body = CAST('{' AS BLOB) WHERE seq = 20", "Not valid JSON")]
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
        Assert.Throws<IndexBeingBuiltException>(() => store.StartCompaction(new(false, ["by-city"], Compaction.TombstonePurge.None)));
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
        store.RollBack(store.Position.Seq - 50);
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
