using Akka.Persistence.Storage;
using Akka.Persistence.Storage.InMemory;

namespace Akka.Embedded.Tests.Persistence.Storage;

public sealed class InMemoryEventJournalTests : EventJournalContract
{
    private protected override IEventJournal Journal { get; } = new InMemoryEventJournal();
}

public sealed class InMemorySnapshotStoreTests : SnapshotStoreContract
{
    private protected override ISnapshotStore Store { get; } = new InMemorySnapshotStore();
}
