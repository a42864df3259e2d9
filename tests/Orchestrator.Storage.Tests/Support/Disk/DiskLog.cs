namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>Everything that changed the files of a <see cref="WatchedDisk"/>, in its order, from when the directory was empty.</summary>
internal sealed class DiskLog
{
    private readonly object gate = new();
    private readonly List<DiskChange> changes = [];

    /// <summary>How many there are so far.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return changes.Count;
            }
        }
    }

    public IReadOnlyList<DiskChange> Changes => changes;

    public void Created(string path) => Add(new DiskChange.Create(path));

    public void Written(string path, long offset, ReadOnlySpan<byte> bytes) => Add(new DiskChange.Write(path, offset, bytes.ToArray()));

    public void Resized(string path, long size) => Add(new DiskChange.Resize(path, size));

    public void Punched(string path, long offset, long length) => Add(new DiskChange.Write(path, offset, new byte[length]));

    public void Deleted(string path) => Add(new DiskChange.Delete(path));

    public void Renamed(string from, string to) => Add(new DiskChange.Rename(from, to));

    public void Synced(string path) => Add(new DiskChange.Sync(path));

    public void DirectorySynced(string path) => Add(new DiskChange.SyncDirectory(path));

    private void Add(DiskChange change)
    {
        lock (gate)
        {
            changes.Add(change);
        }
    }
}

/// <summary>A change of a file or of a name, or a sync.</summary>
internal abstract record DiskChange(string Path)
{
    /// <summary>A new, empty file; what had the name is gone.</summary>
    public sealed record Create(string Path) : DiskChange(Path);

    public sealed record Write(string Path, long Offset, byte[] Bytes) : DiskChange(Path);

    public sealed record Resize(string Path, long Size) : DiskChange(Path);

    public sealed record Delete(string Path) : DiskChange(Path);

    public sealed record Rename(string From, string Path) : DiskChange(Path);

    public sealed record Sync(string Path) : DiskChange(Path);

    public sealed record SyncDirectory(string Path) : DiskChange(Path);
}
