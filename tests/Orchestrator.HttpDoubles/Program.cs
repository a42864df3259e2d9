using Orchestrator.HttpDoubles.Milvus;
using Orchestrator.HttpDoubles.RavenDb;

// Doubles to try the command line against: it prints the URLs of their servers and serves until it is stopped.
//   dotnet run --project tests/Orchestrator.HttpDoubles
const long MiB = 1 << 20;
await using var ravendb = new RavenDoubleCluster(["A", "B", "C"]);
foreach (var (name, members) in new[] { ("orders", new[] { "A", "B", "C" }), ("catalog", ["B", "C", "A"]), ("log", ["C"]) })
{
    var database = ravendb.Add(name, members);
    foreach (var tag in members)
    {
        database.On(tag).Documents = new RavenDoubleFile(600 * MiB, 350 * MiB);
        database.On(tag).Indexes["Orders/ByCompany"] = new RavenDoubleIndex(new RavenDoubleFile(90 * MiB, 40 * MiB));
        database.On(tag).Indexes["Orders/Totals"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 4 * MiB), "MapReduce");
        database.On(tag).Indexes["Auto/Orders/ByTotal"] = new RavenDoubleIndex(new RavenDoubleFile(40 * MiB, 16 * MiB), "AutoMap", "Corax");
    }
}

await using var milvus = new MilvusDouble();
milvus.Collections.Add(new MilvusDoubleCollection("default", "book", 4_000_000, 1_200_000));
milvus.Collections.Add(new MilvusDoubleCollection("default", "film", 900_000, 10_000) { IsLoaded = false });
milvus.Collections.Add(new MilvusDoubleCollection("archive", "page", 500_000, 0));

Console.WriteLine($"ravendb {string.Join(' ', ravendb.Nodes.Select(node => node.Server.Url))}");
Console.WriteLine($"milvus {milvus.OpenGrpc()}");
var stopped = new TaskCompletionSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopped.TrySetResult();
};
AppDomain.CurrentDomain.ProcessExit += (_, _) => stopped.TrySetResult();
await stopped.Task;
