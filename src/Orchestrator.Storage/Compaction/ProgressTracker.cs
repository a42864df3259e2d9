namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Makes one figure of all units and stages. Each unit has a share of the whole by its bytes, each stage a fixed span of
/// its unit; the figure never goes back, also when units are worked on at the same time. Any thread.
/// </summary>
internal sealed class ProgressTracker
{
    private const double LeastToTell = 0.01;
    private readonly object gate = new();
    private readonly TimeProvider time;
    private readonly Action<CompactionProgress>? report;
    private readonly double totalWeight;
    private long startedAt;
    private long bytesSinceStart;
    private double fractionAtStart;
    private bool running;
    private volatile CompactionProgress last;

    public ProgressTracker(
        IReadOnlyList<(CompactionUnit Unit, long Weight)> units, TimeProvider time, Action<CompactionProgress>? report)
    {
        this.time = time;
        this.report = report;
        Units = [.. units.Select(each => new UnitProgress(this, each.Unit, each.Weight))];
        totalWeight = Math.Max(1, units.Sum(each => (double)each.Weight));
        startedAt = time.GetTimestamp();
        last = new CompactionProgress(units[0].Unit, CompactionStage.Copy, 0, units.Count, 0, 0, 0, 0, 0, TimeSpan.Zero);
    }

    /// <summary>For each unit what it reports to, in their order.</summary>
    public IReadOnlyList<UnitProgress> Units { get; }

    public CompactionProgress Last => last;

    /// <summary>Average since the job began to run, in bytes per second; 0 if that cannot be said yet.</summary>
    public long BytesPerSecond =>
        time.GetElapsedTime(startedAt).TotalSeconds is var seconds && seconds > 0 ? (long)(bytesSinceStart / seconds) : 0;

    /// <summary>Begins (again) to measure the speed, unless it is measured already.</summary>
    public void Started()
    {
        lock (gate)
        {
            if (running)
            {
                return;
            }

            running = true;
            startedAt = time.GetTimestamp();
            bytesSinceStart = 0;
            fractionAtStart = last.Fraction;
        }
    }

    /// <summary>The work was interrupted.</summary>
    public void Stopped()
    {
        lock (gate)
        {
            running = false;
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

    private double Fraction() => Math.Max(last.Fraction, Math.Min(1, Units.Sum(each => each.Weight * each.Fraction) / totalWeight));

    /// <summary>Within the lock, so that reports come in the order of what they tell.</summary>
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

    /// <summary>What one unit reports to. Any thread, as long as it is one at a time.</summary>
    internal sealed class UnitProgress(ProgressTracker whole, CompactionUnit unit, long weight)
    {
        private readonly Dictionary<CompactionStage, TimeSpan> stageDurations = [];
        private CompactionStage? stage;
        private long stageStartedAt;
        private TimeSpan longestPause;
        private bool done;

        public long Weight => weight;

        public double Fraction { get; private set; }

        public void Wrote(long bytes)
        {
            lock (whole.gate)
            {
                whole.bytesSinceStart += bytes;
                whole.last = whole.last with { BytesWritten = whole.last.BytesWritten + bytes };
            }
        }

        /// <summary>Reports that so many rows of a stage are done.</summary>
        public void Report(CompactionStage current, long rowsDone, long rowsTotal)
        {
            lock (whole.gate)
            {
                if (current != stage)
                {
                    EndStage();
                    stage = current;
                    stageStartedAt = whole.time.GetTimestamp();
                }

                var (from, to) = Span(current);
                var share = rowsTotal == 0 ? 0 : Math.Clamp((double)rowsDone / rowsTotal, 0, 1);
                Fraction = Math.Max(Fraction, from + ((to - from) * share));
                whole.Publish(whole.last with
                {
                    Unit = unit,
                    Stage = current,
                    RowsDone = rowsDone,
                    RowsTotal = rowsTotal,
                    Fraction = whole.Fraction(),
                });
            }
        }

        /// <summary>The unit waits for others, or is interrupted: that is no time of its stage.</summary>
        public void Rests()
        {
            lock (whole.gate)
            {
                EndStage();
            }
        }

        /// <summary>Writes waited for so long.</summary>
        public void Paused(TimeSpan pause)
        {
            lock (whole.gate)
            {
                longestPause = pause > longestPause ? pause : longestPause;
                if (pause > whole.last.LongestWritePause)
                {
                    whole.last = whole.last with { LongestWritePause = pause };
                }
            }
        }

        /// <summary>The unit is swapped.</summary>
        /// <returns>Time it spent in each stage, and its longest write pause.</returns>
        public (IReadOnlyDictionary<CompactionStage, TimeSpan> Durations, TimeSpan Pause) Done()
        {
            lock (whole.gate)
            {
                EndStage();
                done = true;
                Fraction = 1;
                var next = whole.Units.FirstOrDefault(each => !each.done);
                whole.Publish(whole.last with
                {
                    Unit = next?.Unit ?? unit,
                    Stage = next is null ? CompactionStage.Done : next.stage ?? CompactionStage.Copy,
                    UnitsDone = whole.Units.Count(each => each.done),
                    RowsDone = 0,
                    RowsTotal = 0,
                    Fraction = next is null ? 1 : whole.Fraction(),
                });
                return (stageDurations, longestPause);
            }
        }

        private CompactionUnit Unit => unit;

        private void EndStage()
        {
            if (stage is { } ended)
            {
                stageDurations[ended] = stageDurations.GetValueOrDefault(ended) + whole.time.GetElapsedTime(stageStartedAt);
                stage = null;
            }
        }
    }
}
