using Akka.Actor;
using Akka.Embedded.Tests.Persistence.Storage;
using Akka.Persistence;

namespace Akka.Embedded.Tests.Persistence.Actors;

[Collection(nameof(PostgreSqlServer))]
public sealed class PostgreSqlPersistentActorTests(PostgreSqlServer server) : PersistentActorContract
{
    private protected override string Persistence => PersistenceFixture.Sql("PostgreSQL.15", server.NewDatabase());
}

[Collection(nameof(PostgreSqlServer))]
public sealed class PostgreSqlSnapshotTests(PostgreSqlServer server) : SnapshotContract
{
    private protected override string Persistence => PersistenceFixture.Sql("PostgreSQL.15", server.NewDatabase());
}

/// <summary>What happens to persistent actors when their server is away or another process writes for them.</summary>
[Collection(nameof(PostgreSqlServer))]
public sealed class PostgreSqlFailureTests(PostgreSqlServer server) : IAsyncLifetime
{
    private readonly PersistenceFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (PostgreSqlServer.IsInstalled)
        {
            server.Start();
        }
        await _fixture.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_server_that_cannot_be_reached_stops_the_actor_and_its_parent_retries_with_back_off_until_it_can()
    {
        var system = _fixture.Start(PersistenceFixture.Sql("PostgreSQL.15", server.NewDatabase()));
        var probe = new Probe(system);
        var (target, script) = (probe.Ref, new Script("a"));
        var parent = system.ActorOf(Props.Create(() => new RetryingParent(script, target)));
        parent.Tell(new Do(it => it.Save("1")));
        await probe.Expect("recovered", "1");

        server.Crash();
        parent.Tell(new Do(it => it.Save("2")));
        Assert.StartsWith("failed 2@2: ", await probe.Next<string>());
        Assert.Equal(new Retry(1), await probe.Next());
        Assert.StartsWith("recovery failed on the store: ", await probe.Next<string>());
        Assert.Equal(new Retry(2), await probe.Next());
        Assert.StartsWith("recovery failed on the store: ", await probe.Next<string>());

        server.Start();
        var seen = await probe.Until("recovered");
        Assert.Equal("+1", seen[^2]);
        Assert.DoesNotContain("2", seen);
        Assert.DoesNotContain("+2", seen);
        parent.Tell(new Do(it => it.Save("3")));
        await probe.Expect("3");
    }

    [SkippableFact]
    public async Task Of_two_writers_with_one_id_the_second_fails_and_stops()
    {
        var database = PersistenceFixture.Sql("PostgreSQL.15", server.NewDatabase());
        var probes = new List<Probe>();
        var actors = new List<IActorRef>();
        for (var process = 0; process < 2; process++)
        {
            var system = _fixture.Start(database);
            var probe = new Probe(system);
            var (script, target) = (new Script("a"), probe.Ref);
            probes.Add(probe);
            actors.Add(system.ActorOf(Props.Create(() => new ScriptedActor(script, target))));
            await probe.Expect("recovered");
            probe.Watch(actors[process]);
        }

        actors[0].Tell(new Do(it => it.Save("first")));
        await probes[0].Expect("first");
        actors[1].Tell(new Do(it => it.Save("second")));

        Assert.StartsWith("failed second@1: Persistence id 'a': sequence number 1 is already taken", await probes[1].Next<string>());
        await probes[1].Expect("terminated");
        actors[0].Tell(new Do(it => it.Save("third")));
        await probes[0].Expect("third");
    }

    /// <summary>Before the <paramref name="Number"/>th attempt in a row.</summary>
    private sealed record Retry(int Number);

    /// <summary>Starts its child anew whenever it stops, after a pause that doubles up to a limit.</summary>
    private sealed class RetryingParent : ReceiveActor, IWithTimers
    {
        private const int FirstPauseMs = 10;
        private const int MostDoublings = 5;
        private int _failures;

        public RetryingParent(Script script, IActorRef probe)
        {
            var child = StartChild(script, probe);
            Receive<Terminated>(_ =>
            {
                _failures++;
                probe.Tell(new Retry(_failures), Self);
                Timers.StartSingleTimer("retry", "retry", TimeSpan.FromMilliseconds(FirstPauseMs << Math.Min(_failures, MostDoublings)));
            });
            Receive<string>(text => text == "retry", _ => child = StartChild(script, probe));
            ReceiveAny(message => child.Forward(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        private static IActorRef StartChild(Script script, IActorRef probe) =>
            Context.Watch(Context.ActorOf(Props.Create(() => new ScriptedActor(script, probe))));
    }
}
