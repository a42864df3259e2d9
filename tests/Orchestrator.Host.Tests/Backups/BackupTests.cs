using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Cli;
using Orchestrator.Host.Tests.Composition;

namespace Orchestrator.Host.Tests.Backups;

/// <summary><c>backup</c> and <c>restore</c> of a process with a node, a supervisor and a journal in a file.</summary>
public sealed class BackupTests : IDisposable
{
    private static readonly CollectionName Readings = new("plant", "readings");
    private readonly TemporaryDirectory _directory = new();

    private string Data => Path.Combine(_directory.Path, "node");

    private string Journal => Path.Combine(_directory.Path, "journal.sqlite");

    private string Backup => Path.Combine(_directory.Path, "backup");

    public void Dispose() => _directory.Dispose();

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task A_backup_made_while_a_server_writes_and_compacts_has_every_write_acknowledged_before_it_and_is_sound()
    {
        var config = Config();
        var acknowledged = 0;
        await using (var server = await RunningProcess.Start(config))
        {
            await server.Await(client => client.WriteBulk(Readings, Documents(0, 2000), default));
            await server.Client.PutIndex(Readings, "by-text", "text", default);
            await server.Client.DeleteBulk(Readings, Ids(500, 1500), default);
            using var enough = new CancellationTokenSource();
            var writer = Task.Run(async () =>
            {
                for (var next = 2000; !enough.IsCancellationRequested; next += 20)
                {
                    await server.Client.WriteBulk(Readings, Documents(next, 20), default);
                    Volatile.Write(ref acknowledged, next + 20);
                }
            });
            await server.Await(client => client.StartRun(new CompactionBody("main", null, new OptionsBody(null, true, null, null, null, null, null)), default));
            await server.Await(_ => Task.FromResult(Volatile.Read(ref acknowledged)), written => written > 2200);
            var before = Volatile.Read(ref acknowledged);

            await Succeed("backup", Backup, "--config", config);

            await enough.CancelAsync();
            await writer;
            acknowledged = before;
        }

        Assert.All(Directory.EnumerateFileSystemEntries(Backup, "*", SearchOption.AllDirectories).Append(Backup), entry => Assert.False(IsForOthers(entry), entry));

        var restored = await Succeed("restore", Backup, "--config", config, "--replace");
        Assert.Contains(".replaced-", restored, StringComparison.Ordinal);

        await using var again = await RunningProcess.Start(config);
        foreach (var id in (int[])[0, 499, 1500, 2000, acknowledged - 1])
        {
            var document = await again.Await(client => client.GetDocument(Readings, Id(id), fromAny: false, default));
            Assert.StartsWith(Id(id), document.GetProperty("text").GetString(), StringComparison.Ordinal);
        }

        var lost = await Assert.ThrowsAsync<ApiException>(() => again.Client.GetDocument(Readings, Id(700), fromAny: false, default));
        Assert.Equal(404, lost.Problem.Status);
        await again.ExpectSound("main", "node-1");
    }

