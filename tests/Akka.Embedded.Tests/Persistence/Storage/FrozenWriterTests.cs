using System.Diagnostics;
using System.Runtime.InteropServices;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.Sql;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>A real process that is stopped in the middle of a transaction on the journal that another one is to take over.</summary>
public sealed class FrozenWriterTests : IDisposable
{
    private const int Kill = 9;
    private const int Continue = 18;
    private const int Stop = 19;
    private readonly TemporaryDatabase _database = new();
    private Process? _process;

    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _database.Dispose();
    }

    [SkippableFact]
    public async Task A_take_over_that_a_stopped_process_blocks_says_which_one_and_goes_on_when_it_is_resumed_and_then_that_one_is_fenced()
    {
        var journal = await TakeOverFromStopped();

        Signal(_process!.Id, Continue);
        Tell("");
        Assert.Equal("committed", _process.StandardOutput.ReadLine());

        // What it had begun before is there, and what it writes from now on is refused.
        Assert.Equal(2, await journal.ReadHighestSequenceNrAsync("frozen", default));
        await journal.WriteAsync(Event("frozen", 3));
        Tell("3");
        Assert.Equal("fenced", _process.StandardOutput.ReadLine());
        await journal.WriteAsync(Event("frozen", 4));
        Assert.Equal(4, await journal.ReadHighestSequenceNrAsync("frozen", default));
    }

    [SkippableFact]
    public async Task A_take_over_that_a_stopped_process_blocks_goes_on_when_that_one_is_ended()
    {
        var journal = await TakeOverFromStopped();

        Signal(_process!.Id, Kill);
        _process.WaitForExit();

        Assert.Equal(1, await journal.ReadHighestSequenceNrAsync("frozen", default));
        await journal.WriteAsync(Event("frozen", 2));
        Assert.Equal(2, await journal.ReadHighestSequenceNrAsync("frozen", default));
    }

    internal static WriteRequest Event(string id, long number) => new(id, "writer", [new AtomicBatch([new NewEvent(number, "x")])]);

    private async Task<SqlEventJournal> TakeOverFromStopped()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc");
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        _process = Process.Start(new ProcessStartInfo(host)
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location, "hold-journal", _database.File },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("in the transaction", _process.StandardOutput.ReadLine());
        Signal(_process.Id, Stop);

        var database = _database.Open(options: ";Default Timeout=1");
        var journal = new SqlEventJournal(database, new TextCodec(), 10, TimeProvider.System);
        foreach (var attempt in (Func<Task>[])[() => journal.ReadHighestSequenceNrAsync("frozen", default), () => journal.WriteAsync(Event("frozen", 2))])
        {
            var error = await Assert.ThrowsAsync<JournalLockedException>(attempt);
            Assert.Contains(_database.File, error.Message, StringComparison.Ordinal);
            Assert.Contains($"{_process.Id} (dotnet, stopped)", error.Message, StringComparison.Ordinal);
            Assert.Contains("kill -CONT", error.Message, StringComparison.Ordinal);
        }
        return journal;
    }

    private void Tell(string line)
    {
        _process!.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private static void Signal(int process, int signal) => Assert.Equal(0, SendSignal(process, signal));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
