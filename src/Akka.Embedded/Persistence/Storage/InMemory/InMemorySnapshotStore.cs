namespace Akka.Persistence.Storage.InMemory;

/// <summary>The snapshot store <c>akka.persistence.snapshot-store.inmem</c>: keeps the snapshot objects of one actor system in memory.</summary>
internal sealed class InMemorySnapshotStore : ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<long, StoredSnapshot>> _snapshots = [];

    public Task<StoredSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(Of(persistenceId).Values.LastOrDefault(stored => criteria.Matches(stored.Metadata)));
        }
    }

    public Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        lock (_lock)
        {
            Of(metadata.PersistenceId)[metadata.SequenceNr] = new StoredSnapshot(metadata, snapshot);
        }
        return Task.CompletedTask;
    }

    public Task DeleteAsync(SnapshotMetadata metadata)
    {
        lock (_lock)
        {
            Of(metadata.PersistenceId).Remove(metadata.SequenceNr);
        }
        return Task.CompletedTask;
    }

    public Task DeleteMatchingAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        lock (_lock)
        {
            var stored = Of(persistenceId);
            foreach (var metadata in stored.Values.Select(snapshot => snapshot.Metadata).Where(criteria.Matches).ToList())
            {
                stored.Remove(metadata.SequenceNr);
            }
        }
        return Task.CompletedTask;
    }

    private SortedDictionary<long, StoredSnapshot> Of(string persistenceId)
    {
        if (!_snapshots.TryGetValue(persistenceId, out var stored))
        {
            _snapshots.Add(persistenceId, stored = []);
        }
        return stored;
    }
}
