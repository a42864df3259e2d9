namespace Orchestrator.Storage;

/// <summary>What was removed because nothing uses it.</summary>
/// <param name="Files">Absolute paths.</param>
/// <param name="Bytes">Bytes given back to the file system.</param>
public sealed record RemovedFiles(IReadOnlyList<string> Files, long Bytes)
{
    public RemovedFiles And(RemovedFiles more) => new([.. Files, .. more.Files], Bytes + more.Bytes);
}
