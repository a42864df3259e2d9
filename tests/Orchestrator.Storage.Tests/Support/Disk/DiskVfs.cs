using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>
/// Stands between SQLite and its own VFS in this process. Files below a directory that a <see cref="WatchedDisk"/>
/// watches are reported to it call by call, and it may have a call fail; all others go past it.
/// </summary>
/// <remarks>See https://sqlite.org/vfs.html, "VFS shims". Nothing may be thrown into SQLite's code.</remarks>
internal static unsafe class DiskVfs
{
    private const int Ok = 0;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int ReadError = 10 | (1 << 8);
    private const int WriteError = 10 | (3 << 8);
    private const int SyncError = 10 | (4 << 8);
    private const int TruncateError = 10 | (6 << 8);
    private const int DeleteError = 10 | (10 << 8);
    private const int MapSharedError = 10 | (21 << 8);
    private const int OpenCreate = 0x4;
    private const int OpenDeleteOnClose = 0x8;
    private const int OpenJournal = 0x800 | 0x4000 | 0x80000;
    private const int SizeHint = 5;
    private static readonly object Gate = new();
    private static VfsMethods* below;
    private static VfsMethods* shim;
    private static FileMethods* methods;

    /// <summary>Makes it the process's default VFS, once; connections that are open stay with what they have.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (shim is not null)
            {
                return;
            }

            using (var first = new SqliteConnection("Data Source=:memory:"))
            {
                // The driver initializes the library.
                first.Open();
            }

