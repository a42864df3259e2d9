using System.Text.Json;
using Orchestrator.CouchDouble;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>What the commands show of a CouchDB cluster, through the whole server, on the double.</summary>
public sealed class CouchDbScreenTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_report_has_each_database_with_its_files_its_views_and_its_stale_indexes()
    {
        await using var couch = await DoubleCluster.Start(FreePorts.Find(3));
        var shop = couch.Create("shop", q: 2, file: 40 * MiB, active: 10 * MiB);
        couch.AddView(shop, "by-date", file: 8 * MiB, active: 2 * MiB);
        couch.Nodes[1].Shards[shop.ShardOf(shop.ByRange.Keys.First())].StaleIndexes.Add(DoubleView.SignatureOf("by-date of last year"));
        couch.Create("log", q: 1, file: 6 * MiB, active: 6 * MiB);
        await using var server = await Start(couch);

        var (_, json, _) = await Run(server, "report", "--cluster", "couch", "--output", "json");
        var (code, text, error) = await Run(server, "report", "--cluster", "couch");

        Assert.True(code == 0, error);
        var databases = JsonElement.Parse(json).GetProperty("databases").EnumerateArray().ToDictionary(database => database.GetProperty("database").GetString()!);
        Assert.Equal(["log", "shop"], databases.Keys);
        var data = databases["shop"].GetProperty("data");
        Assert.Equal((6, 1), (databases["shop"].GetProperty("copies").GetInt32(), databases["shop"].GetProperty("views").GetInt32()));
        Assert.Equal((240 * MiB, 60 * MiB, 30 * MiB), (Bytes(data, "fileBytes"), Bytes(data, "liveBytes"), Bytes(data, "externalBytes")));
        Assert.Equal(1, data.GetProperty("staleIndexes").GetInt32());

        // Node by node the part beside the design document is told, on each of three nodes.
        var views = databases["shop"].GetProperty("viewSize");
        Assert.Equal((24 * MiB, 6 * MiB), (Bytes(views, "fileBytes"), Bytes(views, "liveBytes")));
        Assert.Equal(0, databases["log"].GetProperty("data").GetProperty("staleIndexes").GetInt32());
        Assert.Contains("Stale indexes", text, StringComparison.Ordinal);
        Assert.Matches(@"\n *shop +6 +240\.?0? MiB +60\.?0? MiB +30\.?0? MiB +1 +24\.?0? MiB +6\.?0? MiB +1\s*\n", text.ReplaceLineEndings("\n"));

        static long Bytes(JsonElement size, string name) => size.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task Automatic_compaction_is_seen_in_the_nodes_and_in_the_explanation()
    {
        await using var couch = await DoubleCluster.Start(FreePorts.Find(3));
        var shop = couch.Create("shop", q: 1, file: 40 * MiB, active: 10 * MiB);
        (couch.Nodes[1].SmooshActive, couch.Nodes[1].SmooshWaiting) = (1, 2);
        var held = new TaskCompletionSource();
        couch.Nodes[2].Held = held.Task;
        couch.Nodes[2].Compact(couch.Nodes[2].Shards[shop.ShardOf(shop.ByRange.Keys.First())], isOrdered: false);
        await using var server = await Start(couch);

        var (_, nodes, _) = await Run(server, "nodes", "--cluster", "couch", "--output", "json");
        var (_, explained, _) = await Run(server, "explain", "--cluster", "couch", "--output", "json");
        held.SetResult();

        const string waiting = "its automatic compaction (smoosh) has 1 at work and 2 waiting";
        const string atWork = "compacts shop@00000000-ffffffff (not ordered from here: by smoosh, or by somebody else)";
        Assert.Contains(waiting, nodes, StringComparison.Ordinal);
        Assert.Contains(atWork, nodes, StringComparison.Ordinal);
        var explanation = JsonElement.Parse(explained);
        Assert.Contains($"{couch.Nodes[1].Name}: {waiting}", explanation.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            $"{couch.Nodes[2].Name} {atWork}",
            explanation.GetProperty("units").EnumerateArray().Single(unit => unit.GetProperty("node").GetString() == couch.Nodes[2].Name).GetProperty("whyNotSince").GetString());
    }

    private Task<ILocalServer> Start(DoubleCluster couch)
    {
        var file = Path.Combine(_directory.Path, "couch.conf");
        File.WriteAllText(file, $$"""
            orchestrator {
              roles = [supervisor], http.port = 0, remoting.port = 0, journal.file = "{{_directory.Path}}/journal.sqlite"
              clusters.couch {
                engine = couchdb
                endpoints = [{{string.Join(", ", couch.Nodes.Select(node => $"\"{node.Address}\""))}}]
              }
            }
            """);
        return StandaloneServer.Start(file, verbose: false, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), 1, default);
    }

    /// <summary>Asks again until the cluster has been discovered and all its members were seen.</summary>
    private async Task<(int Code, string Out, string Error)> Run(ILocalServer server, params string[] arguments)
    {
        var token = Path.Combine(_directory.Path, "token");
        await File.WriteAllTextAsync(token, server.Token);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var ran = await CliHarness.Run([.. arguments, "--server", server.Address.ToString(), "--token-file", token]);
            if (ran.Code != ExitCodes.Unreachable || patience.IsCancellationRequested)
            {
                return ran;
            }
        }
    }
}
