using System.Diagnostics;
using System.Globalization;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// A process that writes, deletes and compacts in all modes until it is killed, or kills itself at a failpoint. It announces
/// each batch on standard output before the commit and acknowledges it after.
/// </summary>
internal static class Program
{
    private const int BatchesBetweenCompactions = 3;

    public static int Main(string[] arguments)
    {
        if (arguments is ["write-until-full", var directory])
        {
            return FaultTests.WriteUntilFull(directory);
        }

        if (arguments is not ["write-until-killed", var data, var seedText, .. var at] || at.Length is not (0 or 2))
        {
            Console.Error.WriteLine("usage: write-until-killed DIRECTORY SEED [FAILPOINT HITS]");
            return 2;
        }

        var random = new Random(int.Parse(seedText, CultureInfo.InvariantCulture));
        var (point, hits) = at is [var name, var count] ? (name, int.Parse(count, CultureInfo.InvariantCulture)) : ("", 0);
        var options = Stores.Small with { CopyBatchBytes = 16 << 10, Failpoint = hit => KillSelfAt(hit, point, ref hits) };
        var settings = new CollectionSettings([Stores.ByCity]) { Compression = CompressionOf(int.Parse(seedText, CultureInfo.InvariantCulture)) };
        using var store = CollectionStore.Open(
            new CollectionDirectory(data, Stores.Database, Stores.Collection), settings, options, TimeProvider.System);
        Console.WriteLine($"opened {store.OpenReport.State}");
        var compaction = new Compaction(store, random, point);
        var index = new SecondIndex(store, random);
        for (var batch = 0; ; batch++)
        {
            Write(store, random, batch);
            index.Step(mayRemove: !compaction.IsAtWork);
            compaction.Step(start: batch % BatchesBetweenCompactions == 0);
        }
    }

    private static CompressionSetting[] Compressions { get; } =
        [CompressionSetting.None, CompressionSetting.Create("brotli"), CompressionSetting.Create("deflate", 1)];

    /// <summary>What a process with a seed stores its documents with: seldom another than the one before it.</summary>
    internal static CompressionSetting CompressionOf(int seed) => Compressions[((seed / 1000) + (seed % 1000 / 180)) % Compressions.Length];

    /// <summary>Built beside the writer from time to time, and removed again.</summary>
    internal static IndexDefinition ByBatch { get; } = new("by-batch", "batch");

    private static void KillSelfAt(string hit, string point, ref int hits)
    {
        if (hit == point && Interlocked.Decrement(ref hits) == 0)
        {
            Process.GetCurrentProcess().Kill();

            // Nothing more may happen in this thread until the signal has come.
            new ManualResetEvent(false).WaitOne();
        }
    }

    private static void Write(CollectionStore store, Random random, int batch)
    {
        var writes = new Dictionary<string, WriteOperation>();
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            var id = $"d{random.Next(200)}";
            writes[id] = random.Next(3) == 0 ? Stores.Delete(id) : Stores.Put(id, Json(random, batch));
        }

        foreach (var write in writes.Values)
        {
            Console.WriteLine(write is WriteOperation.Put put ? $"put {put.Id} {put.Body.Json()}" : $"delete {write.Id}");
        }

        store.Commit([.. writes.Values], 1);
        Console.WriteLine("committed");
    }

    private static string Json(Random random, int batch) =>
        $$"""{"batch":{{batch}},"address":{"city":"{{random.Next(20)}}"},"text":"{{new string('x', random.Next(3000))}}"}""";

    /// <summary>An index that is built in the background, and later given up or removed with its file.</summary>
    private sealed class SecondIndex(CollectionStore store, Random random)
    {
        private IndexBuild? build;
        private Task? online;

        public void Step(bool mayRemove)
        {
            if (build is null && store.Indexes.Count == 1)
            {
                build = store.StartIndex(ByBatch)!;
                RunOnline();
            }
            else if (build is { } begun && !store.Builds.Contains(begun))
            {
                // A compaction that closes the files has stopped it.
                build = null;
            }
            else if (build is not null && online!.IsCompleted)
            {
                online.GetAwaiter().GetResult();
                if (store.FinishIndex(build) == FinishOutcome.Done)
                {
                    build = null;
                }
                else
                {
                    RunOnline();
                }
            }
            else if (build is null && mayRemove && random.Next(3) == 0)
            {
                store.RemoveIndex(ByBatch.Name);
                if (random.Next(2) == 0)
                {
                    store.CleanIndexes();
                }
            }
        }

        private void RunOnline()
        {
            var current = build!;
            online = Task.Run(() => current.RunOnline(CancellationToken.None));
        }
    }

    /// <summary>A compaction in the background, ended between two commits.</summary>
    private sealed class Compaction(CollectionStore store, Random random, string point)
    {
        private CompactionJob? job;
        private Task? online;
        private CompactionMode mode;

        public bool IsAtWork => job is not null;

        public void Step(bool start)
        {
            if (job is null && start)
            {
                mode = Mode();
                var purge = random.Next(2) == 0 ? TombstonePurge.None : new TombstonePurge(TimeProvider.System.GetUtcNow(), store.Position.Seq);
                job = store.Compaction.Start(new CompactionRequest(true, null, purge) { Mode = mode, FreeSpaceTargetBytes = 0 });
                RunOnline();
            }

            // Offline there is nothing to write.
            while (job is not null && (online!.IsCompleted || store.Compaction.IsOffline))
            {
                online.GetAwaiter().GetResult();
                if (store.Compaction.FinishUnit(job) == FinishOutcome.Done)
                {
                    job = null;
                    Console.WriteLine($"compacted {mode.Name()}");
                }
                else
                {
                    RunOnline();
                }
            }
        }

        private CompactionMode Mode() => point switch
        {
            "" or Failpoints.Committed => (CompactionMode)random.Next(4),
            Failpoints.Vacuumed => CompactionMode.Exclusive,
            Failpoints.Moved => CompactionMode.Incremental,
            Failpoints.Released => CompactionMode.Release,
            Failpoints.Sealed or Failpoints.Closed or Failpoints.IntentWritten or Failpoints.LogRemoved or Failpoints.Renamed
                or Failpoints.IntentRemoved or Failpoints.IndexSealed or Failpoints.IndexClosed or Failpoints.IndexRenamed =>
                random.Next(2) == 0 ? CompactionMode.Rewrite : CompactionMode.Exclusive,
            _ => CompactionMode.Rewrite,
        };

        private void RunOnline()
        {
            var current = job!;
            online = Task.Run(() => current.RunOnline(CancellationToken.None));
        }
    }
}
