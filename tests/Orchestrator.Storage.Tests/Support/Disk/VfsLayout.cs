using System.Runtime.InteropServices;

namespace Orchestrator.Storage.Tests.Support.Disk;

// The structures of https://sqlite.org/c3ref/vfs.html, file.html and io_methods.html, of version 3 each.

/// <summary><c>sqlite3_vfs</c>: the calls that are about names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VfsMethods
{
    public int Version;
    public int FileBytes;
    public int MaxPathname;
    public VfsMethods* Next;
    public byte* Name;
    public nint ApplicationData;
    public delegate* unmanaged[Cdecl]<VfsMethods*, byte*, VfsFile*, int, int*, int> Open;
    public delegate* unmanaged[Cdecl]<VfsMethods*, byte*, int, int> Delete;
    public nint Access;
    public nint FullPathname;
    public nint OpenLibrary;
    public nint LibraryError;
    public nint LibrarySymbol;
    public nint CloseLibrary;
    public nint Randomness;
    public nint Sleep;
    public nint CurrentTime;
    public nint GetLastError;
    public nint CurrentTimeMilliseconds;
    public nint SetSystemCall;
    public nint GetSystemCall;
    public nint NextSystemCall;
}

/// <summary><c>sqlite3_io_methods</c>: the calls that are about an open file.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FileMethods
{
    public int Version;
    public delegate* unmanaged[Cdecl]<VfsFile*, int> Close;
    public delegate* unmanaged[Cdecl]<VfsFile*, byte*, int, long, int> Read;
    public delegate* unmanaged[Cdecl]<VfsFile*, byte*, int, long, int> Write;
    public delegate* unmanaged[Cdecl]<VfsFile*, long, int> Truncate;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int> Sync;
    public delegate* unmanaged[Cdecl]<VfsFile*, long*, int> Size;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int> Lock;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int> Unlock;
    public delegate* unmanaged[Cdecl]<VfsFile*, int*, int> CheckReservedLock;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, void*, int> Control;
    public delegate* unmanaged[Cdecl]<VfsFile*, int> SectorSize;
    public delegate* unmanaged[Cdecl]<VfsFile*, int> Characteristics;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int, int, void**, int> MapShared;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int, int, int> LockShared;
    public delegate* unmanaged[Cdecl]<VfsFile*, void> BarrierShared;
    public delegate* unmanaged[Cdecl]<VfsFile*, int, int> UnmapShared;
    public delegate* unmanaged[Cdecl]<VfsFile*, long, int, void**, int> Fetch;
    public delegate* unmanaged[Cdecl]<VfsFile*, long, void*, int> Unfetch;
}

/// <summary><c>sqlite3_file</c>, with what <see cref="DiskVfs"/> adds; the file of the VFS below follows it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VfsFile
{
    public FileMethods* Methods;

    /// <summary>A handle of a <see cref="WatchedFile"/>.</summary>
    public nint Watched;
}