    private static bool IsForOthers(string entry) => !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(entry) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)) != 0;

    /// <summary>Every start is another epoch: members obey a later one than an older journal knows.</summary>
    [Fact]
    public async Task After_a_restore_of_an_older_journal_alone_the_supervisor_adopts_and_goes_on()
    {
        var config = Config();
        await using (var server = await RunningProcess.Start(config))
        {
            await server.Await(client => client.WriteBulk(Readings, Documents(0, 10), default));
        }

        await Succeed("backup", Backup, "--config", config, "--only", "journal");
        Assert.False(Directory.Exists(Path.Combine(Backup, "data")));
        for (var start = 0; start < 2; start++)
        {
            await using var server = await RunningProcess.Start(config);
            await server.Await(client => client.WriteBulk(Readings, Documents(10, 10), default));
        }

        await Succeed("restore", Backup, "--config", config, "--only", "journal", "--replace");

        await using var again = await RunningProcess.Start(config);
        var adopted = await again.Await(client => client.AdoptJournal(new ReasonBody("restored"), default));
        Assert.True(adopted.Epoch > adopted.FormerEpoch);
        await again.Await(client => client.WriteBulk(Readings, Documents(20, 10), default));
        await again.ExpectSound("main", "node-1");
    }

    [Fact]
    public async Task A_restore_is_refused_and_changes_nothing_while_a_server_uses_the_files_or_where_there_are_some()
    {
        var config = Config();
        await using (var server = await RunningProcess.Start(config))
        {
            await server.Await(client => client.WriteBulk(Readings, Documents(0, 10), default));
            await Succeed("backup", Backup, "--config", config);

            await Fail(3, "Stop it, then restore.", "restore", Backup, "--config", config, "--replace");
            await Fail(3, "Stop the server first", "restore", Backup, "--config", config, "--replace", "--only", "data");
        }

        var files = Files();
        await Fail(3, "is not empty. With --replace", "restore", Backup, "--config", config);
        await Fail(3, "exists. With --replace", "restore", Backup, "--config", config, "--only", "journal");
        await Fail(3, "A backup needs a new or an empty directory", "backup", Backup, "--config", config);
        await Fail(3, "the configuration is of member node-2", "restore", Backup, "--config", Config("node-2"), "--replace");
        Assert.Equal(files, Files());
    }

    [Fact]
    public async Task A_damaged_or_newer_backup_is_refused_and_changes_nothing()
    {
        var config = Config();
        await using (var server = await RunningProcess.Start(config))
        {
            await server.Await(client => client.WriteBulk(Readings, Documents(0, 10), default));
        }

        await Succeed("backup", Backup, "--config", config);
        var files = Files();
        var manifest = Path.Combine(Backup, "backup.json");
        var good = await File.ReadAllTextAsync(manifest);
        string[] restore = ["restore", Backup, "--config", config, "--replace"];

        await Changed(root => root["format"] = 99);
        await Fail(3, "is a backup of format 99", restore);
        await Changed(root => root["files"]!.AsArray().First(file => file!["database"]!.GetValue<long>() > 0)!["database"] = 99);
        await Fail(3, "has format version 99", restore);
        await Changed(root => root["files"]![0]!["path"] = "data/../../elsewhere");
        await Fail(2, "which is not one of a backup", restore);
        await File.WriteAllTextAsync(manifest, good[..(good.Length / 2)]);
        await Fail(2, "is damaged", restore);
        File.Delete(manifest);
        await Fail(2, "is not a complete backup", restore);
        await File.WriteAllTextAsync(manifest, good);
        var documents = Path.Combine(Backup, "data", "plant", "readings", "documents.sqlite");
        var bytes = await File.ReadAllBytesAsync(documents);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(documents, bytes);
        await Fail(2, "documents.sqlite is not the file that was written", restore);
        File.Delete(documents);
        await Fail(2, "documents.sqlite is missing", restore);
        Assert.Equal(files, Files());

        async Task Changed(Action<JsonNode> change)
        {
            var root = JsonNode.Parse(good)!;
            change(root);
            await File.WriteAllTextAsync(manifest, root.ToJsonString());
        }
    }

    [Fact]
    public async Task A_damaged_file_is_found_when_the_backup_is_made()
    {
        var config = Config();
        await using (var server = await RunningProcess.Start(config))
        {
            await server.Await(client => client.WriteBulk(Readings, Documents(0, 1000), default));
        }

        var documents = Path.Combine(Data, "plant", "readings", "documents.sqlite");
        var bytes = await File.ReadAllBytesAsync(documents);
        bytes.AsSpan(bytes.Length / 2, 16384).Fill(0xAA);
        await File.WriteAllBytesAsync(documents, bytes);

        await Fail(2, documents, "backup", Backup, "--config", config);
        await Fail(2, "is not a complete backup", "restore", Backup, "--config", config, "--replace");
    }

    private static async Task<string> Succeed(params string[] arguments)
    {
        var (code, output, error) = await CliHarness.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    private static async Task Fail(int code, string reason, params string[] arguments)
    {
        var failed = await CliHarness.Run(arguments);
        Assert.Contains(reason, failed.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (failed.Code, failed.Out));
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"d{number}");

    private static byte[] Documents(int from, int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(from, count)
        .Select(number => $$"""{"_id":"{{Id(number)}}","text":"{{Id(number)}}{{new string('x', 400)}}"}""" + "\n")));

    private static byte[] Ids(int from, int through) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(from, through - from)
        .Select(number => $$"""{"_id":"{{Id(number)}}"}""" + "\n")));

    private List<(string, long, DateTime)> Files() =>
        [.. new DirectoryInfo(Data).GetFiles("*", SearchOption.AllDirectories).Append(new FileInfo(Journal)).Select(file => (file.FullName, file.Length, file.LastWriteTimeUtc)).Order()];

    private string Config(string node = "node-1") => _directory.Write(node + ".conf", $$"""
        orchestrator {
          roles = [node, supervisor]
          http.port = 0
          remoting.port = 0
          node { name = {{node}}, data-directory = "{{Data}}" }
          journal.file = "{{Journal}}"
          clusters.main.replica-sets.rs-1.members = [{{node}}]
          runs { min-reclaimable-bytes = 0, min-fragmentation = 0%, min-step-down-bytes = 0, settle = 0s }
        }
        """);
}
