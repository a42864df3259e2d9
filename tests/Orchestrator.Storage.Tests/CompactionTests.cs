using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

public sealed class CompactionTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Files_shrink_to_the_size_of_a_fresh_copy_and_have_the_same_contents()
    {
        var random = new Random(21);
        using var store = Stores.Open(directory, null, null, Stores.ByCity, Stores.ByNumber);
        using var fresh = Stores.OpenAt(Path.Combine(directory.Path, "fresh"), null, null, Stores.ByCity, Stores.ByNumber);
        var ids = Stores.Fill(store, random, 1500, 200, 8000);
        Stores.DeleteShare(store, random, ids, 0.6);
        var before = store.Checksum();
        var index = Entries(store);

        var result = Stores.Compact(store);

        Assert.Equal(before, store.Checksum());
        Assert.Equal(index, Entries(store));
        Assert.Equal(["documents", "index by-city", "index by-number"], result.Units.Select(unit => unit.Unit.ToString()));
        Assert.All(result.Units, unit => Assert.True(unit.BytesFreed > 0, unit.ToString()));
        FeedTests.Replicate(store, fresh);
        fresh.Checkpoint();
        foreach (var (mine, other) in store.Sizes().Units.Zip(fresh.Sizes().Units))
        {
            Assert.InRange(mine.FileBytes, 0, other.FileBytes * 1.15);
            Assert.InRange(mine.PhysicalBytes, 1, mine.FileBytes + 8192);
        }
    }

    [Fact]
    public void Chosen_units_are_compacted_and_no_others()
    {
        using var store = Stores.Open(directory, null, null, Stores.ByCity, Stores.ByNumber);
        Stores.Fill(store, new Random(1), 50, 100, 300);

        var result = Stores.Compact(store, new CompactionRequest(false, ["BY-NUMBER"], TombstonePurge.None));

        Assert.Equal([new CompactionUnit("by-number")], result.Units.Select(unit => unit.Unit));
        Assert.Throws<UnknownIndexException>(() => store.Compaction.Start(new CompactionRequest(true, ["nope"], TombstonePurge.None)));
        Assert.Throws<UnknownIndexException>(() => store.Estimate(new CompactionRequest(true, ["nope"], TombstonePurge.None)));
        Assert.Throws<ArgumentException>(() => store.Compaction.Start(new CompactionRequest(false, [], TombstonePurge.None)));
    }

    [Fact]
    public void A_second_compaction_at_the_same_time_is_refused()
    {
        using var store = Stores.Open(directory, null, null, Stores.ByCity);
        store.Commit([Stores.Put("a", "{}")], 1);
        using (store.Compaction.Start(CompactionRequest.Everything))
        {
            Assert.Throws<CompactionRefusedException>(() => store.Compaction.Start(CompactionRequest.Everything));
            Assert.Throws<CompactionRefusedException>(() => store.Compaction.DiscardPartial());
            Assert.Throws<CompactionRefusedException>(() => store.RemoveIndex("by-city"));
        }

        Stores.Compact(store);
    }

    [Fact]
    public void What_is_written_while_it_runs_is_in_the_new_file()
    {
        var random = new Random(22);
        var model = new Model();
        CollectionStore? store = null;
        var writing = false;
        var points = new HashSet<string>();
        var options = Stores.Small with
        {
            // Indexes are copied by several threads, and there is one writer at a time.
            Failpoint = point =>
            {
                lock (points)
                {
                    if (!writing && store is not null
                        && point is Failpoints.BatchCopied or Failpoints.OrderBuilt or Failpoints.CaughtUp or Failpoints.Verified
                            or Failpoints.IndexBatchCopied or Failpoints.IndexOrderBuilt)
                    {
                        writing = true;
                        points.Add(point);
                        model.Commit(store, Churn(random, model, 12));
                        writing = false;
                    }
                }
            },
        };
        using (store = Stores.Open(directory, options, null, Stores.ByCity, Stores.ByNumber))
        {
            model.Commit(store, [.. Enumerable.Range(0, 600).Select(i => Stores.Document(random, $"d{i}", random.Next(100, 2000)))]);
            for (var round = 0; round < 2; round++)
            {
                Stores.Compact(store);
                model.AssertEqual(store);
            }
        }

        Assert.Equal(6, points.Count);
        using var again = Stores.Open(directory, null, null, Stores.ByCity, Stores.ByNumber);
        model.AssertEqual(again);
        AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Fact]
    public void The_final_step_is_put_off_while_too_much_is_left_to_catch_up()
    {
        var random = new Random(23);
        var model = new Model();
        using var store = Stores.Open(directory, Stores.Small with { FinalCatchUpChanges = 10 }, null, Stores.ByCity);
        model.Commit(store, Churn(random, model, 100));
        using var job = store.Compaction.Start(CompactionRequest.Everything);
        job.RunOnline(CancellationToken.None);
        model.Commit(store, Churn(random, model, 60));

        Assert.Equal(FinishOutcome.Continue, store.Compaction.FinishUnit(job));
        Assert.Equal(0, job.Progress.UnitsDone);
        Assert.Throws<InvalidOperationException>(() => store.Compaction.FinishUnit(job));
        job.RunOnline(CancellationToken.None);
        model.Commit(store, Churn(random, model, 3));
        Assert.Equal(FinishOutcome.Continue, store.Compaction.FinishUnit(job));
        Assert.Equal(1, job.Progress.UnitsDone);
        Stores.Complete(store, job);
        model.AssertEqual(store);
    }

    [Fact]
    public void A_cancelled_compaction_goes_on_from_its_checkpoint()
    {
        var random = new Random(24);
        var copied = 0;
        CancellationTokenSource? cancel = null;
        var options = Stores.Small with
        {
            Failpoint = point =>
            {
                if (point == Failpoints.BatchCopied && ++copied == 3)
                {
                    cancel?.Cancel();
                }
            },
        };
        var model = new Model();
        var fractions = new List<double>();
        using (var store = Stores.Open(directory, options))
        {
            model.Commit(store, [.. Enumerable.Range(0, 900).Select(i => Stores.Document(random, $"d{i}", 700))]);
            using (cancel = new CancellationTokenSource())
            using (var job = store.Compaction.Start(CompactionRequest.Everything, progress => fractions.Add(progress.Fraction)))
            {
                Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
            }

            cancel = null;
            model.Commit(store, Churn(random, model, 100));
            Assert.True(store.Sizes().TemporaryBytes > 0);
        }

        using var again = Stores.Open(directory, Stores.Small);
        Assert.Equal(StartUpState.Resumable, again.OpenReport.State);
        Assert.InRange(again.OpenReport.CopiedThrough, 1, 899);
        var resumed = new List<double>();
        Stores.Compact(again, progress: progress => resumed.Add(progress.Fraction));
        model.AssertEqual(again);
        Assert.True(resumed[0] >= fractions[^1] * 0.9, $"{fractions[^1]} -> {resumed[0]}");
    }

    [Fact]
    public void A_partial_copy_can_be_discarded()
    {
        using var store = Stores.Open(directory, null, null, Stores.ByCity);
        Stores.Fill(store, new Random(2), 100, 200, 500);
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            job.RunOnline(CancellationToken.None);
        }

        Assert.True(store.Sizes().TemporaryBytes > 0);
        var removed = store.Compaction.DiscardPartial();
        Assert.EndsWith(".compact", Assert.Single(removed.Files), StringComparison.Ordinal);
        Assert.True(removed.Bytes > 0);
        Assert.Equal(0, store.Sizes().TemporaryBytes);
        AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Fact]
    public void Progress_never_goes_back_and_ends_at_one()
    {
        var reports = new List<CompactionProgress>();
        using var store = Stores.Open(directory, null, null, Stores.ByCity, Stores.ByNumber);
        Stores.Fill(store, new Random(3), 400, 200, 3000);
        Stores.Compact(store, progress: reports.Add);

        Assert.Equal(reports.Select(report => report.Fraction).Order(), reports.Select(report => report.Fraction));
        Assert.Equal(1, reports[^1].Fraction);
        Assert.Equal(CompactionStage.Done, reports[^1].Stage);
        Assert.All(reports, report => Assert.InRange(report.RowsDone, 0, report.RowsTotal));
        Assert.Equal(
            [CompactionStage.Copy, CompactionStage.BuildOrder, CompactionStage.Verify, CompactionStage.FinalCatchUp, CompactionStage.Swap],
            reports.Where(report => report.Unit == CompactionUnit.Documents).Select(report => report.Stage).Distinct());
        Assert.True(reports.Count > 10);
    }

    [Fact]
    public void The_speed_limit_holds_and_can_be_changed_and_lifted_while_it_runs()
    {
        var time = new ManualTime();
        CompactionJob? job = null;
        using var store = Stores.Open(directory, null, time);
        Stores.Fill(store, new Random(4), 400, 900, 1100);
        long limited = 0;
        var request = CompactionRequest.Everything with { MaxBytesPerSecond = 100_000 };
        using (job = store.Compaction.Start(request, progress =>
        {
            if (progress.Fraction > 0.5 && job!.MaxBytesPerSecond is not null)
            {
                limited = progress.BytesWritten;
                job.MaxBytesPerSecond = null;
            }
        }))
        {
            Stores.Complete(store, job);
            Assert.InRange(time.Waited.TotalSeconds, (limited / 100_000.0) - 1, (limited / 100_000.0) + 1);
            Assert.True(time.Waited > TimeSpan.FromSeconds(1));
            Assert.Throws<ArgumentOutOfRangeException>(() => job.MaxBytesPerSecond = 10);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => store.Compaction.Start(CompactionRequest.Everything with { MaxBytesPerSecond = 0 }));
    }

    [Fact]
    public void The_speed_of_a_compaction_that_was_limited_is_not_taken_for_the_disks()
    {
        using var store = Stores.Open(directory, null, new ManualTime());
        Stores.Fill(store, new Random(4), 400, 900, 1100);
        CompactionJob? job = null;
        var before = store.Estimate(CompactionRequest.Everything)[0].Duration;

        using (job = store.Compaction.Start(CompactionRequest.Everything with { MaxBytesPerSecond = 100_000 }, progress =>
        {
            if (progress.Fraction > 0.5)
            {
                job!.MaxBytesPerSecond = null;
            }
        }))
        {
            Stores.Complete(store, job);
        }

        var after = store.Estimate(CompactionRequest.Everything)[0].Duration;
        Assert.InRange(after, before * 0.9, before * 1.1);
    }

    [Fact]
    public void Tombstones_are_dropped_that_are_past_the_retention_and_held_by_all_and_no_others()
    {
        var time = new ManualTime();
        using var store = Stores.Open(directory, null, time);
        store.Commit([.. Enumerable.Range(1, 6).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        store.Commit([Stores.Delete("d1"), Stores.Delete("d2")], 1);
        time.Advance(TimeSpan.FromHours(2));
        store.Commit([Stores.Delete("d3"), Stores.Put("d1", "{}"), Stores.Delete("d4")], 1);
        var purge = new TombstonePurge(time.GetUtcNow(), 10_000);

        var unit = Stores.Compact(store, CompactionRequest.Everything with { Purge = purge with { HeldByAllThrough = 7 } }).Units[0];
        Assert.Equal(0, unit.TombstonesDropped);
        Assert.Equal(["d2", "d3", "d4"], Tombstones(store));

        Assert.Equal(1, Stores.Compact(store, CompactionRequest.Everything with { Purge = purge }).Units[0].TombstonesDropped);
        Assert.Equal(["d3", "d4"], Tombstones(store));
        Assert.Equal(8, store.ReadChanges(0).PurgedThrough);

        time.Advance(TimeSpan.FromHours(2));
        Stores.Compact(store, CompactionRequest.Everything with { Purge = new TombstonePurge(time.GetUtcNow(), 11) });
        Assert.Empty(Tombstones(store));
        Assert.Equal((1, 11L), (store.Position.Term, store.Position.Seq));
        Assert.Equal((0, 3), (store.Sizes().Tombstones, store.DocumentCount));
        Assert.Equal(12, store.Commit([Stores.Put("d9", "{}")], 1)[0].Written().Seq);
    }

    [Fact]
    public void A_member_that_missed_dropped_tombstones_must_resynchronise()
    {
        var time = new ManualTime();
        using var primary = Stores.Open(directory, null, time);
        using var member = Stores.OpenAt(Path.Combine(directory.Path, "member"));
        using var empty = Stores.OpenAt(Path.Combine(directory.Path, "empty"));
        primary.Commit([Stores.Put("a", "{}"), Stores.Put("b", "{}")], 1);
        FeedTests.Replicate(primary, member);
        primary.Commit([Stores.Put("c", "{}"), Stores.Delete("a"), Stores.Put("d", "{}")], 1);
        time.Advance(TimeSpan.FromDays(1));
        Stores.Compact(primary, CompactionRequest.Everything with { Purge = new TombstonePurge(time.GetUtcNow(), 5) });

        Assert.Throws<ResyncRequiredException>(() => FeedTests.Replicate(primary, member));
        Assert.NotNull(member.Get("a"));

        // One that is empty missed nothing; what it gets in several pieces continues, and it warns others in turn.
        empty.Feed.Apply(primary.ReadChanges(0, 1));
        Assert.True(empty.Position.Seq < primary.ReadChanges(0).PurgedThrough);
        FeedTests.Replicate(primary, empty);
        Assert.Equal(primary.Checksum(), empty.Checksum());
        Assert.Throws<ResyncRequiredException>(() => FeedTests.Replicate(empty, member));
        member.Feed.RollBack(0);
        FeedTests.Replicate(empty, member);
        Assert.Equal(primary.Checksum(), member.Checksum());
    }

    [Fact]
    public void A_full_disk_stops_it_before_or_during_and_the_copy_is_kept_or_removed_as_asked()
    {
        var files = new FaultyFiles();
        var options = Stores.Small with { Files = files, MinimumFreeDiskBytes = 1000 };
        using var store = Stores.Open(directory, options);
        Stores.Fill(store, new Random(6), 300, 500, 1000);
        var checksum = store.Checksum();

        files.Free = 5000;
        var error = Assert.Throws<InsufficientDiskSpaceException>(() => store.Compaction.Start(CompactionRequest.Everything));
        Assert.Equal(5000, error.AvailableBytes);
        Assert.True(error.RequiredBytes > 100_000);

        foreach (var discard in (bool[])[false, true])
        {
            files.Free = null;
            using (var job = store.Compaction.Start(CompactionRequest.Everything with { DiscardPartial = discard }, _ => files.Free = 999))
            {
                Assert.Throws<InsufficientDiskSpaceException>(() => job.RunOnline(CancellationToken.None));
            }

            Assert.Equal(discard, store.Sizes().TemporaryBytes == 0);
            Assert.Equal(checksum, store.Checksum());
            store.Commit([Stores.Put("still", "{}")], 1);
            checksum = store.Checksum();
        }

        files.Free = null;
        Stores.Compact(store);
        Assert.Equal(checksum, store.Checksum());
    }

    [Fact]
    public async Task Readers_that_run_when_the_file_is_swapped_finish_or_begin_anew()
    {
        var random = new Random(7);
        using var store = Stores.Open(directory, null, TimeProvider.System, Stores.ByNumber);
        Stores.Fill(store, random, 1500, 200, 600);
        store.Commit([Stores.Put("fixed", """{"number":5000}""")], 1);
        var checksum = store.Checksum();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(i => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.NotNull(store.Get("fixed"));
                    Assert.Equal(1501, store.Scan().Count());
                    Assert.Equal(checksum, store.Checksum());
                    Assert.Single(store.LookUp("by-number", IndexQuery.Equal(IndexKey.FromNumber(5000))));
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var i = 0; i < 5; i++)
        {
            Stores.Compact(store);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    internal static void AssertNoDebris(string data)
    {
        var aside = Path.DirectorySeparatorChar + "rollback" + Path.DirectorySeparatorChar;
        var files = Directory.GetFiles(data, "*", SearchOption.AllDirectories).Where(file => !file.Contains(aside, StringComparison.Ordinal)).Select(Path.GetFileName).Where(name =>
            name!.Contains(".compact", StringComparison.Ordinal) || name.Contains(".vacuum", StringComparison.Ordinal) || name.Contains(".swap", StringComparison.Ordinal)
            || name.EndsWith(".tmp", StringComparison.Ordinal) || name.EndsWith("-journal", StringComparison.Ordinal)
            || name.StartsWith("received", StringComparison.Ordinal) || name.StartsWith("resync", StringComparison.Ordinal));
        Assert.Empty(files);
    }

    /// <summary>Overwrites, deletes and new documents.</summary>
    internal static List<WriteOperation> Churn(Random random, Model model, int count)
    {
        var writes = new List<WriteOperation>();
        var ids = model.Ids;
        for (var i = 0; i < count; i++)
        {
            var id = ids.Count > 0 && random.Next(3) > 0 ? ids[random.Next(ids.Count)] : $"n{random.Next(100_000)}";
            writes.Add(random.Next(3) == 0 ? Stores.Delete(id) : Stores.Document(random, id, random.Next(80, 1500)));
        }

        return writes;
    }

    private static string[] Tombstones(CollectionStore store) =>
        [.. Stores.Changes(store).Where(change => change.Deleted).Select(change => change.Id)];

    private static List<(string, string)> Entries(CollectionStore store) =>
    [
        .. store.Indexes.SelectMany(index => store.LookUp(index.Name, new IndexQuery(null, null, 10_000)))
            .Select(entry => (entry.Key.ToString(), entry.Document.Id)),
    ];
}
