using System.Text.Json;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// The record that a complete copy of the documents takes the place of the documents file: written when the copy is
/// synced and nothing is written to the old file any more, removed when the new one has its name. A crash in between
/// leaves it for the next start, which finishes the swap.
/// </summary>
/// <param name="Generation">Generation of the copy. A record for another one is out of date.</param>
internal sealed record SwapIntent(long Generation)
{
    public static SwapIntent? Read(FileLayer files, CollectionDirectory directory)
    {
        if (!files.Exists(directory.SwapIntent))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<SwapIntent>(files.ReadAll(directory.SwapIntent))
                ?? throw new CorruptFileException(directory.SwapIntent, "it is empty");
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(directory.SwapIntent, $"it {DocumentRules.DescribeJson(e)}", e);
        }
    }

    public void Write(FileLayer files, CollectionDirectory directory) =>
        files.WriteDurably(directory.SwapIntent, stream => JsonSerializer.Serialize(stream, this));

    public static void Remove(FileLayer files, CollectionDirectory directory)
    {
        Forget(files, directory);
        files.SyncDirectory(directory.Path);
    }

    /// <summary>
    /// As <see cref="Remove"/>, but a loss of power may bring the record back: after the swap it does no harm, because there is
    /// no copy of its generation any more, nor ever will be.
    /// </summary>
    public static void Forget(FileLayer files, CollectionDirectory directory) => files.Delete(directory.SwapIntent);

    /// <summary>
    /// Gives the copy the name of the documents file. The old write-ahead log goes first, and durably: next to the new
    /// file it would destroy it.
    /// </summary>
    public static void Rename(FileLayer files, CollectionDirectory directory, Action<string> hit)
    {
        RemoveLog(files, directory.Documents);
        hit(Failpoints.LogRemoved);
        files.Rename(directory.DocumentsCopy, directory.Documents);
        files.SyncDirectory(directory.Path);
        hit(Failpoints.Renamed);
    }

    /// <summary>Makes sure that closing a file has taken over its write-ahead log.</summary>
    /// <exception cref="StorageException">The log still has content: removing it could lose commits.</exception>
    public static void RequireNoLog(FileLayer files, string path)
    {
        if (files.Length(path + "-wal") is var length && length > 0)
        {
            throw new StorageException(
                $"{path}-wal still has {length} bytes after the file was closed: the disk is full, or another program has the file open.");
        }
    }

    /// <summary>Removes the write-ahead log of a closed file, if closing has left one.</summary>
    public static void RemoveLog(FileLayer files, string path)
    {
        string[] logs = [path + "-wal", path + "-shm"];
        if (logs.Any(files.Exists))
        {
            foreach (var log in logs)
            {
                files.Delete(log);
            }

            files.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }
}
