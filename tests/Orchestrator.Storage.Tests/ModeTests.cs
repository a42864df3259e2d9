using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>The modes <c>exclusive</c>, <c>incremental</c> and <c>release</c>.</summary>
public sealed class ModeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    public static TheoryData<CompactionMode> Modes => [.. Enum.GetValues<CompactionMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Space_is_freed_and_the_contents_stay(CompactionMode mode)
    {
        using var store = Filled(out var model);
        var before = store.Checksum();
        var estimate = store.Estimate(Request(mode));
        var reports = new List<CompactionProgress>();

        var result = Stores.Compact(store, Request(mode), reports.Add);

        output.WriteLine(string.Join('\n', result.Units));
        Assert.Equal(before, store.Checksum());
        model.AssertEqual(store);
        Assert.Empty(store.Verify().Problems);
        Assert.True(result.PhysicalBytesFreed > 500_000, $"{result.PhysicalBytesFreed}");
        Assert.Equal(mode == CompactionMode.Release, result.Units[0].BytesFreed == 0);
        Assert.InRange(estimate[0].BytesFreed, result.Units[0].PhysicalBytesFreed * 0.9, (result.Units[0].PhysicalBytesFreed * 1.1) + 65536);
        Assert.Equal(reports.Select(report => report.Fraction).Order(), reports.Select(report => report.Fraction));
        Assert.Equal((1.0, CompactionStage.Done, TimeSpan.Zero), (reports[^1].Fraction, reports[^1].Stage, reports[^1].Remaining));
        model.Commit(store, CompactionTests.Churn(new Random(3), model, 300));
        model.AssertEqual(store);
        Assert.Empty(store.Verify().Problems);
        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_file_is_whole_when_it_is_opened_again(CompactionMode mode)
    {
        Model model;
        using (var store = Filled(out model))
        {
            Stores.Compact(store, Request(mode));
            model.Commit(store, CompactionTests.Churn(new Random(4), model, 200));
        }

        using var again = Stores.Open(directory, null, null, Stores.ByCity);
        model.AssertEqual(again);
        Assert.Empty(again.Verify().Problems);
    }

    [Fact]
    public void Exclusive_refuses_reads_and_writes_until_it_is_done_or_stopped()
    {
        using var store = Filled(out var model);
        using (var job = store.Compaction.Start(Request(CompactionMode.Exclusive)))
        {
            Assert.True(store.Compaction.IsOffline);
            Assert.Throws<CollectionOfflineException>(() => store.Get("d1"));
            Assert.Throws<CollectionOfflineException>(() => store.Scan());
            Assert.Throws<CollectionOfflineException>(() => store.ReadChanges(0));
            Assert.Throws<CollectionOfflineException>(() => store.LookUp("by-city", new Indexes.IndexQuery(null, null)));
            Assert.Throws<CollectionOfflineException>(() => store.Commit([Stores.Put("a", "{}")], 1));
            job.RunOnline(CancellationToken.None);
            Assert.Throws<CollectionOfflineException>(() => store.Commit([Stores.Put("a", "{}")], 1));
            Assert.True(store.Sizes().TemporaryBytes > 0);
        }

        Assert.False(store.Compaction.IsOffline);
        model.AssertEqual(store);
        Stores.Compact(store, Request(CompactionMode.Exclusive));
        Assert.False(store.Compaction.IsOffline);
        model.AssertEqual(store);
    }

    [Fact]
    public void Exclusive_that_is_cancelled_leaves_the_old_file_and_no_debris()
    {
        using var cancel = new CancellationTokenSource();
        using var store = Filled(out var model);
        using (var job = store.Compaction.Start(Request(CompactionMode.Exclusive), progress =>
        {
            if (progress.Stage == CompactionStage.Vacuum)
            {
                cancel.Cancel();
            }
        }))
        {
            Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
        }

        CompactionTests.AssertNoDebris(Path.Combine(directory.Path, "data"));
        model.AssertEqual(store);
    }

    [Fact]
    public void Exclusive_and_incremental_drop_tombstones_and_remember_that_they_did()
    {
        foreach (var mode in (CompactionMode[])[CompactionMode.Exclusive, CompactionMode.Incremental])
        {
            var time = new ManualTime();
            using var store = Stores.OpenAt(Path.Combine(directory.Path, mode.Name()), null, time);
            store.Commit([.. Enumerable.Range(1, 1500).Select(i => Stores.Put($"d{i}", "{}"))], 1);
            store.Commit([.. Enumerable.Range(1, 1200).Select(i => Stores.Delete($"d{i}"))], 1);
            time.Advance(TimeSpan.FromHours(1));
            var request = Request(mode) with { Purge = new TombstonePurge(time.GetUtcNow(), 2600) };

            Assert.Equal(1100, Stores.Compact(store, request).Units[0].TombstonesDropped);
            Assert.Equal((100, 300), (store.Sizes().Tombstones, store.DocumentCount));
            Assert.Equal(2600, store.ReadChanges(0).PurgedThrough);
            Assert.Equal(2700, store.Position.Seq);
            Assert.Empty(store.Verify().Problems);
        }
    }

    [Theory]
    [InlineData(CompactionMode.Exclusive)]
    [InlineData(CompactionMode.Incremental)]
    public void Tombstones_that_were_dropped_in_place_do_not_bring_documents_back_from_an_earlier_copy(CompactionMode mode)
    {
        var time = new ManualTime();
        using var store = Stores.Open(directory, null, time);
        store.Commit([.. Enumerable.Range(1, 50).Select(i => Stores.Put($"d{i}", "{}"))], 1);
        using (var job = store.Compaction.Start(CompactionRequest.Everything))
        {
            job.RunOnline(CancellationToken.None);
        }

        store.Commit([.. Enumerable.Range(1, 20).Select(i => Stores.Delete($"d{i}"))], 1);
        time.Advance(TimeSpan.FromHours(1));
        var request = Request(mode) with { Purge = new TombstonePurge(time.GetUtcNow(), store.Position.Seq) };
        Assert.Equal(20, Stores.Compact(store, request).Units[0].TombstonesDropped);

        Stores.Compact(store);
        Assert.Equal(30, store.DocumentCount);
        Assert.Null(store.Get("d1"));
        Assert.Empty(store.Verify().Problems);
    }

    [Fact]
    public void Incremental_stops_at_its_target_and_can_be_interrupted_between_slices()
    {
        using var store = Filled(out var model);
        var free = store.Sizes().Units[0].FreeListBytes;
        var target = free / 2;
        var request = Request(CompactionMode.Incremental) with { Indexes = [], FreeSpaceTargetBytes = target };
        using (var cancel = new CancellationTokenSource())
        using (var job = store.Compaction.Start(request, _ => cancel.Cancel()))
        {
            job.RunOnline(cancel.Token);
            Assert.Equal(FinishOutcome.Continue, store.Compaction.FinishUnit(job));
            Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
        }

        var between = store.Sizes().Units[0].FreeListBytes;
        Assert.InRange(between, target + 1, free - 1);
        model.Commit(store, CompactionTests.Churn(new Random(5), model, 20));
        Stores.Compact(store, request);
        Assert.InRange(store.Sizes().Units[0].FreeListBytes, target - 8192, target);
        Assert.Equal(0, store.Sizes().TemporaryBytes);
        model.AssertEqual(store);
    }

    [Fact]
    public void Incremental_works_where_there_is_no_free_disk_for_a_copy()
    {
        var files = new FaultyFiles();
        using var store = Filled(out var model, Stores.Small with { Files = files, MinimumFreeDiskBytes = 64 << 20 });
        files.Free = 100_000;
        Assert.Throws<InsufficientDiskSpaceException>(() => store.Compaction.Start(Request(CompactionMode.Rewrite)));
        Assert.True(Stores.Compact(store, Request(CompactionMode.Incremental)).BytesFreed > 500_000);
        model.AssertEqual(store);
    }

    [Fact]
    public void The_free_list_in_the_file_is_SQLites_own()
    {
        using var store = Filled(out _);
        store.Checkpoint();
        var path = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite");
        using var session = Sqlite.SqliteSession.OpenExisting(path, Stores.Small, memoryMap: false);
        var pageSize = (int)session.Scalar("PRAGMA page_size");
        using var file = new Files.HoleFile(path, 4096);
        var leaves = Sqlite.FreeList.Leaves(file, pageSize, session.Scalar("PRAGMA page_count"), 0);

        var free = session.Scalar("PRAGMA freelist_count");
        var trunks = free - leaves.Count;
        Assert.True(leaves.Count > 50);
        Assert.InRange(trunks, 1, 1 + (free * 8 / pageSize));
        Assert.Equal(leaves.Order(), leaves);
    }

    [Theory]
    [InlineData(8192, 4096, "2-3:8192+16384 7:49152+8192")]
    [InlineData(1024, 4096, "4-7:- 9-11:- 13-18:12288+4096")]
    [InlineData(4096, 4096, "2:4096+4096")]
    public void Only_whole_blocks_of_free_pages_are_given_back(int pageSize, int blockBytes, string expected)
    {
        var leaves = new List<uint>();
        var blocks = new List<(long, long)>();
        foreach (var part in expected.Split(' '))
        {
            var (pages, bytes) = (part.Split(':')[0].Split('-'), part.Split(':')[1]);
            for (var page = uint.Parse(pages[0]); page <= uint.Parse(pages[^1]); page++)
            {
                leaves.Add(page);
            }

            if (bytes != "-")
            {
                blocks.Add((long.Parse(bytes.Split('+')[0]), long.Parse(bytes.Split('+')[1])));
            }
        }

        Assert.Equal(blocks, Sqlite.FreeList.Blocks(leaves, pageSize, blockBytes).Select(block => (block.Offset, block.Length)));
    }

    [Fact]
    public void Release_is_refused_where_the_file_system_cannot()
    {
        var files = new FaultyFiles { WhyNot = "the file system of x cannot give blocks back" };
        using var store = Filled(out _, Stores.Small with { Files = files });
        var error = Assert.Throws<CompactionRefusedException>(() => store.Compaction.Start(Request(CompactionMode.Release)));
        Assert.Contains("the file system of x cannot", error.Message, StringComparison.Ordinal);
        Stores.Compact(store, Request(CompactionMode.Rewrite));
    }

    [Fact]
    public void Release_waits_for_a_read_of_an_earlier_state()
    {
        using var store = Filled(out var model);
        var path = Path.Combine(directory.Path, "data", Stores.Database, Stores.Collection, "documents.sqlite");
        using var job = store.Compaction.Start(Request(CompactionMode.Release) with { Indexes = [] });
        using (var session = Sqlite.SqliteSession.OpenExisting(path, Stores.Small, memoryMap: true))
        {
            session.InTransaction(write: false, () =>
            {
                var rows = session.Scalar("SELECT count(*) FROM documents");
                model.Commit(store, [.. model.Ids.Take(50).Select(id => Stores.Delete(id))]);

                // The read keeps the log from being emptied; what it sees must stay.
                Assert.Throws<CompactionRefusedException>(() => job.RunOnline(CancellationToken.None));
                Assert.Equal("ok", session.Text("PRAGMA integrity_check"));
                Assert.Equal(rows, session.Scalar("SELECT count(*) FROM documents"));
            });
        }

        Stores.Complete(store, job);
        Assert.True(job.Result!.PhysicalBytesFreed > 500_000);
        model.AssertEqual(store);
        Assert.Empty(store.Verify().Problems);
    }

    [Fact]
    public void A_capped_collection_is_not_compacted()
    {
        using var store = Stores.Open(directory);
        store.ChangeSettings(CompressionSetting.None, new CapLimit(null, 10));
        var error = Assert.Throws<CompactionRefusedException>(() => store.Compaction.Start(CompactionRequest.Everything));
        Assert.Contains("capped", error.Message, StringComparison.Ordinal);
    }

    internal static CompactionRequest Request(CompactionMode mode) =>
        CompactionRequest.Everything with { Mode = mode, FreeSpaceTargetBytes = 0 };

    /// <summary>With whole pages that are free, here and there and at the end.</summary>
    private CollectionStore Filled(out Model model, StorageOptions? options = null)
    {
        var random = new Random(51);
        var store = Stores.Open(directory, options, null, Stores.ByCity);
        model = new Model();
        for (var i = 0; i < 6; i++)
        {
            model.Commit(store, [.. Enumerable.Range(0, 100).Select(n => Stores.Document(random, $"d{(i * 100) + n}", random.Next(200, 9000)))]);
        }

        model.Commit(store, [.. Enumerable.Range(0, 600).Where(n => n % 100 >= 50 || n > 450).Select(n => Stores.Delete($"d{n}"))]);
        return store;
    }
}
