using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Storage.Files;

/// <summary>
/// Has the system begin to write a growing file to the disk, so that the disk works while more is copied, and the sync at the end
/// finds little left; and waits for the disk when it is too far behind, because other files' syncs, such as those of the writes that go on, wait
/// behind it. It makes nothing durable, and its failures do not matter: the sync meets them again. To be
/// closed after SQLite has closed the file, as <see cref="HoleFile"/>.
/// </summary>
internal sealed class WriteBack : IDisposable
{
    private const long MostBehind = 64L << 20;
    private const uint WaitForEarlier = 1;
    private const uint BeginToWrite = 2;
    private const uint WaitForThese = 4;
    private readonly SafeFileHandle handle;
    private Task piece = Task.CompletedTask;
    private long begun;

    public WriteBack(string path)
    {
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>
    /// Has what was added be written, all at once when the piece before it is on the disk. Waits only if that is more than 64 MiB
    /// behind. Not for two threads at the same time.
    /// </summary>
    public void Begin()
    {
        var length = RandomAccess.GetLength(handle);
        if (!piece.IsCompleted && length - begun <= MostBehind)
        {
            return;
        }

        piece.Wait();
        var from = begun;
        begun = length;
        piece = Task.Run(() => SyncRange(handle, from, length - from, WaitForEarlier | BeginToWrite | WaitForThese));
    }

    public void Dispose()
    {
        piece.Wait();
        handle.Dispose();
    }

    /// <summary>Flags: SYNC_FILE_RANGE_* of linux/fs.h; see sync_file_range(2).</summary>
    [DllImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static extern int SyncRange(SafeFileHandle file, long offset, long length, uint flags);
}
