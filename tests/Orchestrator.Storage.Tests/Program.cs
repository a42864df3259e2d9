using System.Globalization;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// A process that writes and compacts until it is killed. It announces each batch on standard output before the commit
/// and acknowledges it after.
/// </summary>
internal static class Program
{
    private const int BatchesBetweenCompactions = 5;

    public static int Main(string[] arguments)
    {
        if (arguments is not ["write-until-killed", var data, var seedText])
        {
            Console.Error.WriteLine("usage: write-until-killed DIRECTORY SEED");
            return 2;
        }

        var random = new Random(int.Parse(seedText, CultureInfo.InvariantCulture));
        using var store = Stores.OpenAt(data, Stores.Small, TimeProvider.System, Stores.ByCity);
        Console.WriteLine($"opened {store.OpenReport.State}");
        var compaction = new Compaction(store);
        for (var batch = 0; ; batch++)
        {
            Write(store, random, batch);
            compaction.Step(start: batch % BatchesBetweenCompactions == 0);
        }
    }

    private static void Write(CollectionStore store, Random random, int batch)
    {
        var writes = new Dictionary<string, WriteOperation>();
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var id = $"d{random.Next(400)}";
            writes[id] = random.Next(4) == 0 ? Stores.Delete(id) : Stores.Put(id, Json(random, batch));
        }

        foreach (var write in writes.Values)
        {
            Console.WriteLine(write is WriteOperation.Put put ? $"put {put.Id} {put.Body.Json()}" : $"delete {write.Id}");
        }

        store.Commit([.. writes.Values], 1);
        Console.WriteLine("committed");
    }

    private static string Json(Random random, int batch) =>
        $$"""{"batch":{{batch}},"address":{"city":"{{random.Next(20)}}"},"text":"{{new string('x', random.Next(1500))}}"}""";

    /// <summary>A compaction in the background, ended between two commits.</summary>
    private sealed class Compaction(CollectionStore store)
    {
        private CompactionJob? job;
        private Task? online;

        public void Step(bool start)
        {
            if (job is null && start)
            {
                job = store.StartCompaction(CompactionRequest.Everything);
                RunOnline();
            }

            if (job is not null && online!.IsCompleted)
            {
                online.GetAwaiter().GetResult();
                if (store.FinishUnit(job) == FinishOutcome.Done)
                {
                    job = null;
                    Console.WriteLine("compacted");
                }
                else
                {
                    RunOnline();
                }
            }
        }

        private void RunOnline()
        {
            var current = job!;
            online = Task.Run(() => current.RunOnline(CancellationToken.None));
        }
    }
}
