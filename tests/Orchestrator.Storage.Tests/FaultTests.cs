using System.Diagnostics;
using System.Runtime.InteropServices;
using Orchestrator.Storage.Tests.Support;

namespace Orchestrator.Storage.Tests;

/// <summary>Errors of the file system in SQLite's own writes, by the limit of a process for the length of its files.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [SkippableFact]
    public void When_files_cannot_grow_no_acknowledged_write_is_lost_and_errors_name_file_and_cause()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "RLIMIT_FSIZE");
        var data = Path.Combine(directory.Path, "data");
        var lines = Run("write-until-full", data);

        var acknowledged = lines.Where(line => line.StartsWith("acknowledged ", StringComparison.Ordinal)).Select(line => line[13..]).ToHashSet();
        var errors = lines.Where(line => line.StartsWith("error ", StringComparison.Ordinal)).ToList();
        Assert.True(acknowledged.Count > 50, $"{acknowledged.Count}");
        Assert.Contains("compaction failed", lines);
        Assert.Contains("still reads", lines);
        Assert.All(errors, error => Assert.Matches("documents.sqlite.*: .+", error));
        Assert.True(errors.Count >= 2, string.Join('\n', lines.TakeLast(5)));

        using var store = Stores.Open(directory);
        var found = store.Scan().Select(document => document.Id).ToHashSet();
        Assert.Subset(found, acknowledged);
        Assert.Empty(store.Verify().Problems);
        Stores.Compact(store);
        Assert.Equal(found, store.Scan().Select(document => document.Id).ToHashSet());
        CompactionTests.AssertNoDebris(data);
    }

    /// <summary>In the child process: what <see cref="Program"/> does for <c>write-until-full</c>.</summary>
    internal static int WriteUntilFull(string data)
    {
        const int FileSize = 1;
        const int LimitExceeded = 25;
        const long Most = 6_000_000;
        var random = new Random(3);
        using var store = Stores.OpenAt(data);

        // Without the signal the call fails, as on a full disk.
        Signal(LimitExceeded, 1);
        long[] limit = [Most, Most];
        if (SetLimit(FileSize, limit) != 0)
        {
            Console.WriteLine($"no limit: {Marshal.GetLastPInvokeErrorMessage()}");
            return 1;
        }

        var failures = 0;
        for (var i = 0; i < 500 && failures < 5; i++)
        {
            try
            {
                var batch = Enumerable.Range(0, 10).Select(n => Stores.Document(random, $"d{i}-{n}", 3000)).ToList();
                store.Commit(batch, 1);
                batch.ForEach(write => Console.WriteLine($"acknowledged {write.Id}"));
            }
            catch (StorageException e)
            {
                failures++;
                Console.WriteLine($"error {e.Message}");
            }
        }

        Compact(store);
        Console.WriteLine(store.Get("d0-0") is not null ? "still reads" : "reads nothing");
        return 0;
    }

    private static void Compact(CollectionStore store)
    {
        try
        {
            Stores.Compact(store);
            Console.WriteLine("compaction done");
        }
        catch (Exception e) when (e is StorageException or IOException)
        {
            Console.WriteLine($"error {e.Message}");
            Console.WriteLine("compaction failed");
        }
    }

    private static List<string> Run(string what, string data)
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(host)
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location, what, data },
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // Its own mapped memory would count as a file that is too long.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return lines;
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, long[] limit);

    [DllImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static extern nint Signal(int number, nint handler);
}
