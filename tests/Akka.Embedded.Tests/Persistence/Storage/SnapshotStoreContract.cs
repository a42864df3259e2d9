using Akka.Persistence;
using Akka.Persistence.Storage;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>What every snapshot store must do.</summary>
public abstract class SnapshotStoreContract
{
    private const string Id = "actor-1";
    private static readonly DateTime Noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private protected abstract ISnapshotStore Store { get; }

    [SkippableFact]
    public async Task An_unknown_id_has_no_snapshot() => Assert.Null(await Load(SnapshotSelectionCriteria.Latest));

    [SkippableFact]
    public async Task The_latest_snapshot_comes_back_with_its_metadata()
    {
        await Save(5, 0, "five");
        await Save(9, 1, "nine");
        await Save(7, 2, "seven");
        await Store.SaveAsync(new SnapshotMetadata("other", 100, Noon), "other");

        var found = await Load(SnapshotSelectionCriteria.Latest);

        Assert.Equal("nine", found?.Snapshot);
        Assert.Equal(new SnapshotMetadata(Id, 9, Noon.AddHours(1)), found?.Metadata);
        Assert.Equal(DateTimeKind.Utc, found?.Metadata.Timestamp.Kind);
    }

    [SkippableFact]
    public async Task Criteria_bound_number_and_time_inclusively()
    {
        await Save(1, 1, "one");
        await Save(2, 2, "two");
        await Save(3, 3, "three");

        Assert.Equal("two", (await Load(new SnapshotSelectionCriteria(2)))?.Snapshot);
        Assert.Equal("one", (await Load(new SnapshotSelectionCriteria(long.MaxValue, Noon.AddHours(1.5))))?.Snapshot);
        Assert.Equal("two", (await Load(new SnapshotSelectionCriteria(long.MaxValue, Noon.AddHours(2))))?.Snapshot);
        Assert.Null(await Load(new SnapshotSelectionCriteria(2, DateTime.MaxValue, minSequenceNr: 3)));
        Assert.Null(await Load(new SnapshotSelectionCriteria(2, DateTime.MaxValue, 0, Noon.AddHours(3))));
        Assert.Null(await Load(SnapshotSelectionCriteria.None));
    }

    [SkippableFact]
    public async Task A_snapshot_of_the_same_number_replaces_the_former()
    {
        await Save(4, 0, "first");
        await Save(4, 1, "second");

        var found = await Load(SnapshotSelectionCriteria.Latest);

        Assert.Equal("second", found?.Snapshot);
        Assert.Equal(Noon.AddHours(1), found?.Metadata.Timestamp);
    }

    [SkippableFact]
    public async Task One_snapshot_is_deleted_by_its_number()
    {
        await Save(1, 0, "one");
        await Save(2, 0, "two");

        await Store.DeleteAsync(new SnapshotMetadata(Id, 2));
        await Store.DeleteAsync(new SnapshotMetadata(Id, 17));

        Assert.Equal("one", (await Load(SnapshotSelectionCriteria.Latest))?.Snapshot);
    }

    [SkippableFact]
    public async Task Many_snapshots_are_deleted_by_criteria()
    {
        await Save(1, 0, "one");
        await Save(2, 0, "two");
        await Save(3, 0, "three");
        await Store.SaveAsync(new SnapshotMetadata("other", 1, Noon), "other");

        await Store.DeleteMatchingAsync(Id, new SnapshotSelectionCriteria(2));

        Assert.Null(await Load(new SnapshotSelectionCriteria(2)));
        Assert.Equal("three", (await Load(SnapshotSelectionCriteria.Latest))?.Snapshot);
        Assert.NotNull(await Store.LoadAsync("other", SnapshotSelectionCriteria.Latest, default));
    }

    private Task Save(long sequenceNr, double hours, string snapshot) =>
        Store.SaveAsync(new SnapshotMetadata(Id, sequenceNr, Noon.AddHours(hours)), snapshot);

    private Task<StoredSnapshot?> Load(SnapshotSelectionCriteria criteria) => Store.LoadAsync(Id, criteria, default);
}
