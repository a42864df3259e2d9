using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Storage.Files;

/// <summary>
/// Has the system begin to write a growing file to the disk, so that the disk works while more is copied, and the sync at the end
/// finds little left. It makes nothing durable, and its failures do not matter: the sync meets them again. To be
/// closed after SQLite has closed the file, as <see cref="HoleFile"/>.
/// </summary>
internal sealed class WriteBack : IDisposable
{
    private const uint BeginToWrite = 2;
    private readonly SafeFileHandle handle;
    private long begun;

    public WriteBack(string path)
    {
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Begins to write what was added since the last time. Does not wait for it.</summary>
    public void Begin()
    {
        var length = RandomAccess.GetLength(handle);
        if (length > begun)
        {
            _ = SyncRange(handle, begun, length - begun, BeginToWrite);
            begun = length;
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Flags: SYNC_FILE_RANGE_WRITE of linux/fs.h; see sync_file_range(2).</summary>
    [DllImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static extern int SyncRange(SafeFileHandle file, long offset, long length, uint flags);
}
