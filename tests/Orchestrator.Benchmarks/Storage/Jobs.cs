using System.Diagnostics;
using Orchestrator.Storage;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Benchmarks.Storage;

/// <summary>What a compaction took, with or without a client that writes meanwhile.</summary>
/// <param name="Time">From its start to its end.</param>
/// <param name="LongestPause">That the compaction kept writes waiting.</param>
/// <param name="LongestWait">Of any of the client's writes, from asking to its acknowledgement.</param>
/// <param name="Writes">That the client made.</param>
/// <param name="MemoryGrowth">Most bytes of private memory that came on top of what there was before.</param>
/// <param name="TemporaryBytes">Most bytes of files beside the collection's own, its write-ahead log not counted.</param>
internal sealed record JobMeasure(
    TimeSpan Time, TimeSpan LongestPause, TimeSpan LongestWait, int Writes, long MemoryGrowth, long TemporaryBytes, CompactionResult Result);

/// <summary>Runs compactions as the collection actor does: the online part on a thread, the rest between two commits.</summary>
internal static class Jobs
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(20);

    public static async Task<JobMeasure> Run(string data, CompactionRequest request, int writesPerSecond, CancellationToken cancellation)
    {
        using var store = Workbench.Open(data);
        GC.Collect();
        var memory = PrivateBytes();
        var file = Workbench.Documents(data);
        long growth = 0;
        long temporary = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sampling = Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(SampleEvery);
                while (await timer.WaitForNextTickAsync(stop.Token))
                {
                    growth = Math.Max(growth, PrivateBytes() - memory);
                    temporary = Math.Max(temporary, Beside(file));
                }
            },
            stop.Token);
        var clock = Stopwatch.StartNew();
        using var job = store.Compaction.Start(request);
        var (writes, longestWait) = await Task.Factory.StartNew(
            () => Work(store, job, writesPerSecond, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var took = clock.Elapsed;
        await stop.CancelAsync();
        await sampling.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new JobMeasure(took, job.Result!.LongestWritePause, longestWait, writes, growth, temporary, job.Result);
    }

    /// <summary>This thread is the writer's.</summary>
    private static (int Writes, TimeSpan LongestWait) Work(CollectionStore store, CompactionJob job, int writesPerSecond, CancellationToken cancellation)
    {
        var random = new Random(7);
        var clock = Stopwatch.StartNew();
        var writes = 0;
        var longest = TimeSpan.Zero;
        var due = writesPerSecond == 0 ? TimeSpan.MaxValue : TimeSpan.Zero;
        var interval = writesPerSecond == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(1.0 / writesPerSecond);
        while (true)
        {
            var online = Task.Run(() => job.RunOnline(cancellation), cancellation);
            while (!online.IsCompleted)
            {
                if (clock.Elapsed < due)
                {
                    online.Wait(due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(1), cancellation);
                    continue;
                }

                // All that came while this thread was busy, in one commit.
                var batch = new List<WriteOperation>();
                var asked = due;
                for (; due <= clock.Elapsed && batch.Count < 1000; due += interval)
                {
                    batch.Add(Workbench.Document(random, $"new-{random.Next(20_000)}", 1 << 10));
                }

                store.Commit(batch, 1);
                writes += batch.Count;
                longest = clock.Elapsed - asked is var wait && wait > longest ? wait : longest;
            }

            online.GetAwaiter().GetResult();
            if (store.Compaction.FinishUnit(job) == FinishOutcome.Done)
            {
                return (writes, longest);
            }
        }
    }

    /// <summary>What this process alone has in memory: files that are mapped, or cached by the system, do not count.</summary>
    private static long PrivateBytes()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(8, line.Length - 10).Trim(), System.Globalization.CultureInfo.InvariantCulture) << 10;
            }
        }

        return Environment.WorkingSet;
    }

    private static long Beside(string file) => Directory.GetFiles(Path.GetDirectoryName(file)!)
        .Where(path => Path.GetFileName(path) is var name && name.StartsWith("documents.sqlite", StringComparison.Ordinal)
            && name is not ("documents.sqlite" or "documents.sqlite-wal" or "documents.sqlite-shm"))
        .Sum(path => new FileInfo(path) is { Exists: true } info ? info.Length : 0);
}
