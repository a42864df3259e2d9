namespace Orchestrator.Storage;

/// <summary>An error of the embedded engine's files. The message names the file or collection and the cause.</summary>
public class StorageException : Exception
{
    public StorageException(string message)
        : base(message)
    {
    }

    public StorageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A file is damaged, or is not what its name says. The collection cannot be opened.</summary>
public sealed class CorruptFileException(string file, string cause, Exception? inner = null)
    : StorageException($"{file} is damaged: {cause}", inner!)
{
    public string File { get; } = file;
}

/// <summary>Replicated changes do not continue this member's feed: a gap, a wrong order, or another history.</summary>
public sealed class FeedConflictException(string message) : StorageException(message);

/// <summary>
/// This member and the source have written different changes under the same seqs and the same term. One of them has lost the end of its
/// history and has gone on: no roll-back brings them together, the collection must be copied anew.
/// </summary>
public sealed class DifferentHistoryException(string message) : StorageException(message);

/// <summary>
/// This member was away for so long that the source has dropped tombstones which this member has not seen. It must
/// be emptied and copied anew, else deleted documents would come back.
/// </summary>
public sealed class ResyncRequiredException(string message) : StorageException(message);

/// <summary>No index of that name.</summary>
public sealed class UnknownIndexException(string collection, string index)
    : StorageException($"Collection {collection} has no index '{index}'.")
{
    public string Index { get; } = index;
}

/// <summary>The index is known, but is still being built: it can be looked up in when it is done.</summary>
public sealed class IndexBeingBuiltException(string collection, string index, double fraction)
    : StorageException(string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"Index '{index}' of {collection} is being built; {Math.Floor(100 * fraction)} % are done."))
{
    public string Index { get; } = index;
}

/// <summary>A compaction cannot start or go on now; the message says why. No data is affected.</summary>
public sealed class CompactionRefusedException(string message) : StorageException(message);

/// <summary>The collection is offline for a compaction of the mode <c>exclusive</c>: neither reads nor writes until it has ended.</summary>
public sealed class CollectionOfflineException(string collection)
    : StorageException($"Collection {collection} is offline: it is being compacted with the mode 'exclusive'.");

/// <summary>The collection is copied from another member, or takes over a large part of its feed: it cannot be read until it is whole.</summary>
public sealed class CollectionBeingCopiedException(string collection)
    : StorageException($"Collection {collection} is being copied from another member.");

/// <summary>A file was written by a newer version of this program. It is as it was; open it with that version.</summary>
public sealed class NewerVersionException(string file, long version, long known)
    : StorageException($"{file} has version {version}; this program supports versions up to {known}. Open it with a newer program.")
{
    public string File { get; } = file;
}

/// <summary>Not enough free disk for a compaction. What is already copied is kept unless asked otherwise.</summary>
public sealed class InsufficientDiskSpaceException(string directory, long requiredBytes, long availableBytes)
    : StorageException($"{directory}: {requiredBytes} bytes of free disk space are needed, {availableBytes} are available.")
{
    public long RequiredBytes { get; } = requiredBytes;

    public long AvailableBytes { get; } = availableBytes;
}
