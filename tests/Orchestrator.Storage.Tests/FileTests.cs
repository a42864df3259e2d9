using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;
using Orchestrator.Storage.Tests.Support;
using Orchestrator.Storage.Tests.Support.Disk;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

public sealed class FileTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_member_state_is_read_back_as_it_was_last_written()
    {
        var path = Path.Combine(directory.Path, "node", "state.json");
        var file = new MemberStateFile<Promise>(path);
        Assert.Null(file.Read());
        file.Write(new Promise(3, "node-1"));
        file.Write(new Promise(4, null));
        Assert.Equal(new Promise(4, null), new MemberStateFile<Promise>(path).Read());
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_full_disk_is_told_in_words_of_ours()
    {
        var path = Path.Combine(directory.Path, "state.json");

        var error = Assert.ThrowsAny<Exception>(() => new MemberStateFile<Promise>(path, new FullDisk()).Write(new Promise(4, null)));

        Assert.Equal($"{path} cannot be written: the disk is full; make room on it", error.Message);
        Assert.Equal(
            "documents.sqlite: the disk is full; make room on it",
            SqliteErrors.Translate("documents.sqlite", new SqliteException("SQLite Error 13: 'database or disk is full'.", 13)).Message);
    }

    [Theory]
    [InlineData("sync", "state.json.tmp")]
    [InlineData("rename", "state.json")]
    public void A_member_state_that_could_not_be_written_leaves_the_old_one(string call, string name)
    {
        var path = Path.Combine(directory.Path, "state.json");
        var files = new FaultyFiles();
        var file = new MemberStateFile<Promise>(path, files);
        file.Write(new Promise(3, null));
        files.Fails = (failing, file) => failing == call && file == name;
        Assert.Throws<StorageException>(() => file.Write(new Promise(4, null)));
        Assert.Equal(3, file.Read()!.Term);
    }

    [Theory]
    [InlineData("Error")]
    [InlineData("Full")]
    [InlineData("Short")]
    public void A_member_state_of_which_the_disk_took_a_part_is_not_taken_for_written(string fault)
    {
        using var disk = new WatchedDisk(directory.Path);
        var file = new MemberStateFile<Promise>(Path.Combine(directory.Path, "state.json"), new DiskFiles(disk));
        file.Write(new Promise(3, null));
        disk.Decide = (call, _) => call == DiskCall.Write ? Enum.Parse<DiskFault>(fault) : DiskFault.None;
        Assert.Throws<StorageException>(() => file.Write(new Promise(4, null)));
        Assert.Equal(3, file.Read()!.Term);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_member_state_that_was_written_survives_a_loss_of_power(int seed)
    {
        var disk = new WatchedDisk(Path.Combine(directory.Path, "node")) { Log = new DiskLog() };
        Directory.CreateDirectory(disk.Directory);
        var file = new MemberStateFile<Promise>(Path.Combine(disk.Directory, "state.json"), new DiskFiles(disk));
        var written = new List<int>();
        for (var term = 1; term <= 5; term++)
        {
            file.Write(new Promise(term, null));
            written.Add(disk.Log.Count);
        }

        PowerCuts.Try(disk, directory, seed, 60, output, (point, image) =>
        {
            var found = new MemberStateFile<Promise>(Path.Combine(image, "state.json")).Read()?.Term ?? 0;
            var promised = written.Count(at => at <= point);
            Assert.InRange(found, promised, promised + 1);
            return $"term {found}";
        });
    }

    [Fact]
    public void The_directories_of_a_member_state_are_durable_too()
    {
        var synced = new List<string>();
        var files = new FaultyFiles
        {
            Fails = (call, name) =>
            {
                if (call == "sync-directory")
                {
                    synced.Add(name);
                }

                return false;
            },
        };
        var file = new MemberStateFile<Promise>(Path.Combine(directory.Path, "a", "b", "state.json"), files);
        file.Write(new Promise(1, null));
        Assert.Equal([Path.GetFileName(directory.Path), "a", "b"], synced);
        file.Write(new Promise(2, null));
        Assert.Equal("b", Assert.Single(synced[3..]));
    }

    [Fact]
    public void A_member_state_that_is_none_is_an_error_that_names_the_file()
    {
        var path = Path.Combine(directory.Path, "state.json");
        File.WriteAllText(path, "{");
        Assert.Equal(
            $"{path} is damaged: it is not valid JSON at byte 2", Assert.Throws<CorruptFileException>(() => new MemberStateFile<Promise>(path).Read()).Message);
        File.WriteAllText(path, "null");
        Assert.Throws<CorruptFileException>(() => new MemberStateFile<Promise>(path).Read());
    }

    [SkippableFact]
    public void Physical_bytes_are_what_a_file_occupies_and_not_its_length()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        var path = Path.Combine(directory.Path, "sparse");
        using (var file = File.Create(path))
        {
            file.SetLength(10 << 20);
            file.Write(new byte[8192]);
            file.Flush(flushToDisk: true);
        }

        Assert.Equal(10 << 20, FileLayer.System.Length(path));
        Assert.InRange(FileLayer.System.PhysicalBytes(path), 8192, 1 << 20);
        Assert.Equal(0, FileLayer.System.PhysicalBytes(path + "-missing"));
    }

    private sealed class FullDisk : FileLayer
    {
        private const int NoSpace = 28;

        public override void SyncFile(string path) => throw new IOException($"No space left on device : '{path}'", NoSpace);
    }

    private sealed record Promise(long Term, string? Primary);
}
