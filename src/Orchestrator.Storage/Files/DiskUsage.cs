namespace Orchestrator.Storage.Files;

/// <summary>What files occupy on disk, which is less than their length where they have holes.</summary>
public static class DiskUsage
{
    /// <summary>Bytes of a file's blocks; 0 if there is no such file, its length where the system does not tell.</summary>
    public static long OfFile(string path) => FileLayer.System.PhysicalBytes(path);
}
