using System.Text;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Tests.Support;

/// <summary>A directory that is removed at the end of the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("orchestrator-storage-").FullName;
    }

    public string Path { get; }

    /// <summary>A copy of all files as they are, as a crash would leave them. Lock files are left out.</summary>
    public string Snapshot(string name)
    {
        var target = System.IO.Path.Combine(Path, "snapshots", name);
        var source = System.IO.Path.Combine(Path, "data");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            if (!file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal))
            {
                var copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        return target;
    }

    public void Dispose() => TemporaryFiles.Delete(Path);
}

/// <summary>A clock that stands still until it is told to go on; waits end at once and move it.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Waited { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.Ticks;

    public void Advance(TimeSpan by) => now += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
        {
            Waited += dueTime;
            now += dueTime;
        }

        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}

/// <summary>Opens collections and fills them.</summary>
internal static class Stores
{
    public const string Database = "shop";
    public const string Collection = "orders";

    /// <summary>Small enough that a test reaches several batches and checkpoints.</summary>
    public static StorageOptions Small { get; } = new() { CopyBatchBytes = 32 << 10, MinimumFreeDiskBytes = 0 };

    public static IndexDefinition ByCity { get; } = new("by-city", "$.address.city");

    public static IndexDefinition ByNumber { get; } = new("by-number", "number");

    public static CollectionStore Open(
        TemporaryDirectory directory, StorageOptions? options = null, TimeProvider? time = null, params IndexDefinition[] indexes) =>
        OpenAt(Path.Combine(directory.Path, "data"), options, time, indexes);

    public static CollectionStore OpenAt(
        string data, StorageOptions? options = null, TimeProvider? time = null, params IndexDefinition[] indexes) =>
        CollectionStore.Open(
            new CollectionDirectory(data, Database, Collection), new CollectionSettings(indexes), options ?? Small, time ?? new ManualTime());

    public static WriteOperation Put(string id, string json, string? expectedRev = null) =>
        new WriteOperation.Put(id, Encoding.UTF8.GetBytes(json), expectedRev);

    public static WriteOperation Delete(string id, string? expectedRev = null) => new WriteOperation.Delete(id, expectedRev);

    public static WriteOutcome.Written Written(this WriteOutcome outcome) => Assert.IsType<WriteOutcome.Written>(outcome);

    public static string Json(this ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);

    /// <summary>A document of about so many bytes.</summary>
    public static WriteOperation Document(Random random, string id, int bytes)
    {
        var filler = new char[Math.Max(0, bytes - 60)];
        for (var i = 0; i < filler.Length; i++)
        {
            filler[i] = (char)('a' + random.Next(26));
        }

        return Put(id, $$"""{"number":{{random.Next(1000)}},"address":{"city":"city-{{random.Next(50)}}"},"text":"{{new string(filler)}}"}""");
    }

    /// <summary>Documents of varied size under ids in no order, committed in batches.</summary>
    public static List<string> Fill(CollectionStore store, Random random, int count, int minBytes, int maxBytes, int batch = 200)
    {
        var ids = new List<string>();
        var writes = new List<WriteOperation>();
        for (var i = 0; i < count; i++)
        {
            var id = $"{random.Next():x8}-{i}";
            ids.Add(id);

            // Many small ones, few large ones.
            var share = Math.Pow(random.NextDouble(), 3);
            writes.Add(Document(random, id, minBytes + (int)(share * (maxBytes - minBytes))));
            if (writes.Count == batch || i == count - 1)
            {
                store.Commit(writes, 1);
                writes.Clear();
            }
        }

        return ids;
    }

    /// <summary>Deletes a share of the ids, chosen at random; returns those that are left.</summary>
    public static List<string> DeleteShare(CollectionStore store, Random random, List<string> ids, double share)
    {
        var gone = ids.Where(_ => random.NextDouble() < share).ToList();
        foreach (var chunk in gone.Chunk(500))
        {
            store.Commit([.. chunk.Select(id => Delete(id))], 1);
        }

        return [.. ids.Except(gone)];
    }

    /// <summary>Builds an index to its end on this thread; nothing if it is there.</summary>
    public static void AddIndex(CollectionStore store, IndexDefinition index)
    {
        using var build = store.StartIndex(index);
        if (build is null)
        {
            return;
        }

        do
        {
            build.RunOnline(CancellationToken.None);
        }
        while (store.FinishIndex(build) != FinishOutcome.Done);
    }

    /// <summary>Runs a compaction to its end on this thread.</summary>
    public static CompactionResult Compact(
        CollectionStore store, CompactionRequest? request = null, Action<CompactionProgress>? progress = null)
    {
        using var job = store.Compaction.Start(request ?? CompactionRequest.Everything, progress);
        return Complete(store, job);
    }

    public static CompactionResult Complete(CollectionStore store, CompactionJob job)
    {
        do
        {
            job.RunOnline(CancellationToken.None);
        }
        while (store.Compaction.FinishUnit(job) != FinishOutcome.Done);
        return job.Result!;
    }

    /// <summary>All of the feed.</summary>
    public static List<Feed.ChangeRecord> Changes(CollectionStore store) => [.. store.ReadChanges(0, 10_000, long.MaxValue).Changes];
}
