using Akka.Actor;
using Akka.Persistence;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>The documented behaviour of persistent actors, on any journal.</summary>
public abstract class PersistentActorContract : IAsyncLifetime
{
    private protected PersistenceFixture Fixture { get; } = new();

    private protected abstract string Persistence { get; }

    private protected ActorSystem System { get; private set; } = null!;

    private protected Probe Probe { get; private set; } = null!;

    public Task InitializeAsync()
    {
        System = Fixture.Start(Persistence);
        Probe = new Probe(System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Fixture.DisposeAsync();

    [SkippableFact]
    public async Task A_new_actor_only_learns_that_recovery_is_complete()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.Tell($"{it.IsRecovering} {it.IsRecoveryFinished} {it.LastSequenceNr}")));

        await Probe.Expect("recovered", "False True 0");
    }

    [SkippableFact]
    public async Task The_handler_of_an_event_runs_with_the_sender_of_its_command()
    {
        var actor = Start(new Script("a"));
        var asker = new Probe(System);
        actor.Tell(new Do(it => it.Persist(new Note("x"), note => it.CommandSender.Tell($"stored {note.Text} {it.LastSequenceNr}"))), asker.Ref);

        Assert.Equal("stored x 1", await asker.Next());
    }

    [SkippableFact]
    public async Task Events_are_replayed_in_order_before_recovery_completes()
    {
        var first = Start(new Script("a"));
        first.Tell(new Do(it => it.Save("x")));
        first.Tell(new Do(it => it.SaveAll("y", "z")));
        await Probe.Expect("recovered", "x", "y", "z");
        await Stop(first);

        var second = Start(new Script("a"));
        second.Tell(new Do(it => it.Tell(it.LastSequenceNr)));

        await Probe.Expect("+x", "+y", "+z", "recovered", 3L);
    }

    [SkippableFact]
    public async Task A_long_history_is_replayed_completely_and_in_order()
    {
        var first = Start(new Script("a"));
        first.Tell(new Do(it => it.SaveAll([.. Enumerable.Range(1, 5000).Select(i => $"{i}")])));
        await Probe.Until("5000");
        await Stop(first);

        Start(new Script("a"));

        var expected = Enumerable.Range(1, 5000).Select(i => (object)$"+{i}").Append("recovered");
        Assert.Equal(expected, await Probe.Until("recovered"));
    }

    [SkippableFact]
    public async Task Commands_wait_until_recovery_is_complete_and_keep_their_order()
    {
        var first = Start(new Script("a"));
        first.Tell(new Do(it => it.SaveAll("x", "y")));
        await Probe.Expect("recovered", "x", "y");
        await Stop(first);

        var second = Start(new Script("a"));
        Enumerable.Range(1, 50).ToList().ForEach(i => second.Tell(i));

        await Probe.Expect("+x", "+y", "recovered");
        await Probe.Expect([.. Enumerable.Range(1, 50).Cast<object>()]);
    }

    [SkippableFact]
    public async Task No_command_is_handled_between_persist_and_its_handlers()
    {
        var actor = Start(new Script("a"));
        foreach (var i in Enumerable.Range(1, 100))
        {
            actor.Tell(new Do(it =>
            {
                it.Tell($"command {i}");
                it.Save($"{i} first");
                it.Save($"{i} second");
            }));
        }

        await Probe.Expect("recovered");
        foreach (var i in Enumerable.Range(1, 100))
        {
            await Probe.Expect($"command {i}", $"{i} first", $"{i} second");
        }
    }

    [SkippableFact]
    public async Task A_persist_within_a_handler_comes_before_the_next_command()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.Persist(new Note("outer"), _ =>
        {
            it.Tell("outer");
            it.Save("inner");
        })));
        actor.Tell("next");

        await Probe.Expect("recovered", "outer", "inner", "next");
    }

    [SkippableFact]
    public async Task Persisting_no_events_runs_no_handler_and_stashes_nothing()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.SaveAll()));
        actor.Tell("next");

        await Probe.Expect("recovered", "next");
    }

    [SkippableFact]
    public async Task Handlers_run_in_the_order_of_their_events_whatever_the_method()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it =>
        {
            it.SaveAsync("1");
            it.Defer("2");
            it.Save("3");
            it.PersistAllAsync([new Note("4"), new Note("5")], note => it.Tell(note.Text));
            it.Defer("6");
        }));
        actor.Tell(new Do(it => it.Save("7")));

        await Probe.Expect("recovered", "1", "2", "3", "4", "5", "6", "7");
        await Stop(actor);
        Start(new Script("a"));
        await Probe.Expect("+1", "+3", "+4", "+5", "+7", "recovered");
    }

    [SkippableFact]
    public async Task A_deferred_handler_runs_at_once_when_none_is_pending()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it =>
        {
            it.Defer("deferred");
            it.Tell("after");
        }));

        await Probe.Expect("recovered", "deferred", "after");
    }

    [SkippableFact]
    public async Task A_handler_deferred_within_a_handler_runs_after_it()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.Persist(new Note("x"), _ =>
        {
            it.Defer("deferred");
            it.Tell("handler ends");
        })));

        await Probe.Expect("recovered", "handler ends", "deferred");
    }

    [SkippableFact]
    public async Task Events_can_be_persisted_when_recovery_completes()
    {
        var actor = Start(new Script("a") { OnRecover = (it, message) => SaveOnCompletion(it, message) });
        actor.Tell("next");

        await Probe.Expect("recovered", "born", "next");
    }

    [SkippableFact]
    public async Task Persisting_during_replay_fails_the_recovery()
    {
        await History("x");

        var actor = Start(new Script("a") { OnRecover = (it, message) => SaveOnNote(it, message) });
        Probe.Watch(actor);

        Assert.Equal("+x", await Probe.Next());
        Assert.StartsWith("recovery failed on x: 'a' cannot persist while it recovers", await Probe.Next<string>());
        await Probe.Expect("terminated");
    }

    [SkippableFact]
    public async Task A_handler_that_fails_on_a_replayed_event_stops_the_actor()
    {
        await History("x", "y", "z");

        var actor = Start(new Script("a") { OnRecover = (_, message) => FailOn(message, "y") });
        Probe.Watch(actor);

        await Probe.Expect("+x", "+y", "recovery failed on y: refused", "terminated");
    }

    [SkippableFact]
    public async Task A_failing_event_handler_restarts_the_actor_which_recovers_the_event()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.Persist(new Note("x"), _ => throw new InvalidOperationException("oops"))));
        actor.Tell("next");

        await Probe.Expect("recovered", "restart: oops", "+x", "recovered", "next");
    }

    [SkippableFact]
    public async Task A_failing_command_restarts_the_actor_and_no_held_back_command_is_lost()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.Save("x")));
        actor.Tell(new Do(_ => throw new InvalidOperationException("oops")));
        Enumerable.Range(1, 20).ToList().ForEach(i => actor.Tell(i));

        await Probe.Expect("recovered", "x", "restart: oops", "+x", "recovered");
        await Probe.Expect([.. Enumerable.Range(1, 20).Cast<object>()]);
    }

    [SkippableFact]
    public async Task What_a_command_persisted_before_it_failed_is_stored()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it =>
        {
            it.Save("x");
            throw new InvalidOperationException("oops");
        }));
        actor.Tell(new Do(it => it.Save("y")));

        await Probe.Expect("recovered", "restart: oops", "+x", "recovered", "y");
    }

    [SkippableFact]
    public async Task An_asynchronous_command_may_persist_after_its_awaits()
    {
        var actor = Start(new Script("a"));
        var asker = new Probe(System);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        actor.Tell(new DoAsync(async it =>
        {
            var sender = it.CommandSender;
            it.Tell("begins");
            await go.Task;
            it.Persist(new Note("x"), _ => it.CommandSender.Tell(sender.Equals(it.CommandSender) ? "same sender" : "another sender"));
            await Task.Yield();
            it.Save("y");
        }), asker.Ref);
        actor.Tell("next");
        await Probe.Expect("recovered", "begins");
        go.SetResult();

        await Probe.Expect("y", "next");
        Assert.Equal("same sender", await asker.Next());
    }

    [SkippableFact]
    public async Task An_asynchronous_command_that_fails_restarts_the_actor()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new DoAsync(async it =>
        {
            it.Save("x");
            await Task.Yield();
            throw new InvalidOperationException("oops");
        }));
        actor.Tell("next");

        await Probe.Expect("recovered", "restart: oops", "+x", "recovered", "next");
    }

    [SkippableFact]
    public async Task Behaviour_of_commands_can_be_stacked()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.BecomeShouting()));
        actor.Tell("loud");
        actor.Tell(new Do(it => it.Persist(new Note("x"), _ => it.UnbecomeShouting())));
        actor.Tell("quiet");

        await Probe.Expect("recovered", "LOUD", "quiet");
    }

    [SkippableFact]
    public async Task Stashed_commands_come_back_before_those_held_back_for_a_write()
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.BecomeStashing()));
        actor.Tell("1");
        actor.Tell("2");
        actor.Tell(new Do(it => it.Persist(new Note("x"), _ => it.UnbecomeStashing())));
        actor.Tell("3");
        actor.Tell("4");

        await Probe.Expect("recovered", "1", "2", "3", "4");
    }

    private static void SaveOnCompletion(ScriptedActor actor, object message)
    {
        if (message is RecoveryCompleted)
        {
            actor.Save("born");
        }
    }

    private static void SaveOnNote(ScriptedActor actor, object message)
    {
        if (message is Note)
        {
            actor.Save("too early");
        }
    }

    private static void FailOn(object message, string text)
    {
        if (message is Note note && note.Text == text)
        {
            throw new InvalidOperationException("refused");
        }
    }

    /// <summary>Persists the texts as actor <c>a</c>, which stops.</summary>
    private protected async Task History(params string[] texts)
    {
        var actor = Start(new Script("a"));
        actor.Tell(new Do(it => it.SaveAll(texts)));
        await Probe.Until(texts[^1]);
        await Stop(actor);
    }

    private protected IActorRef Start(Script script)
    {
        var probe = Probe.Ref;
        return System.ActorOf(Props.Create(() => new ScriptedActor(script, probe)));
    }

    private protected async Task Stop(IActorRef actor)
    {
        Probe.Watch(actor);
        System.Stop(actor);
        await Probe.Expect("terminated");
    }
}

public sealed class InMemoryPersistentActorTests : PersistentActorContract
{
    private protected override string Persistence => Fixture.InMemory;
}

public sealed class SqlitePersistentActorTests : PersistentActorContract
{
    private protected override string Persistence => Fixture.Sqlite;
}