            below = FindVfs(null);
            methods = (FileMethods*)NativeMemory.AllocZeroed((nuint)sizeof(FileMethods));
            *methods = Methods();
            shim = (VfsMethods*)NativeMemory.AllocZeroed((nuint)sizeof(VfsMethods));
            *shim = *below;
            shim->FileBytes = sizeof(VfsFile) + below->FileBytes;
            shim->Next = null;
            shim->Name = (byte*)Marshal.StringToCoTaskMemUTF8("watched");
            shim->Open = &Open;
            shim->Delete = &Delete;
            Assert.Equal(Ok, RegisterVfs(shim, 1));
        }
    }

    private static FileMethods Methods() => new()
    {
        Version = 3,
        Close = &Close,
        Read = &Read,
        Write = &Write,
        Truncate = &Truncate,
        Sync = &Sync,
        Size = &Size,
        Lock = &Lock,
        Unlock = &Unlock,
        CheckReservedLock = &CheckReservedLock,
        Control = &Control,
        SectorSize = &SectorSize,
        Characteristics = &Characteristics,
        MapShared = &MapShared,
        LockShared = &LockShared,
        BarrierShared = &BarrierShared,
        UnmapShared = &UnmapShared,
        Fetch = &Fetch,
        Unfetch = &Unfetch,
    };

    private static VfsFile* Real(VfsFile* file) => file + 1;

    private static WatchedFile Watched(VfsFile* file) => (WatchedFile)GCHandle.FromIntPtr(file->Watched).Target!;

    private static string Text(byte* name) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(VfsMethods* vfs, byte* name, VfsFile* file, int flags, int* outFlags)
    {
        var path = name is null || (flags & OpenDeleteOnClose) != 0 ? WatchedDisk.TemporaryFile : Text(name);
        var temporary = path == WatchedDisk.TemporaryFile;
        if ((temporary ? WatchedDisk.OfTemporaryFiles : WatchedDisk.Of(path)) is not { } disk)
        {
            return below->Open(below, name, file, flags, outFlags);
        }

        file->Methods = null;
        var isNew = !temporary && (flags & OpenCreate) != 0 && !File.Exists(path);
        if (disk.Begin(DiskCall.Open, path) != DiskFault.None)
        {
            return CannotOpen;
        }

        var real = Real(file);
        var code = below->Open(below, name, real, flags, outFlags);
        if (code != Ok)
        {
            if (real->Methods is not null)
            {
                _ = real->Methods->Close(real);
            }

            return code;
        }

        if (isNew)
        {
            disk.Log?.Created(path);
        }

        var watched = new WatchedFile(disk, path) { SyncsDirectory = !temporary && (flags & OpenCreate) != 0 && (flags & OpenJournal) != 0 };
        file->Watched = GCHandle.ToIntPtr(GCHandle.Alloc(watched));
        file->Methods = methods;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(VfsMethods* vfs, byte* name, int syncDirectory)
    {
        var path = Text(name);
        var disk = WatchedDisk.Of(path);
        if (disk is not null && File.Exists(path) && disk.Begin(DiskCall.Delete, path) != DiskFault.None)
        {
            return DeleteError;
        }

        var code = below->Delete(below, name, disk is null ? syncDirectory : 0);
        if (disk is not null && code == Ok)
        {
            disk.Log?.Deleted(path);
            if (syncDirectory != 0)
            {
                disk.Log?.DirectorySynced(Path.GetDirectoryName(path)!);
            }
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(VfsFile* file)
    {
        GCHandle.FromIntPtr(file->Watched).Free();
        return Real(file)->Methods->Close(Real(file));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(VfsFile* file, byte* buffer, int length, long offset)
    {
        var watched = Watched(file);
        return watched.Disk.Begin(DiskCall.Read, watched.Path) == DiskFault.None
            ? Real(file)->Methods->Read(Real(file), buffer, length, offset)
            : ReadError;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(VfsFile* file, byte* buffer, int length, long offset)
    {
        var watched = Watched(file);
        var fault = watched.Disk.Begin(DiskCall.Write, watched.Path);
        var written = fault switch
        {
            DiskFault.None => length,
            DiskFault.Short => length / 2,
            _ => 0,
        };
        if (written > 0)
        {
            var code = Real(file)->Methods->Write(Real(file), buffer, written, offset);
            if (code != Ok)
            {
                return code;
            }

            watched.Log?.Written(watched.Path, offset, new ReadOnlySpan<byte>(buffer, written));
        }

        return fault switch
        {
            DiskFault.None => Ok,
            DiskFault.Error => WriteError,
            _ => Full,
        };
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(VfsFile* file, long size)
    {
        var watched = Watched(file);
        if (watched.Disk.Begin(DiskCall.Truncate, watched.Path) != DiskFault.None)
        {
            return TruncateError;
        }

        var code = Real(file)->Methods->Truncate(Real(file), size);
        if (code == Ok)
        {
            watched.Log?.Resized(watched.Path, size);
        }

        return code;
    }

    /// <summary>Nothing is really synced: what would be lost without it is what <see cref="DiskLog"/> leaves out.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(VfsFile* file, int flags)
    {
        var watched = Watched(file);
        if (watched.Disk.Begin(DiskCall.Sync, watched.Path) != DiskFault.None)
        {
            return SyncError;
        }

        watched.Log?.Synced(watched.Path);
        if (watched.SyncsDirectory)
        {
            watched.SyncsDirectory = false;
            watched.Log?.DirectorySynced(Path.GetDirectoryName(watched.Path)!);
        }

        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Size(VfsFile* file, long* size) => Real(file)->Methods->Size(Real(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Lock(VfsFile* file, int level) => Real(file)->Methods->Lock(Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unlock(VfsFile* file, int level) => Real(file)->Methods->Unlock(Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReservedLock(VfsFile* file, int* result) => Real(file)->Methods->CheckReservedLock(Real(file), result);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Control(VfsFile* file, int operation, void* argument)
    {
        var real = Real(file);
        var code = real->Methods->Control(real, operation, argument);
        long size;
        if (operation == SizeHint && Watched(file) is { Log: { } log } watched && real->Methods->Size(real, &size) == Ok)
        {
            // Where the file is mapped, it is made as long as that at once.
            log.Resized(watched.Path, size);
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(VfsFile* file) => Real(file)->Methods->SectorSize(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Characteristics(VfsFile* file) => Real(file)->Methods->Characteristics(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int MapShared(VfsFile* file, int page, int pageSize, int extend, void** mapped)
    {
        var watched = Watched(file);
        if (watched.Disk.Begin(DiskCall.MapShared, watched.Path) != DiskFault.None)
        {
            *mapped = null;
            return MapSharedError;
        }

        return Real(file)->Methods->MapShared(Real(file), page, pageSize, extend, mapped);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LockShared(VfsFile* file, int offset, int count, int flags) =>
        Real(file)->Methods->LockShared(Real(file), offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void BarrierShared(VfsFile* file) => Real(file)->Methods->BarrierShared(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int UnmapShared(VfsFile* file, int delete) => Real(file)->Methods->UnmapShared(Real(file), delete);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Fetch(VfsFile* file, long offset, int length, void** pointer) =>
        Real(file)->Methods->Fetch(Real(file), offset, length, pointer);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unfetch(VfsFile* file, long offset, void* pointer) => Real(file)->Methods->Unfetch(Real(file), offset, pointer);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern VfsMethods* FindVfs(byte* name);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int RegisterVfs(VfsMethods* vfs, int makeDefault);
}
