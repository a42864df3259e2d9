using Orchestrator.Embedded.Nodes;

namespace Orchestrator.Embedded.Replication;

/// <summary>
/// How one member reads another's collections. Every answer of the other member is a <see cref="DataReply"/>; no answer
/// is a <see cref="FeedUnreachableException"/>. Implementations may be called from many threads.
/// </summary>
public interface IFeedClient
{
    /// <summary>
    /// Reads the change feed: <see cref="ChangesRead"/>, <see cref="HistoryParted"/>, <see cref="TermStale"/>,
    /// <see cref="NotPrimary"/>, <see cref="CollectionMissing"/> or <see cref="DataUnavailable"/>.
    /// </summary>
    /// <param name="address">Base URL of the member that is asked.</param>
    /// <exception cref="FeedUnreachableException">No answer, or one that cannot be understood.</exception>
    Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the present version of a document, with a deletion as such: <see cref="ChangesRead"/> with one change or
    /// none (never written, or its tombstone is gone), or one of the refusals above.
    /// </summary>
    /// <param name="address">Base URL of the member that is asked.</param>
    /// <exception cref="FeedUnreachableException">No answer, or one that cannot be understood.</exception>
    Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken);
}

/// <summary>The other member gave no answer, or one that cannot be understood.</summary>
public sealed class FeedUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
