using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Storage.Files;

/// <summary>
/// A file of which parts can be given back to the file system. To be kept open as long as SQLite has the file open in this
/// process: closing any descriptor of a file drops all POSIX locks that the process has on it, SQLite's too
/// (https://sqlite.org/howtocorrupt.html, section 2.2).
/// </summary>
internal class HoleFile : IDisposable
{
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private readonly SafeFileHandle handle;

    public HoleFile(string path, int blockBytes)
    {
        Path = path;
        BlockBytes = blockBytes;
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    public string Path { get; }

    /// <summary>Unit in which the file system gives and takes space, in bytes.</summary>
    public int BlockBytes { get; }

    /// <summary>Reads exactly so many bytes.</summary>
    /// <exception cref="IOException">The file ends before.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(handle, buffer, offset);
            if (read == 0)
            {
                throw new IOException($"{Path} ends at {offset}.");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    /// <summary>Gives a part of the file back; it reads as zeros from then on, and the file's length stays.</summary>
    /// <exception cref="NotSupportedException">The file system or the operating system cannot do this; the message says which.</exception>
    /// <exception cref="IOException"/>
    public virtual void Punch(long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new NotSupportedException("blocks can be given back on Linux only");
        }

        const int Interrupted = 4;
        const int NotSupported = 95;
        const int NoSuchCall = 38;
        const int MaxAttempts = 100;
        var error = 0;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (Allocate(handle, KeepSize | PunchHole, offset, length) == 0)
            {
                return;
            }

            error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                break;
            }
        }

        throw error is NotSupported or NoSuchCall
            ? new NotSupportedException($"the file system of {Path} cannot give blocks back (fallocate: {Marshal.GetPInvokeErrorMessage(error)})")
            : new IOException($"Cannot give back {length} bytes at {offset} of {Path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Modes from linux/falloc.h; see fallocate(2).</summary>
    [DllImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static extern int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
