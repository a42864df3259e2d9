using Akka.Actor;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>Random commands that persist in all ways at once; the seed is in the name of the case.</summary>
public sealed class HandlerOrderTests : IAsyncLifetime
{
    private const int Commands = 40;
    private readonly PersistenceFixture _fixture = new();

    private enum Way
    {
        Persist,
        PersistAll,
        PersistAsync,
        PersistAllAsync,
        DeferAsync,
    }

    public static TheoryData<int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, bool>();
            for (var seed = 1; seed <= 12; seed++)
            {
                cases.Add(seed, false);
                cases.Add(seed, true);
            }
            return cases;
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Handlers_keep_the_order_of_their_events_and_hold_back_commands(int seed, bool sqlite)
    {
        var random = new Random(seed);
        var system = _fixture.Start(sqlite ? _fixture.Sqlite : _fixture.InMemory);
        var probe = new Probe(system);
        var commands = Enumerable.Range(0, Commands).Select(number => Command(random, number)).ToList();

        var actor = Start(system, probe);
        for (var number = 0; number < Commands; number++)
        {
            var (name, steps) = ($"command {number}", commands[number]);
            actor.Tell(new Do(it =>
            {
                it.Tell(name);
                steps.ForEach(step => Run(it, step));
            }));
        }
        actor.Tell(new Do(it => it.Save("end")));
        var log = (await probe.Until("end")).Cast<string>().Skip(1).SkipLast(1).ToList();

        var names = Enumerable.Range(0, Commands).Select(number => $"command {number}").ToList();
        Assert.Equal(names, log.Where(names.Contains));
        Assert.Equal(commands.SelectMany(steps => steps).SelectMany(step => step.Texts), log.Except(names));
        for (var number = 0; number < Commands - 1; number++)
        {
            var last = commands[number].Where(step => step.Way is Way.Persist or Way.PersistAll).SelectMany(step => step.Texts).LastOrDefault();
            Assert.True(last is null || log.IndexOf(last) < log.IndexOf(names[number + 1]), $"{names[number + 1]} before {last}");
        }
        await Replays(system, probe, actor, commands.SelectMany(steps => steps));
    }

    private static async Task Replays(ActorSystem system, Probe probe, IActorRef actor, IEnumerable<Step> steps)
    {
        probe.Watch(actor);
        system.Stop(actor);
        await probe.Expect("terminated");

        Start(system, probe);

        var stored = steps.Where(step => step.Way != Way.DeferAsync).SelectMany(step => step.Texts).Append("end");
        Assert.Equal(stored.Select(text => $"+{text}").Append("recovered"), (await probe.Until("recovered")).Cast<string>());
    }

    private static IActorRef Start(ActorSystem system, Probe probe)
    {
        var target = probe.Ref;
        return system.ActorOf(Props.Create(() => new ScriptedActor(new Script("a"), target)));
    }

    private static List<Step> Command(Random random, int number) =>
    [
        .. Enumerable.Range(0, random.Next(5)).Select(step =>
        {
            var way = (Way)random.Next(5);
            var count = way is Way.PersistAll or Way.PersistAllAsync ? random.Next(4) : 1;
            return new Step(way, [.. Enumerable.Range(0, count).Select(i => $"{number}.{step}.{i}")]);
        }),
    ];

    private static void Run(ScriptedActor actor, Step step)
    {
        switch (step.Way)
        {
            case Way.Persist:
                actor.Save(step.Texts[0]);
                break;
            case Way.PersistAll:
                actor.SaveAll(step.Texts);
                break;
            case Way.PersistAsync:
                actor.SaveAsync(step.Texts[0]);
                break;
            case Way.PersistAllAsync:
                actor.PersistAllAsync(step.Texts.Select(text => new Note(text)), note => actor.Tell(note.Text));
                break;
            default:
                actor.Defer(step.Texts[0]);
                break;
        }
    }

    private sealed record Step(Way Way, string[] Texts);
}
