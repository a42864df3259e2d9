using System.Collections.Concurrent;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Indexes of one compaction that are copied at the same time.</summary>
public sealed class ParallelIndexTests : IDisposable
{
    private static readonly IndexDefinition ByText = new("by-text", "text");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [SkippableTheory]
    [InlineData(CompactionMode.Rewrite, Failpoints.IndexOrderBuilt)]
    [InlineData(CompactionMode.Exclusive, Failpoints.Vacuumed)]
    public void Indexes_are_copied_at_the_same_time_up_to_the_setting_and_swapped_in_their_order(CompactionMode mode, string point)
    {
        Skip.If(Environment.ProcessorCount < 2, "needs two processors");
        using var both = new Barrier(2);
        var documentsSeen = false;
        var threads = new ConcurrentDictionary<int, int>();
        var finished = new List<int>();
        var options = Stores.Small with
        {
            Failpoint = hit =>
            {
                if (hit == Failpoints.IndexRenamed)
                {
                    finished.Add(Environment.CurrentManagedThreadId);
                }

                if (hit != point)
                {
                    return;
                }

                if (mode == CompactionMode.Exclusive && !documentsSeen)
                {
                    // The documents are copied by themselves.
                    documentsSeen = true;
                    return;
                }

                // The third index finds nobody to meet.
                if (threads.AddOrUpdate(Environment.CurrentManagedThreadId, 1, (_, before) => before + 1) == 1)
                {
                    Assert.True(both.SignalAndWait(Patience), "no other index is copied at the same time");
                }
            },
        };
        var model = new Model();
        using var store = Stores.Open(directory, options, TimeProvider.System, Stores.ByCity, Stores.ByNumber, ByText);
        Fill(store, model);

        var result = Stores.Compact(store, ModeTests.Request(mode));

        Assert.Equal((2, 3), (threads.Count, threads.Values.Sum()));
        Assert.Equal(["documents", "index by-city", "index by-number", "index by-text"], result.Units.Select(unit => unit.Unit.ToString()));
        Assert.Equal([Environment.CurrentManagedThreadId], finished.Distinct());
        model.AssertEqual(store);
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Theory]
    [InlineData(CompactionMode.Rewrite)]
    [InlineData(CompactionMode.Exclusive)]
    public void Where_two_copies_do_not_fit_on_the_disk_they_are_made_one_after_the_other(CompactionMode mode)
    {
        var threads = new HashSet<int>();
        var files = new FaultyFiles();
        var options = Stores.Small with
        {
            Files = files,
            Failpoint = hit =>
            {
                if (hit is Failpoints.IndexBatchCopied or Failpoints.Vacuumed)
                {
                    threads.Add(Environment.CurrentManagedThreadId);
                }
            },
        };
        var model = new Model();
        using var store = Stores.Open(directory, options, null, Stores.ByCity, ByText);
        Fill(store, model);
        var request = ModeTests.Request(mode) with { Documents = false };
        files.Free = store.Estimate(request).Max(unit => unit.TemporaryBytes);

        Stores.Compact(store, request);

        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        model.AssertEqual(store);
        files.Free--;
        Stores.Compact(store, request with { Indexes = ["by-city"] });
        Assert.Throws<InsufficientDiskSpaceException>(() => store.Compaction.Start(request));
    }

    [Theory]
    [InlineData(Failpoints.IndexBatchCopied, 1)]
    [InlineData(Failpoints.IndexBatchCopied, 3)]
    [InlineData(Failpoints.IndexOrderBuilt, 2)]
    [InlineData(Failpoints.IndexSealed, 2)]
    [InlineData(Failpoints.IndexClosed, 1)]
    public void A_failure_of_one_index_stops_the_others_and_all_of_them_go_on_from_where_they_were(string point, int hits)
    {
        var options = Stores.Small with
        {
            CopyBatchBytes = 4 << 10,
            Failpoint = hit =>
            {
                if (hit == point && Interlocked.Decrement(ref hits) == 0)
                {
                    throw new IOException("Injected.");
                }
            },
        };
        var random = new Random(8);
        var model = new Model();
        var fractions = new List<double>();
        using var store = Stores.Open(directory, options, null, Stores.ByCity, Stores.ByNumber, ByText);
        Fill(store, model);
        using (var job = store.Compaction.Start(CompactionRequest.Everything, progress => fractions.Add(progress.Fraction)))
        {
            Assert.Throws<StorageException>(() => Stores.Complete(store, job));
            model.Commit(store, CompactionTests.Churn(random, model, 100));
            model.AssertEqual(store);
            Stores.Complete(store, job);
        }

        model.AssertEqual(store);
        Assert.Equal(fractions.Order(), fractions);
        Assert.Equal(1, fractions[^1]);
        Assert.Empty(store.Verify().Problems);
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Fact]
    public void A_full_disk_removes_all_partial_copies_if_that_was_asked_for()
    {
        var files = new FaultyFiles();
        var options = Stores.Small with
        {
            Files = files,
            MinimumFreeDiskBytes = 1000,
            CopyBatchBytes = 4 << 10,
            Failpoint = hit => files.Free = hit == Failpoints.IndexBatchCopied ? 999 : files.Free,
        };
        var model = new Model();
        using var store = Stores.Open(directory, options, null, Stores.ByCity, Stores.ByNumber, ByText);
        Fill(store, model);
        foreach (var discard in (bool[])[false, true])
        {
            files.Free = null;
            using (var job = store.Compaction.Start(CompactionRequest.Everything with { Documents = false, DiscardPartial = discard }))
            {
                Assert.Throws<InsufficientDiskSpaceException>(() => Stores.Complete(store, job));
            }

            Assert.Equal(discard, store.Sizes().TemporaryBytes == 0);
            model.AssertEqual(store);
        }
    }

    [Fact]
    public void More_removals_than_are_logged_are_looked_for()
    {
        var random = new Random(9);
        var model = new Model();
        CollectionStore? store = null;
        var rounds = 0;
        var options = Stores.Small with
        {
            LoggedRemovals = 20,
            FinalCatchUpChanges = 10_000,
            CopyBatchBytes = 4 << 10,
            Failpoint = hit =>
            {
                if (hit is Failpoints.IndexBatchCopied or Failpoints.IndexOrderBuilt && rounds++ < 5)
                {
                    model.Commit(store!, [.. model.Ids.Take(40).Select(id => Stores.Delete(id))]);
                }
            },
        };
        using (store = Stores.Open(directory, options, null, Stores.ByCity))
        {
            Fill(store, model);
            using var job = store.Compaction.Start(new CompactionRequest(false, null, TombstonePurge.None));
            job.RunOnline(CancellationToken.None);
            model.Commit(store, CompactionTests.Churn(random, model, 200));
            Assert.Equal(FinishOutcome.Continue, store.Compaction.FinishUnit(job));
            Stores.Complete(store, job);
            Assert.Equal(5, Math.Min(rounds, 5));
            model.AssertEqual(store);
            Assert.Empty(store.Verify().Problems);
        }
    }

    private static void Fill(CollectionStore store, Model model)
    {
        var random = new Random(7);
        model.Commit(store, [.. Enumerable.Range(0, 900).Select(i => Stores.Document(random, $"d{i}", random.Next(100, 600)))]);
        model.Commit(store, [.. model.Ids.Where(_ => random.Next(2) == 0).Select(id => Stores.Delete(id))]);
    }
}
