using Akka.Actor;
using Akka.Persistence;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>Snapshots, deletion and partial recovery of persistent actors, on any store.</summary>
public abstract class SnapshotContract : IAsyncLifetime
{
    private protected PersistenceFixture Fixture { get; } = new();

    private protected abstract string Persistence { get; }

    private ActorSystem System { get; set; } = null!;

    private Probe Probe { get; set; } = null!;

    public Task InitializeAsync()
    {
        System = Fixture.Start(Persistence);
        Probe = new Probe(System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Fixture.DisposeAsync();

    [SkippableFact]
    public async Task Recovery_starts_from_the_latest_snapshot_and_replays_what_follows()
    {
        await HistoryWithSnapshots();

        Start();

        await Probe.Expect("snapshot s4@4", "+5", "+6", "recovered");
    }

    [SkippableTheory]
    [InlineData(3, long.MaxValue, long.MaxValue, "snapshot s2@2,+3,+4,+5,+6,recovered")]
    [InlineData(long.MaxValue, 5, long.MaxValue, "snapshot s4@4,+5,recovered")]
    [InlineData(long.MaxValue, 3, long.MaxValue, "snapshot s2@2,+3,recovered")]
    [InlineData(long.MaxValue, 4, long.MaxValue, "snapshot s4@4,recovered")]
    [InlineData(0, 3, long.MaxValue, "+1,+2,+3,recovered")]
    [InlineData(0, long.MaxValue, 2, "+1,+2,recovered")]
    [InlineData(0, 0, long.MaxValue, "recovered")]
    public async Task Recovery_keeps_to_its_bounds_and_writing_goes_on_after_the_last_event(long snapshotTo, long to, long max, string expected)
    {
        await HistoryWithSnapshots();

        var actor = Start(new Recovery(new SnapshotSelectionCriteria(snapshotTo), to, max));
        actor.Tell(new Do(it => it.Save("7")));
        actor.Tell(new Do(it => it.Tell(it.LastSequenceNr)));

        await Probe.Expect([.. expected.Split(','), "7", 7L]);
    }

    [SkippableFact]
    public async Task No_recovery_reads_neither_snapshot_nor_events()
    {
        await HistoryWithSnapshots();

        var actor = Start(Recovery.None);
        actor.Tell(new Do(it => it.Tell(it.LastSequenceNr)));

        await Probe.Expect("recovered", 6L);
    }

    [SkippableFact]
    public async Task A_snapshot_has_the_number_of_the_last_event_and_the_actor_learns_of_it()
    {
        var actor = Start();
        actor.Tell(new Do(it => it.Save("1")));
        actor.Tell(new Do(it => it.SaveSnapshot(new Note("s"))));

        await Probe.Expect("recovered", "1");
        var success = await Probe.Next<SaveSnapshotSuccess>();
        Assert.Equal("a", success.Metadata.PersistenceId);
        Assert.Equal(1, success.Metadata.SequenceNr);
        Assert.Equal(DateTimeKind.Utc, success.Metadata.Timestamp.Kind);
    }

    [SkippableFact]
    public async Task Deleted_events_are_not_replayed_and_their_numbers_not_used_again()
    {
        var first = Start();
        first.Tell(new Do(it => it.SaveAll("1", "2", "3")));
        first.Tell(new Do(it => it.DeleteMessages(2)));
        await Probe.Expect("recovered", "1", "2", "3");
        Assert.Equal(2, (await Probe.Next<DeleteMessagesSuccess>()).ToSequenceNr);
        await Stop(first);

        var second = Start();
        await Probe.Expect("+3", "recovered");
        second.Tell(new Do(it => it.DeleteMessages(long.MaxValue)));
        Assert.Equal(long.MaxValue, (await Probe.Next<DeleteMessagesSuccess>()).ToSequenceNr);
        await Stop(second);

        var third = Start();
        third.Tell(new Do(it => it.Save("4")));
        third.Tell(new Do(it => it.Tell(it.LastSequenceNr)));
        await Probe.Expect("recovered", "4", 4L);
    }

    [SkippableFact]
    public async Task Events_that_do_not_exist_yet_cannot_be_deleted()
    {
        var actor = Start();
        actor.Tell(new Do(it => it.Save("1")));
        actor.Tell(new Do(it => it.DeleteMessages(2)));

        await Probe.Expect("recovered", "1");
        var failure = await Probe.Next<DeleteMessagesFailure>();
        Assert.Equal(2, failure.ToSequenceNr);
        Assert.Contains("the last event of 'a' is 1", failure.Cause.Message);
    }

    [SkippableFact]
    public async Task Snapshots_can_be_deleted_one_by_one_and_by_criteria()
    {
        await HistoryWithSnapshots();
        var actor = Start();
        await Probe.Until("recovered");

        actor.Tell(new Do(it => it.DeleteSnapshot(4)));
        Assert.Equal(4, (await Probe.Next<DeleteSnapshotSuccess>()).Metadata.SequenceNr);
        await Stop(actor);
        actor = Start();
        await Probe.Expect("snapshot s2@2", "+3", "+4", "+5", "+6", "recovered");

        actor.Tell(new Do(it => it.DeleteSnapshots(new SnapshotSelectionCriteria(2))));
        Assert.Equal(2, (await Probe.Next<DeleteSnapshotsSuccess>()).Criteria.MaxSequenceNr);
        await Stop(actor);
        Start();
        await Probe.Expect("+1", "+2", "+3", "+4", "+5", "+6", "recovered");
    }

    /// <summary>Six events, with snapshots after the second and the fourth.</summary>
    private async Task HistoryWithSnapshots()
    {
        var actor = Start(Recovery.None);
        await Probe.Expect("recovered");
        for (var i = 1; i <= 6; i++)
        {
            var number = i;
            actor.Tell(new Do(it => it.Save($"{number}")));
            await Probe.Expect($"{number}");
            if (number is 2 or 4)
            {
                actor.Tell(new Do(it => it.SaveSnapshot(new Note($"s{number}"))));
                await Probe.Next<SaveSnapshotSuccess>();
            }
        }
        await Stop(actor);
    }

    private IActorRef Start(Recovery? recovery = null)
    {
        var script = new Script("a") { Recovery = recovery ?? Recovery.Default };
        var probe = Probe.Ref;
        return System.ActorOf(Props.Create(() => new ScriptedActor(script, probe)));
    }

    private async Task Stop(IActorRef actor)
    {
        Probe.Watch(actor);
        System.Stop(actor);
        await Probe.Expect("terminated");
    }
}

public sealed class InMemorySnapshotTests : SnapshotContract
{
    private protected override string Persistence => Fixture.InMemory;
}

public sealed class SqliteSnapshotTests : SnapshotContract
{
    private protected override string Persistence => Fixture.Sqlite;
}
