using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Tests.Support;
using Orchestrator.Storage.Tests.Support.Disk;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// The order in which a swap reaches the disk. A loss of power shows some of these syncs to be needed only on a file system that
/// keeps no order among names, which <see cref="PowerCut"/> does not play: so each is looked for by itself.
/// </summary>
public sealed class SwapOrderTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(CompactionMode.Rewrite)]
    [InlineData(CompactionMode.Exclusive)]
    public void Each_step_of_a_swap_is_on_the_disk_before_the_next_one_that_relies_on_it(CompactionMode mode)
    {
        var calls = Record(ModeTests.Request(mode) with { Indexes = [] });

        var copySynced = calls.FindLastIndex(call => call == "Sync documents.sqlite.compact" || call == "Sync documents.sqlite.vacuum");
        var written = calls.FindLastIndex(call => call is "Write documents.sqlite.compact" or "Write documents.sqlite.vacuum");
        var intentWritten = calls.IndexOf("Write documents.sqlite.swap.tmp");
        var intent = calls.IndexOf("Rename documents.sqlite.swap");
        var rename = calls.IndexOf("Rename documents.sqlite");
        var forgotten = calls.IndexOf("Delete documents.sqlite.swap");

        Assert.True(written < copySynced && copySynced < intentWritten && intentWritten < intent && intent < rename && rename < forgotten, string.Join('\n', calls));
        Assert.Contains("Sync documents.sqlite.swap.tmp", calls[intentWritten..intent]);
        Assert.Contains($"SyncDirectory {Stores.Collection}", calls[intent..rename]);
        Assert.Equal($"SyncDirectory {Stores.Collection}", calls[rename + 1]);
    }

    [Fact]
    public void What_an_index_is_replaced_by_is_on_the_disk_before_and_its_name_at_once()
    {
        var calls = Record(new CompactionRequest(false, null, TombstonePurge.None));

        var index = Stores.ByNumber.FileName;
        var rename = calls.IndexOf($"Rename {index}");
        Assert.True(calls.FindLastIndex(call => call == $"Write {index}.compact") < calls.FindLastIndex(call => call == $"Sync {index}.compact"));
        Assert.True(calls.FindLastIndex(call => call == $"Sync {index}.compact") < rename);
        Assert.Equal("SyncDirectory indexes", calls[rename + 1]);
    }

    [Fact]
    public void An_interrupted_copy_is_on_the_disk_before_it_may_be_gone_on_with_after_a_restart_of_the_machine()
    {
        using var cancel = new CancellationTokenSource();
        var calls = Record(ModeTests.Request(CompactionMode.Rewrite), cancel);

        var written = calls.FindLastIndex(call => call == "Write documents.sqlite.compact");
        Assert.True(written >= 0 && calls.IndexOf("Sync documents.sqlite.compact", written) > written, string.Join('\n', calls));
    }

    [Fact]
    public void A_copy_that_could_not_be_synced_is_given_up()
    {
        using var disk = new WatchedDisk(Path.Combine(directory.Path, "data"));
        var model = new Model();
        using var store = Stores.OpenAt(disk.Directory, Stores.Small with { Files = new DiskFiles(disk) });
        model.Commit(store, CompactionTests.Churn(new Random(72), model, 60));
        disk.Decide = (call, path) => call == DiskCall.Sync && path.EndsWith(".vacuum", StringComparison.Ordinal) ? DiskFault.Error : DiskFault.None;
        Assert.Throws<StorageException>(() => Stores.Compact(store, ModeTests.Request(CompactionMode.Exclusive)));
        model.AssertEqual(store);
        CompactionTests.AssertNoDebris(disk.Directory);
    }

    [Fact]
    public void A_log_that_is_removed_is_gone_for_good_before_another_file_gets_the_name()
    {
        var files = new List<string>();
        var disk = new WatchedDisk(Path.Combine(directory.Path, "data")) { Log = new DiskLog() };
        using (disk)
        {
            Directory.CreateDirectory(disk.Directory);
            var path = Path.Combine(disk.Directory, "a.sqlite");
            File.WriteAllBytes(path + "-wal", []);
            SwapIntent.RemoveLog(new DiskFiles(disk), path);
            files.AddRange(disk.Log.Changes.Select(Describe));
        }

        Assert.Equal(["Delete a.sqlite-wal", "SyncDirectory data"], files);
    }

    private static string Describe(DiskChange change) => $"{change.GetType().Name} {Path.GetFileName(change.Path)}";

    /// <summary>What a compaction does to the disk, with a change that is left for its final step.</summary>
    /// <param name="cancel">Is cancelled when the first batch is copied.</param>
    private List<string> Record(CompactionRequest request, CancellationTokenSource? cancel = null)
    {
        using var disk = new WatchedDisk(Path.Combine(directory.Path, "data")) { Log = new DiskLog() };
        var random = new Random(71);
        var model = new Model();
        var options = Stores.Small with
        {
            Files = new DiskFiles(disk),
            Failpoint = point => (point == Failpoints.BatchCopied ? cancel : null)?.Cancel(),
        };
        using var store = Stores.OpenAt(disk.Directory, options, null, Stores.ByNumber);
        model.Commit(store, CompactionTests.Churn(random, model, 100));
        var from = disk.Log.Count;
        using (var job = store.Compaction.Start(request))
        {
            if (cancel is not null)
            {
                Assert.Throws<OperationCanceledException>(() => job.RunOnline(cancel.Token));
            }
            else
            {
                job.RunOnline(CancellationToken.None);
                if (request.Mode != CompactionMode.Exclusive)
                {
                    model.Commit(store, CompactionTests.Churn(random, model, 3));
                }

                Stores.Complete(store, job);
            }
        }

        var calls = disk.Log.Changes.Skip(from).Select(Describe).ToList();
        model.AssertEqual(store);
        return calls;
    }
}
