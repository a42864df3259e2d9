using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Tests.Composition;

namespace Orchestrator.Host.Tests.Backups;

/// <summary>
/// Files that an earlier build left when it was killed in the middle of a run: data directory with logs and a partial copy, and journal. <c>testdata/builds/make</c>
/// makes them.
/// </summary>
public sealed class OlderBuildTests : IDisposable
{
    private static readonly CollectionName Readings = new("plant", "readings");
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("131e061")]
    public async Task This_build_opens_the_files_of_an_earlier_one_and_finishes_its_run(string build)
    {
        var config = Unpack(build);
        Assert.NotEmpty(Directory.GetFiles(_directory.Path, "documents.sqlite.compact", SearchOption.AllDirectories));

        await using (var server = await RunningProcess.Start(config))
        {
            var runs = await server.Await(
                client => client.Runs([], null, 10, default), list => list.Runs.Count == 2 && list.Runs.All(run => run.State == "completed"));
            Assert.Equal(["the second run", "the first run"], runs.Runs.Select(run => run.Comment));
            Assert.True(runs.Runs[^1].BytesFreed > 0);
            Assert.Equal(1000, (await server.Await(client => client.Summary(Readings, default))).Documents);
            Assert.Equal("d4", (await server.Client.GetDocument(Readings, "d4", fromAny: false, default)).GetProperty("_id").GetString());
            await server.Await(client => client.WriteBulk(Readings, "{\"_id\":\"new\"}\n"u8.ToArray(), default));
            await server.ExpectSound("main", "node-1");
        }

        // What this build has added to the files of the earlier one is read too.
        await using var again = await RunningProcess.Start(config);
        Assert.Equal(1001, (await again.Await(client => client.Summary(Readings, default))).Documents);
        await again.Await(client => client.Runs([], null, 10, default), list => list.Runs.Count == 2);
    }

    /// <summary>As an earlier build would find the files of a later one.</summary>
    [Fact]
    public async Task A_collection_of_a_later_build_is_refused_by_a_sentence_and_not_changed()
    {
        var config = Unpack("131e061");
        var documents = Path.Combine(_directory.Path, "node", "plant", "readings", "documents.sqlite");
        using (var file = new SqliteConnection($"Data Source={documents};Pooling=False"))
        {
            file.Open();
            using var command = file.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        await using (var server = await RunningProcess.Start(config))
        {
            var view = await server.Await(
                client => client.Cluster("main", default), cluster => cluster.ReplicaSets[0].Members[0].State == "failed");
            Assert.Contains("version 99", view.ReplicaSets[0].Members[0].Reason, StringComparison.Ordinal);
        }

        using var after = new SqliteConnection($"Data Source={documents};Pooling=False");
        after.Open();
        using var count = after.CreateCommand();
        count.CommandText = "SELECT count(*) FROM documents WHERE deleted = 0";
        Assert.Equal(1000L, count.ExecuteScalar());
    }

    private string Unpack(string build, [CallerFilePath] string caller = "")
    {
        using (var packed = File.OpenRead(Path.Combine(Path.GetDirectoryName(caller)!, "..", "testdata", "builds", build + ".tar.gz")))
        using (var unpacked = new GZipStream(packed, CompressionMode.Decompress))
        {
            TarFile.ExtractToDirectory(unpacked, _directory.Path, overwriteFiles: false);
        }

        return _directory.Write("node.conf", $$"""
            orchestrator {
              roles = [node, supervisor]
              http.port = 0
              remoting { port = 0, claim-timeout = 5s }
              node { name = node-1, data-directory = "{{_directory.Path}}/node" }
              journal.file = "{{_directory.Path}}/journal.sqlite"
              clusters.main.replica-sets.rs-1.members = [node-1]
              runs { min-reclaimable-bytes = 0, min-fragmentation = 0%, min-step-down-bytes = 0, settle = 0s }
            }
            """);
    }
}
