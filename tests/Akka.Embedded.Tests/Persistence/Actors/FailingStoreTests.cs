using Akka.Actor;
using Akka.Embedded.Tests.Persistence.Storage;
using Akka.Persistence;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.InMemory;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>What happens when the store is slow, fails or is used by another writer.</summary>
public sealed class FailingStoreTests : IAsyncLifetime
{
    private readonly PersistenceFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Commands_are_handled_while_an_asynchronously_persisted_event_is_on_its_way()
    {
        var (system, probe, journal) = StartGated(new GatedJournal(new InMemoryEventJournal()));
        var actor = Start(system, probe, new Script("a"));
        actor.Tell(new Do(it => it.SaveAsync("1")));
        await journal.Arrived();
        actor.Tell("command");
        actor.Tell(new Do(it => it.SaveAsync("2")));
        actor.Tell(new Do(it => it.Defer("3")));
        actor.Tell("another");
        await probe.Expect("recovered", "command", "another");
        journal.OpenGate();

        await probe.Expect("1", "2", "3");
    }

    [Fact]
    public async Task Commands_are_held_back_while_a_persisted_event_is_on_its_way()
    {
        var (system, probe, journal) = StartGated(new GatedJournal(new InMemoryEventJournal()));
        var actor = Start(system, probe, new Script("a"));
        actor.Tell(new Do(it => it.Save("1")));
        await journal.Arrived();
        actor.Tell("command");
        var other = Start(system, probe, new Script("b"));
        other.Tell("the other actor is not held back");
        await probe.Expect("recovered", "recovered", "the other actor is not held back");
        journal.OpenGate();

        await probe.Expect("1", "command");
    }

    [Fact]
    public async Task A_failed_write_stops_the_actor_and_acknowledges_nothing()
    {
        var (system, probe, journal) = StartGated(new GatedJournal(new InMemoryEventJournal()) { WriteFailure = new IOException("disk full") });
        var actor = Start(system, probe, new Script("a"));
        probe.Watch(actor);
        actor.Tell(new Do(it => it.Save("1")));
        await journal.Arrived();
        actor.Tell(new Do(it => it.Save("2")));
        journal.OpenGate();

        await probe.Expect("recovered", "failed 1@1: disk full", "terminated");
        journal.WriteFailure = null;
        Start(system, probe, new Script("a"));
        await probe.Expect("recovered");
    }

    [Fact]
    public async Task No_later_event_is_stored_after_a_failed_one()
    {
        var store = new InMemoryEventJournal();
        var (system, probe, journal) = StartGated(new GatedJournal(store) { WriteFailure = new IOException("disk full") });
        var actor = Start(system, probe, new Script("a"));
        probe.Watch(actor);
        actor.Tell(new Do(it => it.SaveAsync("1")));
        await journal.Arrived();
        actor.Tell(new Do(it =>
        {
            it.SaveAsync("2");
            journal.OpenGate();
        }));

        await probe.Expect("recovered", "failed 1@1: disk full", "terminated");
        Assert.Equal(0, await store.ReadHighestSequenceNrAsync("a", default));
    }

