using Akka.Persistence.Storage;

namespace Akka.Persistence;

/// <summary>What a persistent actor works with. Times are UTC.</summary>
internal sealed record PersistencePlugins(
    IEventJournal Journal,
    ISnapshotStore Snapshots,
    SemaphoreSlim RecoveryPermits,
    TimeSpan RecoveryEventTimeout,
    TimeProvider Time)
{
    public DateTime UtcNow => Time.GetUtcNow().UtcDateTime;
}
