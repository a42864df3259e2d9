using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Replication;

/// <summary>Told to a replicator: ask the source for what comes after a position. Answered with <see cref="Pulled"/>.</summary>
/// <param name="Confirmed">Every change up to this one is on disk here, and will be promised.</param>
/// <param name="Waits">Whether the source may wait for a first change.</param>
internal sealed record PullAfter(FeedPosition Position, long Confirmed, bool Waits) : NodeInternal
{
    /// <summary>The running checksum of this member's history there, or null if it is not known.</summary>
    public UInt128? Checksum { get; init; }
}

/// <summary>Told to a replicator: fetch the present versions of documents. Answered with <see cref="VersionsFetched"/>.</summary>
internal sealed record FetchVersions(IReadOnlyList<string> Ids) : NodeInternal;

/// <summary>Told to a replicator: what it got could not be used; ask again after a pause.</summary>
internal sealed record PullAgainLater(PullAfter Question) : NodeInternal;

/// <summary>The source's answer: <see cref="ChangesRead"/> or <see cref="HistoryParted"/>.</summary>
/// <param name="Generation">Tells an answer for an earlier duty from one for the present duty.</param>
internal sealed record Pulled(long Generation, DataReply Answer) : NodeInternal;

/// <summary>The present versions; a change is absent where the source has neither document nor tombstone.</summary>
internal sealed record VersionsFetched(long Generation, IReadOnlyList<FetchedVersion> Versions) : NodeInternal;

/// <param name="Change">At most one.</param>
internal sealed record FetchedVersion(string Id, IReadOnlyList<ChangeRecord> Change);

/// <summary>The source did not answer, or refused; the replicator asks again after a pause.</summary>
internal sealed record PullFailed(long Generation, string Reason) : NodeInternal;
