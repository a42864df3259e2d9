using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;
using Orchestrator.Storage.Tests.Support.Disk;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// A history of writes and compactions is recorded down to each write and sync. Then the power is cut at many points of it,
/// and what the disk has then is opened: everything acknowledged must be there.
/// </summary>
public sealed class PowerLossTests(ITestOutputHelper output) : IDisposable
{
    private static readonly CompactionMode[] Modes = [CompactionMode.Rewrite, CompactionMode.Exclusive, CompactionMode.Incremental, CompactionMode.Release];
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Acknowledged_writes_survive_a_loss_of_power_at_any_moment(int seed)
    {
        var random = new Random(seed);
        var history = new History(directory);
        history.Record(store =>
        {
            for (var round = 0; round < 8; round++)
            {
                history.Commit(store, CompactionTests.Churn(random, history.Model, random.Next(1, 40)));
                if (round == 5)
                {
                    store.Checkpoint();
                }
            }
        });
        Cut(history, seed, 20);
    }

    [Theory]
    [InlineData(CompactionMode.Rewrite, 21)]
    [InlineData(CompactionMode.Exclusive, 22)]
    [InlineData(CompactionMode.Incremental, 23)]
    [InlineData(CompactionMode.Release, 24)]
    public void A_loss_of_power_during_a_compaction_loses_nothing_and_never_takes_half_a_copy_for_good(CompactionMode mode, int seed)
    {
        var random = new Random(seed);
        var history = new History(directory);
        history.Record(store =>
        {
            history.Commit(store, [.. Enumerable.Range(0, 120).Select(n => Stores.Document(random, $"d{n}", random.Next(200, 1500)))]);
            history.Commit(store, [.. history.Model.Ids.Where(_ => random.Next(5) < 3).Select(id => Stores.Delete(id))]);
            history.Compact(store, mode, random);
            history.Commit(store, CompactionTests.Churn(random, history.Model, 20));
        });
        Cut(history, seed, 25);
    }

    [Fact]
    public void Compactions_that_are_broken_off_and_begun_anew_survive_a_loss_of_power()
    {
        const int seed = 31;
        var random = new Random(seed);
        var history = new History(directory);
        for (var round = 0; round < 5; round++)
        {
            history.Record(store =>
            {
                history.Commit(store, CompactionTests.Churn(random, history.Model, 60));
                history.Compact(store, Modes[round % 2], random, breakOffAfter: random.Next(1, 12));
                history.Commit(store, CompactionTests.Churn(random, history.Model, 10));
                history.Compact(store, Modes[(round + 1) % 4], random);
            });
        }

        Cut(history, seed, 40);
    }

    private void Cut(History history, int seed, int images) =>
        PowerCuts.Try(history.Disk, directory, seed, images, output, (point, image) => Recover(history, point, image).ToString());

    private static StartUpState Recover(History history, int point, string image)
    {
        var acknowledged = history.Acknowledged.FindLastIndex(each => each.At <= point);
        var model = acknowledged < 0 ? new Model() : history.Acknowledged[acknowledged].Model;
        var next = acknowledged + 1 < history.Acknowledged.Count ? history.Acknowledged[acknowledged + 1].Model : model;
        StartUpState state;

        // Nothing need be durable any more.
        using var disk = new WatchedDisk(image);
        using (var store = Stores.OpenAt(image, Stores.Small with { Files = new DiskFiles(disk, "after the cut") }, null, Stores.ByCity, Stores.ByNumber))
        {
            state = store.OpenReport.State;

            // What was being committed may be there, or not.
            model = store.Position.Seq == next.LastSeq ? next.Copy() : model.Copy();
            model.AssertEqual(store);
            Assert.Empty(store.Verify().Problems);
            model.Commit(store, [Stores.Put("after-the-cut", """{"number":1}""")]);
            Stores.Compact(store);
            model.AssertEqual(store);
            Assert.Empty(store.Verify().Problems);
        }

        CompactionTests.AssertNoDebris(image);
        return state;
    }

    /// <summary>A collection on a recorded disk, with what was acknowledged when.</summary>
    private sealed class History
    {
        private readonly StorageOptions options;
        private Action<string> hit = static _ => { };

        public History(TemporaryDirectory directory)
        {
            var data = Path.Combine(directory.Path, "data");
            Directory.CreateDirectory(data);
            Disk = new WatchedDisk(data) { Log = new DiskLog() };
            options = Stores.Small with { Files = new DiskFiles(Disk), Failpoint = point => hit(point), WriteAheadLogBytes = 64 << 10, CopyBatchBytes = 16 << 10, ParallelIndexes = 1 };
        }

        public WatchedDisk Disk { get; }

        public Model Model { get; } = new();

        public List<(int At, Model Model)> Acknowledged { get; } = [];

        public void Record(Action<CollectionStore> work)
        {
            using var store = Stores.OpenAt(Disk.Directory, options, null, Stores.ByCity, Stores.ByNumber);
            work(store);
        }

        public void Commit(CollectionStore store, IReadOnlyList<WriteOperation> writes)
        {
            Model.Commit(store, writes);
            Acknowledged.Add((Disk.Log!.Count, Model.Copy()));
        }

        /// <summary>Compacts everything, with writes in between.</summary>
        /// <param name="breakOffAfter">So many stages.</param>
        public void Compact(CollectionStore store, CompactionMode mode, Random random, int breakOffAfter = int.MaxValue)
        {
            using var cancel = new CancellationTokenSource();
            using var job = store.Compaction.Start(ModeTests.Request(mode));
            var left = breakOffAfter;
            hit = point =>
            {
                if (point != Failpoints.Committed && --left == 0)
                {
                    cancel.Cancel();
                }
            };
            try
            {
                do
                {
                    job.RunOnline(cancel.Token);
                    if (mode != CompactionMode.Exclusive && random.Next(3) == 0)
                    {
                        Commit(store, CompactionTests.Churn(random, Model, random.Next(1, 6)));
                    }
                }
                while (store.Compaction.FinishUnit(job) != FinishOutcome.Done);
            }
            catch (OperationCanceledException)
            {
                // As intended.
            }

            hit = static _ => { };
        }
    }
}
