using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs.Checks;

/// <summary>Checks that look at what people have set for a run, and at the clock.</summary>
public static class GateChecks
{
    /// <summary>The run's maintenance window is open.</summary>
    public static CheckResult WindowOpen(RunGate gate) => new(CheckNames.WindowOpen, gate.Window.Open, gate.Window.Sentence);

    /// <summary>The kill switch is off.</summary>
    public static CheckResult NotFrozen(RunGate gate) => new(
        CheckNames.NotFrozen,
        gate.Frozen.Length == 0,
        gate.Frozen.Length == 0 ? "nothing is frozen" : gate.Frozen);

    /// <summary>Nobody holds a member next to the step; null where nobody does and nobody was seen to.</summary>
    /// <param name="members">The members of the replica sets in which the step's member is.</param>
    /// <param name="wasHeld">Whether the check failed when it was last recorded.</param>
    public static CheckResult? NotHeld(RunGate gate, IEnumerable<string> members, bool wasHeld)
    {
        if (gate.Holds.FirstOrDefault(hold => hold.Covers(members)) is { } hold)
        {
            return new CheckResult(CheckNames.NotHeld, false, hold.Sentence);
        }

        return wasHeld ? new CheckResult(CheckNames.NotHeld, true, "nobody holds the members") : null;
    }

    /// <summary>A step-down is over before the window closes.</summary>
    public static CheckResult StepDownFits(RunGate gate, CompactionPolicy policy, DateTimeOffset now) =>
        gate.Window.ClosesAt is not { } closes
            ? NoEnd
            : Compare("a step-down", policy.StepDownTimeout, closes - now);

    /// <summary>Of a compaction that cannot be paused, at least one unit is over before the window closes.</summary>
    /// <param name="predictions">How long each of the step's units will take.</param>
    /// <param name="canPause">Whether the compaction can stop at a checkpoint.</param>
    /// <param name="fitting">How many units, from the first, fit one after another.</param>
    public static CheckResult FitsInWindow(
        RunGate gate, IReadOnlyList<TimeSpan> predictions, bool canPause, DateTimeOffset now, out int fitting)
    {
        fitting = predictions.Count;
        if (gate.Window.ClosesAt is not { } closes)
        {
            return NoEnd;
        }

        if (canPause)
        {
            return new CheckResult(CheckNames.FitsInWindow, true, "the compaction can stop at a checkpoint");
        }

        var left = closes - now;
        var needed = TimeSpan.Zero;
        fitting = predictions.TakeWhile(prediction => (needed += prediction) <= left).Count();
        if (fitting == predictions.Count)
        {
            return Compare("the step", needed, left);
        }

        return fitting == 0
            ? Compare(predictions.Count == 1 ? "the step" : "the step's first unit", predictions[0], left)
            : new CheckResult(
                CheckNames.FitsInWindow,
                true,
                $"{fitting} of {predictions.Count} units fit in the {TimeText.Of(left)} that are left in the window");
    }

    private static CheckResult NoEnd => new(CheckNames.FitsInWindow, true, "no window ends");

    private static CheckResult Compare(string what, TimeSpan needed, TimeSpan left) => new(
        CheckNames.FitsInWindow,
        needed <= left,
        $"{what} may take {TimeText.Of(needed)}; {TimeText.Of(left)} are left in the window");
}
