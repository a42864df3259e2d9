namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Makes one figure of all units and stages. Each unit has a share of the whole by its bytes, each stage a fixed span of
/// its unit; the figure never goes back.
/// </summary>
internal sealed class ProgressTracker
{
    private const double LeastToTell = 0.01;
    private readonly TimeProvider time;
    private readonly Action<CompactionProgress>? report;
    private readonly IReadOnlyList<(CompactionUnit Unit, long Weight)> units;
    private readonly double totalWeight;
    private readonly Dictionary<CompactionStage, TimeSpan> stageDurations = [];
    private long startedAt;
    private long stageStartedAt;
    private long bytesSinceStart;
    private double fractionAtStart;
    private bool running;
    private TimeSpan unitPause;
    private int unit;
    private volatile CompactionProgress last;

    public ProgressTracker(
        IReadOnlyList<(CompactionUnit Unit, long Weight)> units, TimeProvider time, Action<CompactionProgress>? report)
    {
        this.units = units;
        this.time = time;
        this.report = report;
        totalWeight = Math.Max(1, units.Sum(each => (double)each.Weight));
        startedAt = stageStartedAt = time.GetTimestamp();
        last = new CompactionProgress(units[0].Unit, CompactionStage.Copy, 0, units.Count, 0, 0, 0, 0, 0, TimeSpan.Zero);
    }

    public CompactionProgress Last => last;

    /// <summary>Average since the job began to run, in bytes per second; 0 if that cannot be said yet.</summary>
    public long BytesPerSecond =>
        time.GetElapsedTime(startedAt).TotalSeconds is var seconds && seconds > 0 ? (long)(bytesSinceStart / seconds) : 0;

    /// <summary>Begins (again) to measure the speed, unless it is measured already.</summary>
    public void Started()
    {
        if (running)
        {
            return;
        }

        running = true;
        startedAt = stageStartedAt = time.GetTimestamp();
        bytesSinceStart = 0;
        fractionAtStart = last.Fraction;
    }

    /// <summary>The work was interrupted.</summary>
    public void Stopped() => running = false;

    public void Wrote(long bytes)
    {
        bytesSinceStart += bytes;
        last = last with { BytesWritten = last.BytesWritten + bytes };
    }

    /// <summary>Reports that so many rows of a stage are done.</summary>
    public void Report(CompactionStage stage, long rowsDone, long rowsTotal)
    {
        if (stage != last.Stage)
        {
            EndStage();
        }

        var (from, to) = Span(stage);
        var share = rowsTotal == 0 ? 0 : Math.Clamp((double)rowsDone / rowsTotal, 0, 1);
        var before = units.Take(unit).Sum(each => (double)each.Weight);
        var weight = unit < units.Count ? units[unit].Weight : 0;
        var fraction = (before + (weight * (from + ((to - from) * share)))) / totalWeight;
        Publish(last with
        {
            Unit = units[Math.Min(unit, units.Count - 1)].Unit,
            Stage = stage,
            RowsDone = rowsDone,
            RowsTotal = rowsTotal,
            Fraction = Math.Max(last.Fraction, Math.Min(fraction, 1)),
        });
    }

    /// <summary>The unit in work is swapped.</summary>
    /// <returns>Time it spent in each stage, and its longest write pause.</returns>
    public (IReadOnlyDictionary<CompactionStage, TimeSpan> Durations, TimeSpan Pause) UnitDone()
    {
        EndStage();
        var durations = stageDurations.ToDictionary();
        var pause = unitPause;
        unitPause = TimeSpan.Zero;
        stageDurations.Clear();
        unit++;
        var done = unit == units.Count;
        Publish(last with
        {
            Unit = units[Math.Min(unit, units.Count - 1)].Unit,
            Stage = done ? CompactionStage.Done : CompactionStage.Copy,
            UnitsDone = unit,
            RowsDone = 0,
            RowsTotal = 0,
            Fraction = done ? 1 : Math.Max(last.Fraction, units.Take(unit).Sum(each => (double)each.Weight) / totalWeight),
        });
        return (durations, pause);
    }

    /// <summary>Writes waited for so long.</summary>
    public void Paused(TimeSpan pause)
    {
        unitPause = pause > unitPause ? pause : unitPause;
        if (pause > last.LongestWritePause)
        {
            last = last with { LongestWritePause = pause };
        }
    }

    private static (double From, double To) Span(CompactionStage stage) => stage switch
    {
        CompactionStage.Copy => (0, 0.75),
        CompactionStage.BuildOrder => (0.75, 0.83),
        CompactionStage.CatchUp => (0.83, 0.86),
        CompactionStage.Verify => (0.86, 0.97),
        CompactionStage.FinalCatchUp => (0.97, 0.98),
        CompactionStage.Swap => (0.98, 1),
        CompactionStage.Vacuum => (0, 0.95),
        CompactionStage.Move or CompactionStage.Release => (0, 1),
        _ => (1, 1),
    };

    private void EndStage()
    {
        var now = time.GetTimestamp();
        stageDurations[last.Stage] = stageDurations.GetValueOrDefault(last.Stage) + time.GetElapsedTime(stageStartedAt, now);
        stageStartedAt = now;
    }

    private void Publish(CompactionProgress next)
    {
        last = next with { BytesPerSecond = BytesPerSecond, Remaining = Remaining(next.Fraction) };
        report?.Invoke(last);
    }

    /// <summary>From the share done since the job began to run, if that is enough to tell.</summary>
    private TimeSpan? Remaining(double fraction)
    {
        var done = fraction - fractionAtStart;
        return fraction >= 1 ? TimeSpan.Zero
            : done < LeastToTell ? null
            : time.GetElapsedTime(startedAt) * ((1 - fraction) / done);
    }
}