    [Fact]
    public async Task An_event_that_cannot_be_serialized_is_rejected_and_the_actor_goes_on()
    {
        var system = _fixture.Start(_fixture.Sqlite);
        var probe = new Probe(system);
        var actor = Start(system, probe, new Script("a"));
        actor.Tell(new Do(it =>
        {
            it.Save("1");
            it.Save("unserializable");
            it.SaveAll("2", "unserializable");
            it.Save("3");
        }));
        actor.Tell("next");

        await probe.Expect(
            "recovered", "1",
            "rejected unserializable@2: This note cannot be serialized.",
            "rejected 2@3: This note cannot be serialized.",
            "rejected unserializable@4: This note cannot be serialized.",
            "3", "next");
        var second = Start(_fixture.Start(_fixture.Sqlite), probe, new Script("a"));
        second.Tell(new Do(it => it.Tell(it.LastSequenceNr)));
        await probe.Expect("+1", "+3", "recovered", 5L);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_serialized_fails_and_the_actor_goes_on()
    {
        var system = _fixture.Start(_fixture.Sqlite);
        var probe = new Probe(system);
        var actor = Start(system, probe, new Script("a"));
        actor.Tell(new Do(it => it.SaveSnapshot(new Note("unserializable"))));
        await probe.Expect("recovered");

        Assert.Contains("cannot be serialized", (await probe.Next<SaveSnapshotFailure>()).Cause.Message);
        actor.Tell("next");
        await probe.Expect("next");
    }

    [Fact]
    public async Task A_journal_that_cannot_be_replayed_fails_the_recovery_and_stops_the_actor()
    {
        var store = await StoreWith("a", "1");
        var (system, probe, _) = StartGated(new GatedJournal(store) { ReplayFailure = new IOException("gone") });
        var actor = Start(system, probe, new Script("a"));
        probe.Watch(actor);

        await probe.Expect("recovery failed on the store: gone", "terminated");
    }

    [Fact]
    public async Task A_journal_that_does_not_answer_fails_the_recovery()
    {
        var store = await StoreWith("a", "1");
        var (system, probe, _) = StartGated(
            new GatedJournal(store) { ReplayHangs = true }, "akka.persistence.journal.inmem.recovery-event-timeout = 50ms");
        var actor = Start(system, probe, new Script("a"));
        probe.Watch(actor);

        Assert.Equal(
            "recovery failed on the store: Persistence id 'a': nothing was read for 0.05 s (recovery-event-timeout).", await probe.Next());
        await probe.Expect("terminated");
    }

    [Fact]
    public async Task Only_so_many_actors_recover_at_once_and_all_of_them_do()
    {
        var store = await StoreWith([.. Enumerable.Range(0, 40).Select(i => $"id-{i}")], "1");
        var (system, probe, journal) = StartGated(GatedJournal.Open(store), "akka.persistence.max-concurrent-recoveries = 2");
        for (var i = 0; i < 40; i++)
        {
            Start(system, probe, new Script($"id-{i}"));
        }

        for (var i = 0; i < 80; i++)
        {
            Assert.Contains(await probe.Next<string>(), new[] { "+1", "recovered" });
        }
        Assert.InRange(journal.MostReplaysAtOnce, 1, 2);
    }

    [Fact]
    public async Task Of_two_writers_with_one_id_the_second_fails_and_stops()
    {
        var probes = new List<Probe>();
        var actors = new List<IActorRef>();
        for (var process = 0; process < 2; process++)
        {
            var system = _fixture.Start(_fixture.Sqlite);
            probes.Add(new Probe(system));
            actors.Add(Start(system, probes[process], new Script("a")));
            await probes[process].Expect("recovered");
            probes[process].Watch(actors[process]);
        }

        actors[0].Tell(new Do(it => it.Save("first")));
        await probes[0].Expect("first");
        actors[1].Tell(new Do(it => it.Save("second")));

        Assert.StartsWith("failed second@1: Persistence id 'a': sequence number 1 is already taken", await probes[1].Next<string>());
        await probes[1].Expect("terminated");
        actors[0].Tell(new Do(it => it.Save("third")));
        await probes[0].Expect("third");
    }

    [Fact]
    public async Task A_database_that_cannot_be_opened_stops_the_actor_until_it_can()
    {
        var directory = Directory.CreateTempSubdirectory("akka-persistence-");
        try
        {
            var file = Path.Combine(directory.FullName, "missing", "journal.db");
            var system = _fixture.Start(PersistenceFixture.SqliteAt(file));
            var probe = new Probe(system);
            var actor = Start(system, probe, new Script("a"));
            probe.Watch(actor);
            Assert.StartsWith("recovery failed on the store: ", await probe.Next<string>());
            await probe.Expect("terminated");

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            Start(system, probe, new Script("a")).Tell(new Do(it => it.Save("1")));
            await probe.Expect("recovered", "1");
            await system.Terminate();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("a", "akka.persistence.journal.plugin = akka.persistence.journal.cassandra")]
    [InlineData("a", "akka.persistence.journal { plugin = akka.persistence.journal.sql, sql { provider-name = Oracle } }")]
    [InlineData("", "")]
    public async Task An_actor_without_id_or_journal_stops_at_once(string id, string more)
    {
        var system = _fixture.Start(_fixture.InMemory, more);
        var probe = new Probe(system);
        var actor = Start(system, probe, new Script(id));
        probe.Watch(actor);

        await probe.Expect("terminated");
    }

    [Fact]
    public async Task An_actor_may_choose_its_journal()
    {
        var system = _fixture.Start(_fixture.Sqlite);
        var probe = new Probe(system);
        Start(system, probe, new Script("a") { JournalPluginId = "akka.persistence.journal.inmem" }).Tell(new Do(it => it.Save("1")));
        await probe.Expect("recovered", "1");

        Start(system, probe, new Script("a"));
        await probe.Expect("recovered");
    }

    private static async Task<InMemoryEventJournal> StoreWith(params string[] ids) => await StoreWith(ids[..1], ids[1]);

    private static async Task<InMemoryEventJournal> StoreWith(string[] ids, string text)
    {
        var store = new InMemoryEventJournal();
        foreach (var id in ids)
        {
            await store.WriteAsync(new WriteRequest(id, "writer", [new AtomicBatch([new NewEvent(1, new Note(text))])]));
        }
        return store;
    }

    private static IActorRef Start(ActorSystem system, Probe probe, Script script)
    {
        var target = probe.Ref;
        return system.ActorOf(Props.Create(() => new ScriptedActor(script, target)));
    }

    private (ActorSystem, Probe, GatedJournal) StartGated(GatedJournal journal, string more = "")
    {
        var system = _fixture.Start(_fixture.InMemory, more);
        PersistenceFixture.Use(system, journal);
        return (system, new Probe(system), journal);
    }
}
