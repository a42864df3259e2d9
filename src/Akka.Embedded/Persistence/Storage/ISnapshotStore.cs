namespace Akka.Persistence.Storage;

/// <summary>A snapshot as read back.</summary>
internal sealed record StoredSnapshot(SnapshotMetadata Metadata, object Snapshot);

/// <summary>Where the snapshots of persistent actors are kept, one for each persistence id and sequence number.</summary>
internal interface ISnapshotStore
{
    /// <summary>The snapshot with the highest sequence number that meets the criteria, or null.</summary>
    Task<StoredSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellation);

    /// <summary>
    /// Stores a snapshot; one of the same id and sequence number is replaced. The object must not change afterwards.
    /// </summary>
    Task SaveAsync(SnapshotMetadata metadata, object snapshot);

    /// <summary>Deletes the snapshot with this id and sequence number, if there is one.</summary>
    Task DeleteAsync(SnapshotMetadata metadata);

    /// <summary>Deletes all snapshots that meet the criteria.</summary>
    Task DeleteMatchingAsync(string persistenceId, SnapshotSelectionCriteria criteria);
}
