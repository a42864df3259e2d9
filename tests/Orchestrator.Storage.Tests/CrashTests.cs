using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// At each failpoint the files are copied as a crash would leave them, together with what was acknowledged until then.
/// Each copy is opened, compared, and compacted to the end.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int SnapshotsPerPoint = 2;
    private readonly TemporaryDirectory directory = new();

    /// <summary>Where a collection comes to that is written and compacted: it takes over no feed, rolls nothing back and has no cap.</summary>
    internal static IReadOnlyList<string> PointsOfOneMember { get; } =
    [
        .. Failpoints.All.Where(point => point is not (Failpoints.PieceApplied or Failpoints.PiecePublished or Failpoints.TombstonesFound
            or Failpoints.RollBackSaved or Failpoints.RollBackIndexed)),
    ];

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(101)]
    [InlineData(202)]
    public void After_a_crash_at_any_stage_everything_acknowledged_is_there_and_the_compaction_goes_on(int seed)
    {
        var random = new Random(seed);
        var model = new Model();
        var snapshots = new List<(string Point, string Data, Model Model)>();
        var taken = new Dictionary<string, int>();
        CollectionStore? store = null;
        IReadOnlyList<WriteOperation>? inFlight = null;

        void Hit(string point)
        {
            if (store is null)
            {
                return;
            }

            var count = taken[point] = taken.GetValueOrDefault(point) + 1;
            if (count <= SnapshotsPerPoint)
            {
                snapshots.Add((point, directory.Snapshot($"{point}-{count}"), point == Failpoints.Committed ? null! : model.Copy()));
            }

            var online = point is Failpoints.BatchCopied or Failpoints.OrderBuilt or Failpoints.CaughtUp or Failpoints.Verified
                or Failpoints.IndexBatchCopied or Failpoints.IndexOrderBuilt;
            if (online && random.Next(2) == 0)
            {
                Commit(CompactionTests.Churn(random, model, random.Next(1, 15)));
            }
        }

        void Commit(IReadOnlyList<WriteOperation> writes)
        {
            inFlight = writes;
            var firstSnapshot = snapshots.Count;
            model.Commit(store!, writes);

            // At the point after the commit the writes are on disk, though not yet acknowledged.
            for (var i = firstSnapshot; i < snapshots.Count; i++)
            {
                snapshots[i] = snapshots[i] with { Model = model.Copy() };
            }
        }

        // One index at a time: a file that another thread writes to cannot be copied as a crash would leave it.
        var options = Stores.Small with { Failpoint = Hit, ParallelIndexes = 1 };
        using (store = Stores.Open(directory, options, null, Stores.ByCity, Stores.ByNumber))
        {
            for (var i = 0; i < 4; i++)
            {
                Commit([.. Enumerable.Range(0, 100).Select(n => Stores.Document(random, $"d{(i * 100) + n}", random.Next(100, 1500)))]);
            }

            Commit([.. model.Ids.Where(_ => random.Next(5) < 3).Select(id => Stores.Delete(id))]);
            Stores.Compact(store);
            model.AssertEqual(store);
            store = null;
        }

        Assert.NotNull(inFlight);
        var expected = PointsOfOneMember.Except([Failpoints.IndexPieceBuilt, Failpoints.Vacuumed, Failpoints.Moved, Failpoints.Released]);
        Assert.Equal(expected.Order(), taken.Keys.Order());
        foreach (var snapshot in snapshots)
        {
            Recover(snapshot.Point, snapshot.Data, snapshot.Model);
        }
    }

    private void Recover(string point, string data, Model model)
    {
        using (var store = Stores.OpenAt(data, StorageOptions.Default, null, Stores.ByCity, Stores.ByNumber))
        {
            output.WriteLine($"{Path.GetFileName(data)}: {store.OpenReport.State} {store.OpenReport.CopiedThrough}");
            Assert.Equal(Expected(point), store.OpenReport.State);
            model.AssertEqual(store);
            model.Commit(store, [Stores.Put("after-the-crash", """{"number":1}""")]);
            Stores.Compact(store);
            model.AssertEqual(store);
        }

        using var again = Stores.OpenAt(data, null, null, Stores.ByCity, Stores.ByNumber);
        Assert.Equal(StartUpState.Fresh, again.OpenReport.State);
        model.AssertEqual(again);
        CompactionTests.AssertNoDebris(data);
    }

    private static StartUpState? Expected(string point) => point switch
    {
        Failpoints.CopyCreated or Failpoints.BatchCopied or Failpoints.OrderBuilt or Failpoints.CaughtUp or Failpoints.Verified
            or Failpoints.FinallyCaughtUp or Failpoints.Sealed or Failpoints.Closed => StartUpState.Resumable,
        Failpoints.IntentWritten or Failpoints.LogRemoved or Failpoints.Renamed => StartUpState.SwapFinished,
        _ => StartUpState.Fresh,
    };

    [Fact]
    public void A_crash_during_a_roll_back_leaves_it_to_be_done_again()
    {
        var snapshots = new List<(string Point, string Data)>();
        var options = Stores.Small with
        {
            Failpoint = point =>
            {
                if (point.StartsWith("rollback", StringComparison.Ordinal))
                {
                    snapshots.Add((point, directory.Snapshot(point)));
                }
            },
        };
        var random = new Random(9);
        using var store = Stores.Open(directory, options, null, Stores.ByCity);
        var model = new Model();
        model.Commit(store, [.. Enumerable.Range(0, 80).Select(n => Stores.Document(random, $"d{n}", 300))]);
        var before = model.Copy();
        store.Feed.RollBack(60);
        var expected = store.Checksum();

        Assert.Equal([Failpoints.RollBackSaved, Failpoints.RollBackIndexed], snapshots.Select(snapshot => snapshot.Point));
        foreach (var (_, data) in snapshots)
        {
            using var again = Stores.OpenAt(data, null, null, Stores.ByCity);
            before.AssertEqual(again);
            Assert.Equal(20, again.Feed.RollBack(60).DroppedRows);
            Assert.Equal(expected, again.Checksum());
            Assert.Equal(60, again.LookUp("by-city", new(null, null)).Count);
        }
    }

    [Theory]
    [InlineData("sync", "documents.sqlite.compact", true)]
    [InlineData("rename", "documents.sqlite.swap", true)]
    [InlineData("sync", "documents.sqlite.swap.tmp", true)]
    [InlineData("rename", "documents.sqlite", true)]
    [InlineData("delete", "documents.sqlite.swap", false)]
    [InlineData("sync-directory", Stores.Collection, false)]
    [InlineData("sync-directory", "indexes", false)]
    [InlineData("rename", "index", true)]
    public void A_failure_within_the_swap_loses_nothing(string call, string file, bool goesOn)
    {
        var files = new FaultyFiles();
        var random = new Random(31);
        var model = new Model();
        var index = Stores.ByCity.FileName;
        using (var store = Stores.Open(directory, Stores.Small with { Files = files }, null, Stores.ByCity))
        {
            model.Commit(store, [.. Enumerable.Range(0, 200).Select(n => Stores.Document(random, $"d{n}", 300))]);
            using var job = store.Compaction.Start(CompactionRequest.Everything);
            job.RunOnline(CancellationToken.None);
            files.Fails = (failing, name) => failing == call && name == (file == "index" ? index : file);
            var error = Assert.ThrowsAny<Exception>(() => Stores.Complete(store, job));
            Assert.Contains("Injected", error.Message, StringComparison.Ordinal);
            files.Fails = static (_, _) => false;
            model.AssertEqualOr(store, goesOn);
            if (goesOn)
            {
                model.Commit(store, CompactionTests.Churn(random, model, 20));
                using (var crashed = Stores.OpenAt(directory.Snapshot("crashed"), null, null, Stores.ByCity))
                {
                    model.AssertEqual(crashed);
                }

                Stores.Complete(store, job);
                model.AssertEqual(store);
            }
            else
            {
                Assert.Contains("opened again", Assert.Throws<StorageException>(() => store.Commit([Stores.Put("x", "{}")], 1)).Message);
            }
        }

        using var again = Stores.Open(directory, null, null, Stores.ByCity);
        model.AssertEqual(again);
        Stores.Compact(again);
        model.AssertEqual(again);
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Fact]
    public void A_new_file_whose_name_is_not_known_to_be_durable_takes_no_writes()
    {
        var files = new FaultyFiles();
        var model = new Model();
        using (var store = Stores.Open(directory, Stores.Small with { Files = files }))
        {
            model.Commit(store, CompactionTests.Churn(new Random(37), model, 50));
            var renamed = false;
            var failed = false;
            files.Fails = (call, name) =>
            {
                renamed |= call == "rename" && name == "documents.sqlite";
                var fails = renamed && !failed && call == "sync-directory";
                failed |= fails;
                return fails;
            };
            Assert.Throws<StorageException>(() => Stores.Compact(store));
            Assert.Contains("opened again", Assert.Throws<StorageException>(() => store.Commit([Stores.Put("x", "{}")], 1)).Message);
        }

        using var again = Stores.Open(directory);
        model.AssertEqual(again);
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Fact]
    public void What_is_put_aside_stays_together_though_the_machine_stops_in_the_middle()
    {
        var model = new Model();
        using (var store = Stores.Open(directory))
        {
            model.Commit(store, CompactionTests.Churn(new Random(43), model, 50));

            // With a log, as a crash leaves it.
            directory.Snapshot("killed");
        }

        var collection = new CollectionDirectory(Snapshot("killed"), Stores.Database, Stores.Collection);
        CollectionStore.OrderResync(collection, Stores.Small);
        var moved = 0;
        var files = new FaultyFiles { Fails = (call, name) => call == "rename" && name.StartsWith("documents", StringComparison.Ordinal) && moved++ == 1 };
        Assert.Throws<StorageException>(() => Stores.OpenAt(collection.DataDirectory, Stores.Small with { Files = files }));
        var later = new ManualTime();
        later.Advance(TimeSpan.FromMinutes(1));
        using (var again = Stores.OpenAt(collection.DataDirectory, null, later))
        {
            Assert.False(again.IsComplete);
        }

        var aside = Assert.Single(Directory.GetDirectories(collection.RollBacks));
        Assert.Equal(["documents.sqlite", "documents.sqlite-wal"], Directory.GetFiles(aside).Select(Path.GetFileName).Order());
        CompactionTests.AssertNoDebris(collection.DataDirectory);
    }

    [Fact]
    public void A_copy_that_is_damaged_or_of_another_generation_is_discarded()
    {
        var copy = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite.compact");
        using (var store = Stores.Open(directory))
        {
            store.Commit([Stores.Put("a", "{}")], 1);
        }

        File.WriteAllText(copy, new string('x', 9000));
        using (var store = Stores.Open(directory))
        {
            Assert.Equal(StartUpState.Discarded, store.OpenReport.State);
            Assert.False(File.Exists(copy));
            using (var job = store.Compaction.Start(CompactionRequest.Everything))
            {
                job.RunOnline(CancellationToken.None);
            }

            store.Feed.RollBack(0);
        }

        Assert.True(File.Exists(copy));
        using var again = Stores.Open(directory);
        Assert.Equal(StartUpState.Discarded, again.OpenReport.State);
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public void A_log_that_the_old_file_has_left_does_not_get_into_the_new_one()
    {
        var random = new Random(41);
        var model = new Model();
        var options = Stores.Small with
        {
            Failpoint = point =>
            {
                if (point is Failpoints.CaughtUp or Failpoints.IntentWritten && !Directory.Exists(Snapshot(point)))
                {
                    directory.Snapshot(point);
                }
            },
        };
        using (var store = Stores.Open(directory, options))
        {
            model.Commit(store, CompactionTests.Churn(random, model, 400));
            using var job = store.Compaction.Start(CompactionRequest.Everything);

            // The log has some of the old file's pages, at places where the new file has others.
            model.Commit(store, CompactionTests.Churn(random, model, 3));
            Stores.Complete(store, job);
        }

        var log = Path.Combine(Stores.Database, Stores.Collection, "documents.sqlite-wal");
        Assert.True(new FileInfo(Path.Combine(Snapshot(Failpoints.CaughtUp), log)).Length > 0);
        File.Copy(Path.Combine(Snapshot(Failpoints.CaughtUp), log), Path.Combine(Snapshot(Failpoints.IntentWritten), log));

        using var again = Stores.OpenAt(Snapshot(Failpoints.IntentWritten));
        Assert.Equal(StartUpState.SwapFinished, again.OpenReport.State);
        model.AssertEqual(again);
    }

    private string Snapshot(string point) => Path.Combine(directory.Path, "snapshots", point);

    [Fact]
    public void A_missing_documents_file_beside_a_copy_is_an_error_and_not_a_new_collection()
    {
        using (var store = Stores.Open(directory))
        {
            store.Commit([Stores.Put("a", "{}")], 1);
            using var job = store.Compaction.Start(CompactionRequest.Everything);
            job.RunOnline(CancellationToken.None);
        }

        File.Delete(Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite"));
        Assert.Throws<CorruptFileException>(() => Stores.Open(directory));
    }
}
