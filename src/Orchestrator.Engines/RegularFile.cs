using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engines;

/// <summary>
/// Keeps pipes, sockets and terminals away from what wants a file: to open a pipe waits for somebody who writes to it, for ever if nobody does.
/// </summary>
public static class RegularFile
{
    // open(2) and lseek(2): O_NONBLOCK and O_CLOEXEC, which are not the same everywhere, and SEEK_CUR.
    private static readonly int _doNotWait = OperatingSystem.IsMacOS() ? 0x1000004 : 0x80800;
    private const int FromHere = 1;

    /// <summary>Refuses what is no file. What is not there, or cannot be read, is left to whoever reads it.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a terminal.</exception>
    public static void Require(string path)
    {
        if (OperatingSystem.IsWindows() || path.Contains('\0', StringComparison.Ordinal))
        {
            return;
        }

        var descriptor = Open(path, _doNotWait, 0);
        if (descriptor < 0)
        {
            return;
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Seek(descriptor, 0, FromHere) < 0)
        {
            throw new IOException("it is a pipe or a device, not a file");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static extern long Seek(int descriptor, long offset, int whence);
}
