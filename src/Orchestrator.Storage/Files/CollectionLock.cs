namespace Orchestrator.Storage.Files;

/// <summary>The lock of a collection's files, for one process at a time.</summary>
internal static class CollectionLock
{
    /// <exception cref="StorageException">Another process has the collection open.</exception>
    public static IDisposable Take(CollectionDirectory directory, StorageOptions options)
    {
        try
        {
            return options.Files.Hold(directory.Lock);
        }
        catch (IOException e)
        {
            throw new StorageException($"Collection {directory} at {directory.Path} {(IsHeld(e) ? "is in use by another process" : $"cannot be locked: {e.Message}")}", e);
        }
    }

    /// <summary>Whether somebody else has the lock: EWOULDBLOCK of Linux and macOS, or a sharing violation of Windows.</summary>
    public static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
