using System.Runtime.InteropServices;

namespace Orchestrator.Storage.Files;

/// <summary>
/// All file access that does not go through SQLite, in one place, so that tests can make any of it fail. Errors are
/// <see cref="IOException"/>s that name the file.
/// </summary>
internal class FileLayer
{
    private const int DefaultBlockBytes = 4096;

    public static FileLayer System { get; } = new();

    public virtual bool Exists(string path) => File.Exists(path);

    /// <summary>Length in bytes; 0 if there is no such file.</summary>
    public virtual long Length(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? info.Length : 0;
    }

    /// <summary>Bytes the file occupies on disk; 0 if there is no such file. Its length where the system does not tell.</summary>
    public virtual long PhysicalBytes(string path) => Exists(path) ? Posix.AllocatedBytes(path) ?? Length(path) : 0;

    /// <summary>Bytes that this process may still write to the file system of a directory.</summary>
    public virtual long FreeBytes(string directory) => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Creates a directory and those above it that are missing; their names are durable when it returns.</summary>
    public void CreateDirectory(string path)
    {
        var missing = new Stack<string>();
        for (var directory = path; !string.IsNullOrEmpty(directory) && !Directory.Exists(directory); directory = Path.GetDirectoryName(directory))
        {
            missing.Push(directory);
        }

        Directory.CreateDirectory(path);
        while (missing.TryPop(out var created))
        {
            SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(created))!);
        }
    }

    public virtual IReadOnlyList<string> List(string directory) =>
        Directory.Exists(directory) ? Directory.GetFiles(directory) : [];

    /// <summary>Deletes a file if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Renames atomically, replacing what has that name.</summary>
    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>
    /// Keeps the content of a file that is about to be replaced until this is disposed of: freeing a large file's blocks
    /// takes long, and is then not part of the rename. Null where an open file cannot be replaced.
    /// </summary>
    public virtual IDisposable? KeepContent(string path) => OperatingSystem.IsWindows()
        ? null
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    /// <summary>Opens a file to give parts of it back to the file system.</summary>
    public virtual HoleFile OpenForHoles(string path) => new(path, Posix.BlockBytes(path) ?? DefaultBlockBytes);

    /// <summary>Opens a file to have it written to the disk while more is added; null where the system does not offer this.</summary>
    public virtual WriteBack? OpenForWriteBack(string path) => OperatingSystem.IsLinux() ? new WriteBack(path) : null;

    /// <summary>
    /// Another one after each start of the machine, the same for all processes in between; null where the system does not tell. Source:
    /// random(4), /proc/sys/kernel/random/boot_id.
    /// </summary>
    public virtual string? BootId => Posix.BootId;

    /// <summary>Why parts of the files in a directory cannot be given back to the file system, or null if they can.</summary>
    public virtual string? WhyNoHoles(string directory)
    {
        var probe = Path.Combine(directory, "holes.tmp");
        try
        {
            using (var file = Create(probe))
            {
                file.Write(new byte[DefaultBlockBytes]);
            }

            using var holes = OpenForHoles(probe);
            holes.Punch(0, DefaultBlockBytes);
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
        finally
        {
            Delete(probe);
        }
    }

    /// <summary>Makes a file's content durable.</summary>
    public virtual void SyncFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Makes the names in a directory durable. Windows does so by itself.</summary>
    public virtual void SyncDirectory(string path) => Posix.SyncDirectory(path);

    public virtual byte[] ReadAll(string path) => File.ReadAllBytes(path);

    /// <summary>Opens a new file for writing, replacing what has that name.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);

    /// <summary>Holds a file exclusively until it is disposed of.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public virtual IDisposable Hold(string path) =>
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);

    /// <summary>Replaces a file so that after a crash there is either the old content or the new one, whole.</summary>
    public void WriteDurably(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        using (var stream = Create(temporary))
        {
            write(stream);
            stream.Flush();
        }

        SyncFile(temporary);
        Rename(temporary, path);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The few calls of libc that .NET does not offer.</summary>
    private static class Posix
    {
        private const int CurrentDirectory = -100;
        private const uint BlocksMask = 0x400;

        // struct statx is the same on all architectures: stx_blocks is the 64-bit field at offset 48, stx_blksize the 32-bit
        // one at offset 4, which is always filled in.
        private const int StatxBytes = 256;
        private const int BlockSizeOffset = 4;
        private const int BlocksOffset = 48;
        private const int AllocationUnit = 512;

        private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

        public static string? BootId { get; } = File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : null;

        public static long? AllocatedBytes(string path) =>
            Status(path) is { } status ? BitConverter.ToInt64(status, BlocksOffset) * AllocationUnit : null;

        public static int? BlockBytes(string path) =>
            Status(path) is { } status && BitConverter.ToInt32(status, BlockSizeOffset) is var size && size > 0 ? size : null;

        private static byte[]? Status(string path)
        {
            if (!OperatingSystem.IsLinux())
            {
                return null;
            }

            try
            {
                var buffer = new byte[StatxBytes];
                return Statx(CurrentDirectory, path, 0, BlocksMask, buffer) == 0 ? buffer : null;
            }
            catch (EntryPointNotFoundException)
            {
                return null;
            }
        }

        public static void SyncDirectory(string path)
        {
            if (OperatingSystem.IsWindows())
            {
                return;
            }

            var descriptor = Open(path, 0, 0);
            if (descriptor < 0)
            {
                throw new IOException($"Cannot open directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            var failed = Fsync(descriptor) != 0;
            var message = failed ? Marshal.GetLastPInvokeErrorMessage() : "";
            Close(descriptor);
            if (failed)
            {
                throw new IOException($"Cannot sync directory {path}: {message}");
            }
        }

        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        private static extern int Statx(
            int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] buffer);

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        private static extern int Fsync(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        private static extern int Close(int descriptor);
    }
}
