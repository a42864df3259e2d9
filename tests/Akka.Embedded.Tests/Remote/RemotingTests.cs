using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Remote;

public sealed class RemotingTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Systems _systems = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _systems.DisposeAsync();

    [Fact]
    public async Task A_free_port_is_taken_and_shown_in_the_address()
    {
        var system = _systems.Start();
        Assert.True(Systems.AddressOf(system).Port > 0);
        Assert.Equal("akka.tcp", Systems.AddressOf(system).Protocol);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_question_to_a_remote_actor_is_answered()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo()), "echo"));
        Assert.Equal("hello", await echo.Ask<string>("hello", Limit));
        Assert.Equal(42, await echo.Ask<int>(42, Limit));
    }

    [Fact]
    public async Task A_remote_selection_finds_the_actor_by_its_path()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        there.ActorOf(Props.Create(() => new Echo()), "echo");
        var selection = here.ActorSelection($"{Systems.AddressOf(there)}/user/echo");
        var found = await selection.ResolveOne(Limit);
        Assert.NotEqual(0, found.Path.Uid);
        Assert.Equal("hello", await selection.Ask<string>("hello", Limit));
        await Assert.ThrowsAsync<ActorNotFoundException>(
            () => here.ActorSelection($"{Systems.AddressOf(there)}/user/nobody").ResolveOne(Limit));
    }

    [Fact]
    public async Task Messages_between_a_pair_of_actors_keep_their_order()
    {
        const int count = 20_000;
        var (here, there) = (_systems.Start(), _systems.Start());
        var received = new ConcurrentQueue<int>();
        var target = there.ActorOf(Props.Create(() => new Collector(m => received.Enqueue((int)m))));
        var remote = Systems.Remote(here, there, target);
        for (var i = 0; i < count; i++)
        {
            remote.Tell(i, ActorRefs.NoSender);
        }

        await Systems.Eventually(() => received.Count == count, $"{count} messages");
        Assert.Equal(Enumerable.Range(0, count), received);
    }

    [Fact]
    public async Task A_message_without_serializer_is_an_error_that_names_its_type_and_nothing_more()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        echo.Tell(new Unbound(1), ActorRefs.NoSender);
        Assert.Equal("after", await echo.Ask<string>("after", Limit));
        await Systems.Eventually(() => _systems.LogLines(LogLevel.ErrorLevel).Any(), "the error");
        Assert.Contains(nameof(Unbound), Assert.Single(_systems.LogLines(LogLevel.ErrorLevel)));
    }

    [Fact]
    public async Task An_oversized_message_is_discarded_with_an_error_that_names_its_type_and_size()
    {
        var (here, there) = (_systems.Start("akka.remote.dot-netty.tcp.maximum-frame-size = 64000b"), _systems.Start());
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        echo.Tell(new string('x', 100_000), ActorRefs.NoSender);
        Assert.Equal("after", await echo.Ask<string>("after", Limit));
        await Systems.Eventually(() => _systems.LogLines(LogLevel.ErrorLevel).Any(), "the error");
        var line = Assert.Single(_systems.LogLines(LogLevel.ErrorLevel));
        Assert.Contains("System.String", line);
        Assert.Contains("64000", line);
    }

    [Fact]
    public async Task A_watcher_hears_of_the_end_of_a_remote_actor_once()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var actor = there.ActorOf(Props.Create(() => new Echo()), "mortal");
        var heard = new ConcurrentQueue<Terminated>();
        var remote = Systems.Remote(here, there, actor);
        var watcher = here.ActorOf(Props.Create(() => new Watcher(remote, heard.Enqueue)));
        await watcher.Ask<string>("?", Limit);
        there.Stop(actor);
        await Systems.Eventually(() => !heard.IsEmpty, "Terminated");
        Assert.Equal(remote, Assert.Single(heard).ActorRef);
        Assert.False(heard.Single().AddressTerminated);
    }

    [Fact]
    public async Task A_watcher_of_an_actor_that_is_already_gone_hears_of_it()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var actor = there.ActorOf(Props.Create(() => new Echo()));
        Assert.True(await actor.GracefulStop(Limit));
        var heard = new ConcurrentQueue<Terminated>();
        here.ActorOf(Props.Create(() => new Watcher(Systems.Remote(here, there, actor), heard.Enqueue)));
        await Systems.Eventually(() => !heard.IsEmpty, "Terminated");
    }

    [Fact]
    public async Task A_watcher_hears_when_the_remote_system_is_lost()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var actor = there.ActorOf(Props.Create(() => new Echo()));
        var remote = Systems.Remote(here, there, actor);
        var heard = new ConcurrentQueue<Terminated>();
        var watcher = here.ActorOf(Props.Create(() => new Watcher(remote, heard.Enqueue)));
        await watcher.Ask<string>("?", Limit);
        Assert.Equal("x", await remote.Ask<string>("x", Limit));
        ((ActorSystemImpl)there).ProviderImpl.Cast().Transport.Break();
        await Systems.Eventually(() => !heard.IsEmpty, "Terminated");
        Assert.True(heard.First().AddressTerminated);
    }

    [Fact]
    public async Task A_new_incarnation_of_a_system_does_not_take_over_the_refs_of_the_old_one()
    {
        var here = _systems.Start();
        var first = _systems.Start();
        var port = Systems.AddressOf(first).Port!.Value;
        var old = Systems.Remote(here, first, first.ActorOf(Props.Create(() => new Echo()), "echo"));
        Assert.Equal("x", await old.Ask<string>("x", Limit));
        var heard = new ConcurrentQueue<Terminated>();
        var watcher = here.ActorOf(Props.Create(() => new Watcher(old, heard.Enqueue)));
        await watcher.Ask<string>("?", Limit);
        ((ActorSystemImpl)first).ProviderImpl.Cast().Transport.Break();
        await first.Terminate();

        var second = _systems.Start(port: port);
        var fresh = Systems.Remote(here, second, second.ActorOf(Props.Create(() => new Echo()), "echo"));

        // What is sent before this side has noticed that the connection is gone is lost: delivery is at most once.
        var answers = new ConcurrentQueue<object>();
        var asker = here.ActorOf(Props.Create(() => new Collector(answers.Enqueue)));
        await Systems.Eventually(
            () =>
            {
                fresh.Tell("y", asker);
                return !answers.IsEmpty;
            },
            "an answer of the new incarnation");
        await Systems.Eventually(() => !heard.IsEmpty, "Terminated of the old incarnation's actor");
        await Assert.ThrowsAsync<AskTimeoutException>(() => old.Ask<string>("z", TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public async Task Messages_to_a_system_that_does_not_come_become_dead_letters()
    {
        var here = _systems.Start("akka.remote.retry-gate-closed-for = 300 ms");
        var dead = new ConcurrentQueue<object>();
        here.EventStream.Subscribe(here.ActorOf(Props.Create(() => new Collector(dead.Enqueue))), typeof(DeadLetter));
        var nobody = here.ActorSelection("akka.tcp://test@127.0.0.1:1/user/x");
        nobody.Tell("lost");
        await Systems.Eventually(() => !dead.IsEmpty, "a dead letter");
    }

    [Fact]
    public async Task A_failure_crosses_the_wire_with_its_type_and_message()
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var actor = there.ActorOf(Props.Create(() => new Failing()));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Systems.Remote(here, there, actor).Ask<string>("x", Limit));
        Assert.Equal("not now", failure.Message);
    }

    public sealed record Unbound(int Value);

    private sealed class Failing : ReceiveActor
    {
        public Failing() => ReceiveAny(_ => Sender.Tell(new Status.Failure(new InvalidOperationException("not now")), Self));
    }
}

internal static class ProviderExtensions
{
    public static Akka.Remote.RemoteActorRefProvider Cast(this ActorRefProvider provider) => (Akka.Remote.RemoteActorRefProvider)provider;
}
