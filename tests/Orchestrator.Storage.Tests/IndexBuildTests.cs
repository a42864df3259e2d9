using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Indexes that are built beside the writer, and what comes between.</summary>
public sealed class IndexBuildTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_crash_in_the_middle_of_a_build_leaves_what_is_built_and_the_next_one_goes_on_from_there()
    {
        var model = new Model();
        var snapshots = new List<string>();
        using (var store = Stores.Open(directory, Stores.Small with { Failpoint = TakeSnapshot }))
        {
            Fill(store, model, 3000);
            Stores.AddIndex(store, Stores.ByCity);
            void AfterCrash(string data)
            {
                using var again = Stores.OpenAt(data, Stores.Small with { IndexedAtOpening = 500 }, null, Stores.ByCity);
                Assert.Empty(again.Indexes);
                var build = again.StartIndex(Stores.ByCity)!;
                Assert.True(build.Fraction > 0.2, $"{build.Fraction}");
                Complete(again, build);
                model.AssertEqual(again);
                Assert.Empty(again.Verify().Problems);
            }

            Assert.Equal(2, snapshots.Count);
            AfterCrash(snapshots[0]);
            AfterCrash(snapshots[1]);
        }

        void TakeSnapshot(string point)
        {
            if (point == Failpoints.IndexPieceBuilt && snapshots.Count < 2)
            {
                snapshots.Add(directory.Snapshot($"piece-{snapshots.Count}"));
            }
        }
    }

    [Fact]
    public void A_crash_between_a_commit_and_what_the_build_hears_of_it_leaves_no_entry_of_what_was_replaced()
    {
        var model = new Model();
        IndexBuild? build = null;
        var snapshot = "";
        using (var store = Stores.Open(directory, Stores.Small with { Failpoint = BuildOn }))
        {
            Fill(store, model, 50);
            build = store.StartIndex(Stores.ByCity)!;
            build.RunOnline(CancellationToken.None);
            Fill(store, model, 50);
        }

        using var again = Stores.OpenAt(snapshot, Stores.Small, null, Stores.ByCity);
        Assert.Equal([Stores.ByCity], again.Indexes);
        Assert.Empty(again.Verify().Problems);

        void BuildOn(string point)
        {
            if (point == Failpoints.Committed && build is not null && snapshot.Length == 0)
            {
                build.RunOnline(CancellationToken.None);
                snapshot = directory.Snapshot("crashed");
            }
        }
    }

    [Fact]
    public void An_index_that_lacks_much_does_not_keep_the_collection_from_being_opened()
    {
        var model = new Model();
        using (var store = Stores.Open(directory))
        {
            Fill(store, model, 60);
        }

        using (var few = Stores.Open(directory, Stores.Small with { IndexedAtOpening = 60 }, null, Stores.ByCity))
        {
            Assert.Equal([Stores.ByCity], few.Indexes);
        }

        using var many = Stores.Open(directory, Stores.Small with { IndexedAtOpening = 59 }, null, Stores.ByCity, Stores.ByNumber);
        Assert.Equal([Stores.ByCity], many.Indexes);
        Assert.Contains(many.OpenReport.Notes, note => note.Contains("by-number", StringComparison.Ordinal));
        Complete(many, many.StartIndex(Stores.ByNumber)!);
        model.AssertEqual(many);
    }

    [Fact]
    public async Task Removing_an_index_that_is_being_built_stops_it()
    {
        CollectionStore? store = null;
        using var stopped = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        using (store = Stores.Open(directory, Stores.Small with { Failpoint = Hold }))
        {
            Fill(store, new Model(), 3000);
            var build = store.StartIndex(Stores.ByCity)!;
            var running = Task.Run(() => build.RunOnline(CancellationToken.None));
            reached.Wait();
            var removing = Task.Run(() => store.RemoveIndex("BY-CITY"));
            stopped.Set();
            await removing;
            var error = await Record.ExceptionAsync(() => running);
            Assert.True(error is null or OperationCanceledException, $"{error}");
            Assert.Empty(store.Builds);
            Assert.Throws<UnknownIndexException>(() => store.RemoveIndex("by-city"));
            Assert.Single(store.CleanIndexes().Files);
        }

        void Hold(string point)
        {
            if (point == Failpoints.IndexPieceBuilt)
            {
                reached.Set();
                stopped.Wait();
            }
        }
    }

    [Theory]
    [InlineData(CompactionMode.Rewrite)]
    [InlineData(CompactionMode.Exclusive)]
    [InlineData(CompactionMode.Incremental)]
    public void A_compaction_in_the_middle_of_a_build_does_it_no_harm(CompactionMode mode)
    {
        var model = new Model();
        var random = new Random(5);
        var compacting = false;
        CollectionStore? store = null;
        using (store = Stores.Open(directory, Stores.Small with { Failpoint = CompactOnce }, null, Stores.ByNumber))
        {
            Fill(store, model, 3000);
            if (mode == CompactionMode.Exclusive)
            {
                // It closes the files, so it stops the build.
                var build = store.StartIndex(Stores.ByCity)!;
                build.RunOnline(CancellationToken.None);
                Stores.Compact(store, ModeTests.Request(mode));
                Assert.Empty(store.Builds);
                Assert.Throws<InvalidOperationException>(() => store.FinishIndex(build));
                Assert.Throws<ObjectDisposedException>(() => build.RunOnline(CancellationToken.None));
            }

            Complete(store, store.StartIndex(Stores.ByCity)!);
            Assert.True(compacting || mode == CompactionMode.Exclusive);
            model.Commit(store, CompactionTests.Churn(random, model, 50));
            model.AssertEqual(store);
            Assert.Empty(store.Verify().Problems);
        }

        void CompactOnce(string point)
        {
            if (point == Failpoints.IndexPieceBuilt && !compacting && mode != CompactionMode.Exclusive)
            {
                compacting = true;
                Assert.Equal([CompactionUnit.Documents, new CompactionUnit("by-number")], Stores.Compact(store!, ModeTests.Request(mode)).Units.Select(unit => unit.Unit));
                model.Commit(store!, CompactionTests.Churn(random, model, 200));
            }
        }
    }

    [Fact]
    public void Writes_that_come_faster_than_they_are_indexed_wait_in_the_end()
    {
        var model = new Model();
        var random = new Random(6);
        using var store = Stores.Open(directory, Stores.Small with { FinalCatchUpChanges = 5 });
        Fill(store, model, 100);
        var build = store.StartIndex(Stores.ByCity)!;
        var rounds = 0;
        do
        {
            build.RunOnline(CancellationToken.None);
            model.Commit(store, CompactionTests.Churn(random, model, 30));
            Assert.True(++rounds < 20);
        }
        while (store.FinishIndex(build) != FinishOutcome.Done);
        Assert.True(rounds > 5, $"{rounds}");
        model.AssertEqual(store);
    }

    private static void Fill(CollectionStore store, Model model, int count)
    {
        var random = new Random(count);
        model.Commit(store, [.. Enumerable.Range(0, count).Select(i => Stores.Document(random, $"d{i}", 100))]);
    }

    private static void Complete(CollectionStore store, IndexBuild build)
    {
        do
        {
            build.RunOnline(CancellationToken.None);
        }
        while (store.FinishIndex(build) != FinishOutcome.Done);
    }
}
