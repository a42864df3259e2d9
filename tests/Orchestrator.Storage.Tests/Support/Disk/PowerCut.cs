namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>What a loss of power does to what was not synced.</summary>
internal enum Unsynced
{
    /// <summary>All of it is gone: contents and names.</summary>
    Lost,

    /// <summary>Names have reached the disk, contents have not: as journaling file systems may order them.</summary>
    NamesKept,

    /// <summary>Of the contents a part has reached the disk, sector by sector in any order; of the names the first few.</summary>
    Mixed,
}

/// <summary>
/// Goes through a <see cref="DiskLog"/> and makes the directory that a loss of power would leave at any point.
/// </summary>
/// <remarks>
/// What is assumed of the disk is what SQLite assumes (https://sqlite.org/atomiccommit.html, section 2): a sync makes a file's
/// content durable, sectors are not torn, and writes between two syncs reach the disk in any order. Names are made durable by
/// the sync of their directory, and otherwise in their order, as journaling file systems do it.
/// </remarks>
internal sealed class PowerCut(DiskLog log, string directory)
{
    private const int SectorBytes = 4096;
    private readonly Dictionary<string, Content> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Content> durableNames = new(StringComparer.Ordinal);
    private readonly List<DiskChange> pendingNames = [];
    private readonly Dictionary<DiskChange, Content> created = new(ReferenceEqualityComparer.Instance);
    private int at;

    /// <summary>Goes on until so many changes are made.</summary>
    public void Advance(int count)
    {
        for (; at < count; at++)
        {
            Take(log.Changes[at]);
        }
    }

    /// <summary>Writes the files as they are found after the power is back.</summary>
    public void Write(string target, Unsynced unsynced, Random random)
    {
        var found = new Dictionary<string, Content>(durableNames, StringComparer.Ordinal);
        var kept = unsynced switch
        {
            Unsynced.Lost => 0,
            Unsynced.NamesKept => pendingNames.Count,
            _ => random.Next(pendingNames.Count + 1),
        };
        foreach (var change in pendingNames.Take(kept))
        {
            Apply(change, found);
        }

        foreach (var (path, content) in found)
        {
            var file = Path.Combine(target, Path.GetRelativePath(directory, path));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content.After(unsynced == Unsynced.Mixed ? random : null));
        }
    }

    private void Take(DiskChange change)
    {
        switch (change)
        {
            case DiskChange.Write write:
                names[write.Path].Pending.Add(write);
                break;
            case DiskChange.Resize resize:
                names[resize.Path].Pending.Add(resize);
                break;
            case DiskChange.Sync sync:
                names[sync.Path].Sync();
                break;
            case DiskChange.SyncDirectory sync:
                SyncNames(sync.Path);
                break;
            default:
                if (change is DiskChange.Create)
                {
                    created.Add(change, new Content());
                }

                Apply(change, names);
                pendingNames.Add(change);
                break;
        }
    }

    /// <summary>A journaling file system writes all names down to the last one in the directory.</summary>
    private void SyncNames(string path)
    {
        var last = pendingNames.FindLastIndex(change =>
            Path.GetDirectoryName(change.Path) == path || (change is DiskChange.Rename rename && Path.GetDirectoryName(rename.From) == path));
        foreach (var change in pendingNames.Take(last + 1))
        {
            Apply(change, durableNames);
        }

        pendingNames.RemoveRange(0, last + 1);
    }

    private void Apply(DiskChange change, Dictionary<string, Content> to)
    {
        switch (change)
        {
            case DiskChange.Create create:
                to[create.Path] = created[create];
                break;
            case DiskChange.Rename rename:
                Assert.True(to.Remove(rename.From, out var content), $"{rename.From} is not there");
                to[rename.Path] = content;
                break;
            default:
                to.Remove(change.Path);
                break;
        }
    }

    /// <summary>A file's content, whatever its name.</summary>
    private sealed class Content
    {
        private byte[] durable = [];

        public List<DiskChange> Pending { get; } = [];

        public void Sync()
        {
            durable = With(Pending, durable);
            Pending.Clear();
        }

        /// <param name="random">Chooses what has reached the disk of what was not synced; null = nothing.</param>
        public byte[] After(Random? random) => random is null ? durable : With(Some(random), durable);

        /// <summary>
        /// Of the writes to a sector the first few have reached the disk, because the system writes a sector as it is at a time; of the
        /// changes of the length it is the same.
        /// </summary>
        private List<DiskChange> Some(Random random)
        {
            var pieces = Pending.SelectMany(Pieces).ToList();
            var kept = pieces.GroupBy(Place).ToDictionary(place => place.Key, place => random.Next(3) switch
            {
                0 => 0,
                1 => place.Count(),
                _ => random.Next(place.Count() + 1),
            });
            return [.. pieces.Where(piece => kept[Place(piece)]-- > 0)];
        }

        private static long Place(DiskChange change) => change is DiskChange.Write write ? write.Offset / SectorBytes : -1;

        private static IEnumerable<DiskChange> Pieces(DiskChange change)
        {
            if (change is not DiskChange.Write write)
            {
                yield return change;
                yield break;
            }

            for (var done = 0; done < write.Bytes.Length;)
            {
                var length = (int)Math.Min(write.Bytes.Length - done, SectorBytes - ((write.Offset + done) % SectorBytes));
                yield return new DiskChange.Write(write.Path, write.Offset + done, write.Bytes[done..(done + length)]);
                done += length;
            }
        }

        private static byte[] With(List<DiskChange> changes, byte[] before)
        {
            var length = (long)before.Length;
            var most = changes.Aggregate(length, (most, change) => Math.Max(most, change switch
            {
                DiskChange.Write write => write.Offset + write.Bytes.Length,
                DiskChange.Resize resize => resize.Size,
                _ => 0,
            }));
            var content = new byte[most];
            before.CopyTo(content, 0);
            foreach (var change in changes)
            {
                switch (change)
                {
                    case DiskChange.Write write:
                        write.Bytes.CopyTo(content, write.Offset);
                        length = Math.Max(length, write.Offset + write.Bytes.Length);
                        break;
                    case DiskChange.Resize resize:
                        content.AsSpan((int)Math.Min(resize.Size, length)).Clear();
                        length = resize.Size;
                        break;
                }
            }

            return content[..(int)length];
        }
    }
}
