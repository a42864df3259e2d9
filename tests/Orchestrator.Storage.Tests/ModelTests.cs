using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Random steps on a collection and on its model, which must agree after each; a failure prints steps and seed.</summary>
public sealed class ModelTests
{
    /// <summary>What can happen to a collection. <c>Seed</c> makes the step's own choices.</summary>
    public enum Step
    {
        Write,
        Delete,
        Reopen,
        Crash,
        Compact,
        CompactWhileWriting,
        InterruptCompaction,
        CompactIndexes,
        CompactExclusively,
        CompactInPlace,
        Release,
        ChangeCompression,
        Purge,
        ToggleIndex,
        BuildIndexBeside,
        CleanIndexes,
        Verify,
        Checkpoint,
    }

    [Fact]
    public void A_collection_behaves_as_a_dictionary_whatever_happens_to_its_files()
    {
        var steps = ArbMap.Default.GeneratorFor<Step>().Zip(Gen.Choose(0, 1_000_000)).ListOf().Resize(30);
        var property = Prop.ForAll(steps.ToArbitrary(), each => Run([.. each]));

        Check.One(Properties.Repeatable(40).WithStartSize(5).WithEndSize(30), property);
    }

    private static void Run(IReadOnlyList<(Step Step, int Seed)> steps)
    {
        using var world = new World();
        foreach (var (step, seed) in steps)
        {
            world.Do(step, new System.Random(seed));
            world.AssertEqual();
        }
    }

    private sealed class World : IDisposable
    {
        private static readonly CompressionSetting[] Compressions =
            [CompressionSetting.None, CompressionSetting.Create("brotli", 1), CompressionSetting.Create("deflate")];

        private readonly TemporaryDirectory directory = new();
        private readonly Model model = new();
        private readonly ManualTime time = new();
        private string data;
        private CollectionStore store;
        private Action<string> hit = static _ => { };
        private bool withSecondIndex;
        private CompressionSetting compression = CompressionSetting.None;
        private int snapshots;

        public World()
        {
            data = Path.Combine(directory.Path, "data");
            store = Open();
        }

        public void AssertEqual() => model.AssertEqual(store);

        public void Do(Step step, System.Random random)
        {
            switch (step)
            {
                case Step.Write:
                    model.Commit(store, CompactionTests.Churn(random, model, random.Next(1, 60)));
                    break;
                case Step.Delete:
                    model.Commit(store, [.. model.Ids.Where(_ => random.Next(2) == 0).Select(id => Stores.Delete(id))]);
                    break;
                case Step.Reopen:
                    store.Dispose();
                    store = Open();
                    break;
                case Step.Crash:
                    Crash();
                    break;
                case Step.Compact:
                    Stores.Compact(store);
                    break;
                case Step.CompactWhileWriting:
                    WithWrites(random, () => Stores.Compact(store));
                    break;
                case Step.InterruptCompaction:
                    Interrupt(random);
                    break;
                case Step.CompactIndexes:
                    WithWrites(random, () => Stores.Compact(store, new CompactionRequest(false, null, TombstonePurge.None)));
                    break;
                case Step.CompactExclusively:
                    Stores.Compact(store, ModeTests.Request(CompactionMode.Exclusive));
                    break;
                case Step.CompactInPlace:
                    WithWrites(random, () => Stores.Compact(
                        store, ModeTests.Request(CompactionMode.Incremental) with { FreeSpaceTargetBytes = random.Next(3) * 8192 }));
                    break;
                case Step.Release:
                    WithWrites(random, () => Stores.Compact(store, ModeTests.Request(CompactionMode.Release)));
                    break;
                case Step.ChangeCompression:
                    compression = Compressions[random.Next(Compressions.Length)];
                    store.ChangeSettings(compression, null);
                    break;
                case Step.Purge:
                    time.Advance(TimeSpan.FromHours(1));
                    Stores.Compact(store, ModeTests.Request((CompactionMode)random.Next(4)) with
                    {
                        Purge = new TombstonePurge(time.GetUtcNow(), random.Next((int)model.LastSeq + 1)),
                    });
                    break;
                case Step.ToggleIndex:
                    ToggleIndex();
                    break;
                case Step.BuildIndexBeside:
                    BuildIndexBeside(random);
                    break;
                case Step.CleanIndexes:
                    store.CleanIndexes();
                    break;
                case Step.Verify:
                    Assert.Empty(store.Verify().Problems);
                    break;
                default:
                    store.Checkpoint();
                    break;
            }
        }

        public void Dispose()
        {
            store.Dispose();
            directory.Dispose();
        }

        private CollectionStore Open() => CollectionStore.Open(
            new CollectionDirectory(data, Stores.Database, Stores.Collection),
            new CollectionSettings(withSecondIndex ? [Stores.ByCity, Stores.ByNumber] : [Stores.ByCity]) { Compression = compression },
            Stores.Small with { CopyBatchBytes = 4 << 10, Failpoint = point => hit(point) },
            time);

        /// <summary>Goes on with a copy of the files as they are, without closing them.</summary>
        private void Crash()
        {
            var target = Path.Combine(directory.Path, $"crash-{++snapshots}");
            foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
            {
                if (!file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal))
                {
                    var copy = Path.Combine(target, Path.GetRelativePath(data, file));
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    File.Copy(file, copy);
                }
            }

            store.Dispose();
            data = target;
            store = Open();
        }

        private void WithWrites(System.Random random, Action work)
        {
            var writing = false;
            hit = point =>
            {
                var online = point is Failpoints.BatchCopied or Failpoints.OrderBuilt or Failpoints.CaughtUp or Failpoints.Verified
                    or Failpoints.IndexBatchCopied or Failpoints.IndexOrderBuilt or Failpoints.Moved;

                // Indexes are copied by several threads, and there is one writer at a time.
                lock (random)
                {
                    if (online && !writing && random.Next(3) == 0)
                    {
                        writing = true;
                        model.Commit(store, CompactionTests.Churn(random, model, random.Next(1, 8)));
                        writing = false;
                    }
                }
            };
            work();
            hit = static _ => { };
        }

        private void Interrupt(System.Random random)
        {
            using var cancel = new CancellationTokenSource();
            using var job = store.Compaction.Start(CompactionRequest.Everything);
            var left = random.Next(1, 12);
            hit = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    cancel.Cancel();
                }
            };
            try
            {
                do
                {
                    job.RunOnline(cancel.Token);
                }
                while (store.Compaction.FinishUnit(job) != FinishOutcome.Done);
            }
            catch (OperationCanceledException)
            {
                // As intended: a partial copy stays, and the next compaction goes on from it.
            }

            hit = static _ => { };
        }

        private void BuildIndexBeside(System.Random random)
        {
            if (store.StartIndex(Stores.ByNumber) is not { } build)
            {
                return;
            }

            do
            {
                build.RunOnline(CancellationToken.None);
                model.Commit(store, CompactionTests.Churn(random, model, random.Next(1, 8)));
            }
            while (store.FinishIndex(build) != FinishOutcome.Done);
            withSecondIndex = true;
        }

        private void ToggleIndex()
        {
            withSecondIndex = !withSecondIndex;
            if (withSecondIndex)
            {
                Stores.AddIndex(store, Stores.ByNumber);
            }
            else
            {
                store.RemoveIndex(Stores.ByNumber.Name);
            }
        }
    }
}
