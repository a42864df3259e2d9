using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>A write-ahead log that closing the old file did not empty.</summary>
public sealed class SwapLogTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly FaultyFiles files = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("documents.sqlite")]
    [InlineData("indexes")]
    public void A_swap_that_fails_does_not_lose_what_only_the_old_files_log_has(string which)
    {
        var model = new Model();
        using var store = Stores.Open(directory, Stores.Small with { Files = files }, null, Stores.ByNumber);
        var random = new Random(17);
        model.Commit(store, CompactionTests.Churn(random, model, 60));
        store.Checkpoint();
        var folder = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection);
        var path = which == "indexes" ? Directory.GetFiles(Path.Combine(folder, which), "*.sqlite").Single() : Path.Combine(folder, which);
        var request = which == "indexes" ? new CompactionRequest(false, null, TombstonePurge.None) : CompactionRequest.Everything;

        // Another connection, as a backup tool has it, keeps the log from being copied into the file.
        using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            other.Open();
            using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN; SELECT count(*) FROM state";
            begin.ExecuteScalar();
            model.Commit(store, CompactionTests.Churn(random, model, 60));
            files.Fails = (call, file) => call == "rename" && file == Path.GetFileName(path);

            Assert.ThrowsAny<Exception>(() => Stores.Compact(store, request));
            model.AssertEqual(store);
        }

        model.Commit(store, CompactionTests.Churn(random, model, 60));
        model.AssertEqual(store);
        files.Fails = static (_, _) => false;
        Stores.Compact(store);
        model.AssertEqual(store);
    }
}
