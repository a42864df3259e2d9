using System.Diagnostics;
using System.Threading.Channels;
using Orchestrator.Storage;

namespace Orchestrator.Benchmarks.Storage;

/// <summary>64 clients that each wait for their write before the next one; what waits is committed together.</summary>
internal static class GroupCommit
{
    private const int Writers = 64;
    private const int MaxBatch = 1000;

    // Each client has so many documents under way, as one that writes in bulk.
    private const int DocumentsPerWrite = 16;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    public static async Task<Figure> Measure(Workbench bench, CancellationToken cancellation)
    {
        using var store = Workbench.Open(bench.NewPath("writes"));
        var queue = Channel.CreateBounded<(WriteOperation[] Writes, TaskCompletionSource Done)>(Writers * 2);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var committing = Task.Factory.StartNew(() => Commit(store, queue.Reader), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var clock = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, Writers).Select(i => Task.Run(() => Write(i, queue.Writer, clock), cancellation)).ToArray();
        var documents = (await Task.WhenAll(clients)).Sum();
        var seconds = clock.Elapsed.TotalSeconds;
        queue.Writer.Complete();
        var commits = await committing;
        return new Figure(
            "group-committed writes", documents / seconds, "documents/s", ">= 20000",
            $"{Writers} writers with {DocumentsPerWrite} documents of 200 bytes a request, {commits} synced commits; the same machine and disk");
    }

    private static int Commit(CollectionStore store, ChannelReader<(WriteOperation[] Writes, TaskCompletionSource Done)> queue)
    {
        var commits = 0;
        while (queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            var writes = new List<WriteOperation>();
            var waiting = new List<TaskCompletionSource>();
            while (writes.Count < MaxBatch && queue.TryRead(out var each))
            {
                writes.AddRange(each.Writes);
                waiting.Add(each.Done);
            }

            store.Commit(writes, 1);
            commits++;
            waiting.ForEach(done => done.SetResult());
        }

        return commits;
    }

    private static async Task<int> Write(int client, ChannelWriter<(WriteOperation[] Writes, TaskCompletionSource Done)> queue, Stopwatch clock)
    {
        var random = new Random(client);
        var written = 0;
        while (clock.Elapsed < Duration)
        {
            var writes = Enumerable.Range(0, DocumentsPerWrite).Select(i => Workbench.Document(random, $"{client}-{written + i}", 200)).ToArray();
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await queue.WriteAsync((writes, done));
            await done.Task;
            written += writes.Length;
        }

        return written;
    }
}
