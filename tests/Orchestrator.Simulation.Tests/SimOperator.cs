using Orchestrator.Core.Runs;
using Orchestrator.Core.Windows;

namespace Orchestrator.Simulation.Tests;

/// <summary>Pauses, resumes, cancels, opens and shuts windows, freezes: at random, a few times in a minute.</summary>
internal sealed class SimOperator(SimWorld world, double cancelsPerMinute)
{
    private const double StepMinutes = 0.1 / 60;

    /// <summary>How often each thing was done.</summary>
    public Dictionary<string, int> Done { get; } = [];

    public void Step()
    {
        if (Happens(4))
        {
            Order(new PauseRun("r1", "ben", "at random"));
        }

        if (Happens(8))
        {
            Order(new ResumeRun("r1", "ben"));
        }

        if (Happens(cancelsPerMinute))
        {
            Order(new CancelRun("r1", "ben", "at random"));
        }

        if (Happens(2))
        {
            Order(new ThrottleRun("r1", "ben", world.Random.Next(3) * 1000));
        }

        if (Happens(world.Gate.Window.Open ? 3 : 6) || world.Gate.Window is { Open: true, ClosesAt: { } end } && end <= world.Now)
        {
            Turn();
        }

        if (Happens(world.Gate.Frozen.Length > 0 ? 6 : 2))
        {
            Note("freeze");
            world.Gate = world.Gate with { Frozen = world.Gate.Frozen.Length > 0 ? "" : "frozen by ben" };
        }
    }

    /// <summary>Everything is allowed again.</summary>
    public void Retire()
    {
        world.Gate = RunGate.Open;
        world.EachStep = () =>
        {
            if (world.Supervisors.TrueForAll(supervisor => !supervisor.IsAlive))
            {
                world.NewSupervisor();
            }

            if (world.Supervisors[^1].Run is PausedRun)
            {
                Order(new ResumeRun("r1", "ben"));
            }
        };
    }

    /// <summary>Shuts the window, or opens it: without an end, or with one that is known from the beginning.</summary>
    private void Turn()
    {
        Note("window");
        var rule = world.Random.Next(2) == 0 ? WindowCloseRule.Finish : WindowCloseRule.Suspend;
        DateTimeOffset? closesAt = world.Random.Next(2) == 0 ? null : world.Now + TimeSpan.FromSeconds(world.Random.Next(5, 90));
        world.Gate = world.Gate with
        {
            Window = world.Gate.Window.Open
                ? new WindowStatus(false, "the window is shut", null, null, rule)
                : new WindowStatus(true, "the window is open", closesAt, null, rule),
        };
    }

    private void Order(IRunControl order)
    {
        Note(order.GetType().Name);
        world.Supervisors.FindLast(supervisor => supervisor.IsAlive)?.Control(order);
    }

    private void Note(string what) => Done[what] = Done.GetValueOrDefault(what) + 1;

    private bool Happens(double perMinute) => world.Random.NextDouble() < perMinute * StepMinutes;
}
