using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Actor;

public sealed class CoordinatedShutdownTests
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    private static ActorSystem NewSystem(string config = "") => ActorSystem.Create(
        "shutdown", ConfigurationFactory.ParseString(config + "\nakka.loglevel = OFF\nakka.stdout-loglevel = OFF"));

    private static void Add(ActorSystem system, string phase, List<string> events, string name) =>
        CoordinatedShutdown.Get(system).AddTask(phase, name, () =>
        {
            lock (events)
            {
                events.Add(name);
            }

            return Task.FromResult(Done.Instance);
        });

    [Fact]
    public async Task Tasks_run_in_the_order_of_their_phases_and_then_the_system_ends()
    {
        var events = new List<string>();
        var system = NewSystem();
        Add(system, CoordinatedShutdown.PhaseBeforeActorSystemTerminate, events, "last");
        Add(system, CoordinatedShutdown.PhaseClusterExiting, events, "exiting");
        Add(system, CoordinatedShutdown.PhaseServiceUnbind, events, "unbind");
        Add(system, CoordinatedShutdown.PhaseBeforeServiceUnbind, events, "first");
        Add(system, CoordinatedShutdown.PhaseClusterLeave, events, "leave");
        Add(system, CoordinatedShutdown.PhaseServiceRequestsDone, events, "requests");
        Add(system, CoordinatedShutdown.PhaseServiceStop, events, "stop");
        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(_long);
        Assert.Equal(["first", "unbind", "requests", "stop", "leave", "exiting", "last"], events);
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task Terminate_runs_the_shutdown()
    {
        var events = new List<string>();
        var system = NewSystem();
        Add(system, CoordinatedShutdown.PhaseServiceStop, events, "stop");
        await system.Terminate().WaitAsync(_long);
        Assert.Equal(["stop"], events);
        Assert.Same(CoordinatedShutdown.ActorSystemTerminateReason.Instance, CoordinatedShutdown.Get(system).ShutdownReason);
    }

    [Fact]
    public async Task Terminate_does_not_run_the_shutdown_when_that_is_off()
    {
        var events = new List<string>();
        var system = NewSystem("akka.coordinated-shutdown.run-by-actor-system-terminate = off\nakka.coordinated-shutdown.terminate-actor-system = off");
        Add(system, CoordinatedShutdown.PhaseServiceStop, events, "stop");
        await system.Terminate().WaitAsync(_long);
        Assert.Empty(events);
    }

    [Fact]
    public async Task It_runs_once()
    {
        var events = new List<string>();
        var system = NewSystem();
        Add(system, CoordinatedShutdown.PhaseServiceStop, events, "stop");
        var shutdown = CoordinatedShutdown.Get(system);
        await Task.WhenAll(
            shutdown.Run(CoordinatedShutdown.UnknownReason.Instance), shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance)).WaitAsync(_long);
        Assert.Equal(["stop"], events);
        Assert.Same(CoordinatedShutdown.UnknownReason.Instance, shutdown.ShutdownReason);
    }

    [Fact]
    public async Task It_can_begin_with_a_later_phase()
    {
        var events = new List<string>();
        var system = NewSystem();
        Add(system, CoordinatedShutdown.PhaseBeforeServiceUnbind, events, "first");
        Add(system, CoordinatedShutdown.PhaseClusterLeave, events, "leave");
        await CoordinatedShutdown.Get(system)
            .Run(CoordinatedShutdown.UnknownReason.Instance, CoordinatedShutdown.PhaseServiceStop).WaitAsync(_long);
        Assert.Equal(["leave"], events);
    }

    [Fact]
    public async Task A_task_that_fails_or_takes_too_long_does_not_hold_the_shutdown_up()
    {
        var events = new List<string>();
        var system = NewSystem("akka.coordinated-shutdown.phases.service-stop.timeout = 20ms");
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => throw new InvalidOperationException("fails"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "endless", () => new TaskCompletionSource<Done>().Task);
        Add(system, CoordinatedShutdown.PhaseClusterLeave, events, "leave");
        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(_long);
        Assert.Equal(["leave"], events);
    }

    [Fact]
    public async Task A_phase_without_recovery_ends_the_shutdown_when_a_task_fails()
    {
        var system = NewSystem("akka.coordinated-shutdown.phases.service-unbind.recover = off");
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => throw new InvalidOperationException("fails"));
        await Assert.ThrowsAnyAsync<Exception>(() => shutdown.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(_long));
        Assert.False(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task A_disabled_phase_is_left_out()
    {
        var events = new List<string>();
        var system = NewSystem("akka.coordinated-shutdown.phases.service-unbind.enabled = off");
        Add(system, CoordinatedShutdown.PhaseServiceUnbind, events, "unbind");
        Add(system, CoordinatedShutdown.PhaseServiceStop, events, "stop");
        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(_long);
        Assert.Equal(["stop"], events);
    }

    [Fact]
    public async Task Phases_must_be_known()
    {
        var system = NewSystem();
        var shutdown = CoordinatedShutdown.Get(system);
        Assert.Throws<ArgumentException>(() => shutdown.AddTask("no-such-phase", "task", () => Task.FromResult(Done.Instance)));
        Assert.Throws<ArgumentException>(() => shutdown.Timeout("no-such-phase"));
        Assert.Equal(TimeSpan.FromSeconds(5), shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
        Assert.Equal(TimeSpan.FromSeconds(10), shutdown.Timeout(CoordinatedShutdown.PhaseClusterExiting));
        await system.Terminate().WaitAsync(_long);
    }
}
