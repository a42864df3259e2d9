using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>The storage's file layer over a <see cref="WatchedDisk"/>. Syncs are reported and not done.</summary>
/// <param name="boot">Stands for the machine's start.</param>
internal sealed class DiskFiles(WatchedDisk disk, string boot = "before") : FileLayer
{
    public override string? BootId => boot;

    public override void Rename(string from, string to)
    {
        Begin(DiskCall.Rename, to);
        base.Rename(from, to);
        disk.Log?.Renamed(from, to);
    }

    public override void Delete(string path)
    {
        if (File.Exists(path))
        {
            Begin(DiskCall.Delete, path);
            base.Delete(path);
            disk.Log?.Deleted(path);
        }
    }

    public override void SyncFile(string path)
    {
        Begin(DiskCall.Sync, path);
        disk.Log?.Synced(path);
    }

    public override void SyncDirectory(string path)
    {
        Begin(DiskCall.SyncDirectory, path);
        disk.Log?.DirectorySynced(path);
    }

    public override Stream Create(string path)
    {
        Begin(DiskCall.Open, path);
        return new Written(this, path);
    }

    public override HoleFile OpenForHoles(string path) => new Holes(this, path);

    private void Begin(DiskCall call, string path)
    {
        if (disk.Begin(call, path) is var fault and not DiskFault.None)
        {
            throw Failure(fault, path);
        }
    }

    private static IOException Failure(DiskFault fault, string path) =>
        new($"{(fault == DiskFault.Error ? "Input/output error" : "No space left on device")} : '{path}'");

    /// <summary>What is written to a new file reaches it when it is flushed or closed.</summary>
    private sealed class Written : MemoryStream
    {
        private readonly DiskFiles files;
        private readonly string path;
        private long flushed;

        public Written(DiskFiles files, string path)
        {
            this.files = files;
            this.path = path;
            File.WriteAllBytes(path, []);
            files.Log?.Created(path);
        }

        public override void Flush()
        {
            if (Length == flushed)
            {
                return;
            }

            var fault = files.Ask(DiskCall.Write, path);
            var bytes = GetBuffer().AsSpan((int)flushed, (int)(Length - flushed));
            bytes = fault switch
            {
                DiskFault.None => bytes,
                DiskFault.Short => bytes[..(bytes.Length / 2)],
                _ => [],
            };
            using (var file = new FileStream(path, FileMode.Append, FileAccess.Write))
            {
                file.Write(bytes);
            }

            files.Log?.Written(path, flushed, bytes);
            flushed = Length;
            if (fault != DiskFault.None)
            {
                throw Failure(fault, path);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Flush();
            }

            base.Dispose(disposing);
        }
    }

    private DiskLog? Log => disk.Log;

    private DiskFault Ask(DiskCall call, string path) => disk.Begin(call, path);

    private sealed class Holes(DiskFiles files, string path) : HoleFile(path, 4096)
    {
        public override void Punch(long offset, long length)
        {
            files.Begin(DiskCall.Punch, Path);
            base.Punch(offset, length);
            files.Log?.Punched(Path, offset, length);
        }
    }
}
