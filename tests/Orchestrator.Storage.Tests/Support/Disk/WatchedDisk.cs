namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>What is done to a file or to names.</summary>
internal enum DiskCall
{
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    SyncDirectory,
    Delete,
    Rename,
    MapShared,
    Punch,
}

/// <summary>How a call fails.</summary>
internal enum DiskFault
{
    None,

    /// <summary>An I/O error; nothing is done.</summary>
    Error,

    /// <summary>The disk is full; nothing is done.</summary>
    Full,

    /// <summary>The disk is full after half of it is written.</summary>
    Short,
}

/// <summary>
/// A directory where all calls of SQLite (<see cref="DiskVfs"/>) and of the storage's file layer (<see cref="DiskFiles"/>) can be
/// made to fail and are recorded.
/// </summary>
internal sealed class WatchedDisk : IDisposable
{
    private static readonly object Gate = new();
    private static volatile WatchedDisk[] watched = [];

    [ThreadStatic]
    private static WatchedDisk? takesTemporaryFiles;
    private readonly object deciding = new();
    private readonly string prefix;

    public WatchedDisk(string directory)
    {
        DiskVfs.Install();
        Directory = Path.GetFullPath(directory);
        prefix = Directory + Path.DirectorySeparatorChar;
        lock (Gate)
        {
            watched = [.. watched, this];
        }
    }

    public string Directory { get; }

    /// <summary>Decides over each call. Called under a lock.</summary>
    public Func<DiskCall, string, DiskFault>? Decide { get; set; }

    /// <summary>Gets what was done, if it is set.</summary>
    public DiskLog? Log { get; set; }

    /// <summary>What SQLite's files without a name are called: those that it sorts in, for one.</summary>
    public const string TemporaryFile = "temporary file";

    /// <summary>The disk that this thread's files without a name count as being on; null = none.</summary>
    public static WatchedDisk? OfTemporaryFiles => takesTemporaryFiles;

    /// <summary>From now on this thread's files without a name are watched by this disk, as <see cref="TemporaryFile"/>; they are not recorded.</summary>
    public void TakeTemporaryFiles() => takesTemporaryFiles = this;

    /// <summary>The disk that a file is on; null if nobody watches it.</summary>
    public static WatchedDisk? Of(string path) => Array.Find(watched, disk => path.StartsWith(disk.prefix, StringComparison.Ordinal));

    /// <summary>To be asked before each call.</summary>
    public DiskFault Begin(DiskCall call, string path)
    {
        lock (deciding)
        {
            return Decide?.Invoke(call, path) ?? DiskFault.None;
        }
    }

    public void Dispose()
    {
        takesTemporaryFiles = takesTemporaryFiles == this ? null : takesTemporaryFiles;
        lock (Gate)
        {
            watched = [.. watched.Where(disk => disk != this)];
        }
    }
}

/// <summary>A file that SQLite has open.</summary>
internal sealed record WatchedFile(WatchedDisk Disk, string Path)
{
    /// <summary>Gets what is done to it; null for a file that nobody finds after a loss of power.</summary>
    public DiskLog? Log => Path == WatchedDisk.TemporaryFile ? null : Disk.Log;

    /// <summary>The next sync makes its name durable too.</summary>
    public bool SyncsDirectory { get; set; }
}
