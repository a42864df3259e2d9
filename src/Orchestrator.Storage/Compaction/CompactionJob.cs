using System.Runtime.ExceptionServices;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>A compaction under way; see <see cref="CollectionCompaction.Start"/>.</summary>
/// <remarks>
/// Units come to their end in their order. Copies of indexes are made several at a time, up to the number of workers; one that is
/// ready waits until the others are, which costs it no more than to catch up once more.
/// </remarks>
public sealed class CompactionJob : IDisposable
{
    // With each of them the copy catches up to where writes are now; more than this, and it never will.
    private const int MaxPostponements = 8;
    private const int MaxDrains = 200;
    private const int MostDrainTimeouts = 100;
    private readonly object running = new();
    private readonly CancellationTokenSource stop = new();
    private readonly CollectionDirectory directory;
    private readonly StorageOptions options;
    private readonly TimeProvider time;
    private readonly SpeedLimit speed;
    private readonly ProgressTracker tracker;
    private readonly IReadOnlyList<UnitWork> units;
    private readonly IReadOnlyList<JobControl> controls;
    private readonly bool[] ready;
    private readonly int workers;
    private readonly bool discardOnFailure;
    private readonly Action<CompactionJob> ended;
    private readonly long startedAt;
    private volatile IReadOnlyList<UnitResult> results = [];
    private volatile string? refusal;
    private volatile CompactionResult? result;

    // Of the unit that comes to its end next: how often its swap was put off because reads were running, or because too much was left to catch up.
    private int drains;
    private int postponed;
    private int disposed;

    /// <param name="workers">Most copies of indexes that are made at the same time, from 1.</param>
    internal CompactionJob(
        CollectionDirectory directory,
        StorageOptions options,
        TimeProvider time,
        ProgressTracker tracker,
        IReadOnlyList<UnitWork> units,
        int workers,
        bool discardOnFailure,
        Action<CompactionJob> ended)
    {
        this.directory = directory;
        this.options = options;
        this.time = time;
        this.tracker = tracker;
        this.units = units;
        this.workers = workers;
        this.discardOnFailure = discardOnFailure;
        this.ended = ended;
        speed = new SpeedLimit(time);
        controls = [.. tracker.Units.Select(progress => new JobControl(directory, options, time, speed, progress))];
        ready = new bool[units.Count];
        startedAt = time.GetTimestamp();
    }

    /// <summary>Most bytes to write per second, at least 65536; null = no limit. May be changed at any time, from any thread.</summary>
    public long? MaxBytesPerSecond
    {
        get => speed.MaxBytesPerSecond;
        set => speed.MaxBytesPerSecond = value;
    }

    /// <summary>Whether its speed was limited at any time.</summary>
    internal bool WasLimited => speed.WasLimited;

    /// <summary>The last progress reported. Any thread.</summary>
    public CompactionProgress Progress => tracker.Last;

    /// <summary>The units that are swapped, in the order of the work. Any thread.</summary>
    public IReadOnlyList<UnitResult> Completed => results;

    /// <summary>What it brought; null until it is done.</summary>
    public CompactionResult? Result => result;

    /// <summary>The unit that comes to its end next.</summary>
    internal UnitWork Current => units[results.Count];

    /// <summary>The control of <see cref="Current"/>.</summary>
    internal JobControl Control => controls[results.Count];

    /// <summary>True if <see cref="RunOnline"/> has come to its end for <see cref="Current"/>.</summary>
    internal bool ReadyToFinish
    {
        get => ready[results.Count];
        set => ready[results.Count] = value;
    }

    /// <summary>When the part of the work that keeps writes waiting began.</summary>
    internal long PauseBegan { get; set; }

    /// <summary>
    /// Everything that can be done while writes go on, up to the point where <see cref="CollectionCompaction.FinishUnit"/>
    /// must be called. Blocks; for a background thread. Progress is reported on that thread and on those of further workers, one
    /// report at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; what is copied is kept. May be called again.</exception>
    /// <exception cref="InsufficientDiskSpaceException">What is copied is kept or removed, as asked for.</exception>
    /// <exception cref="CompactionRefusedException">The source was rolled back.</exception>
    public void RunOnline(CancellationToken cancellation)
    {
        lock (running)
        {
            ObjectDisposedException.ThrowIf(disposed != 0, this);
            ThrowIfRefused();
            if (result is not null || ReadyToFinish)
            {
                return;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stop.Token);
            tracker.Started();
            if (RunUnits(either.Token) is { } failed)
            {
                Throw(failed);
            }
        }
    }

    /// <summary>Stops the job: cancels <see cref="RunOnline"/> and waits for it. What is copied is kept for the next job.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        stop.Cancel();
        lock (running)
        {
            foreach (var unit in units)
            {
                unit.Dispose();
            }
        }

        stop.Dispose();
        ended(this);
    }

    /// <summary>The source is not any more what was copied: the job cannot go on.</summary>
    internal void Refuse(string why) => refusal = why;

    internal void ThrowIfRefused()
    {
        if (refusal is { } why)
        {
            throw new CompactionRefusedException(why);
        }
    }

    /// <summary>True if an index of this name is still to be swapped by this job.</summary>
    internal bool Covers(string index) =>
        units.Skip(results.Count).Any(unit => string.Equals(unit.Unit.Index, index, StringComparison.OrdinalIgnoreCase));

    /// <summary>Puts the swap off if too much was written meanwhile, but not without end.</summary>
    /// <param name="lag">Changes that the copy does not have.</param>
    internal bool PutsOff(long lag)
    {
        if (lag <= options.FinalCatchUpChanges || postponed >= MaxPostponements)
        {
            return false;
        }

        postponed++;
        ReadyToFinish = false;
        return true;
    }

    /// <summary>
    /// Waits for running reads, not longer than writes can wait; each time twice as long, so that in the end it comes to the swap.
    /// </summary>
    /// <returns>False if the swap is put off.</returns>
    /// <exception cref="CompactionRefusedException">It was put off too often.</exception>
    internal bool Drain(ReaderPool pool)
    {
        if (drains++ > MaxDrains)
        {
            throw new CompactionRefusedException($"{directory}: reads leave no moment for the swap; the compaction can continue later.");
        }

        if (pool.Drain(options.ReaderDrainTimeout * Math.Min(1 << Math.Min(drains - 1, 16), MostDrainTimeouts)))
        {
            return true;
        }

        ReadyToFinish = false;
        return false;
    }

    /// <summary>The current unit is swapped.</summary>
    internal FinishOutcome UnitDone(Func<IReadOnlyDictionary<CompactionStage, TimeSpan>, TimeSpan, UnitResult> describe)
    {
        Current.Dispose();
        var (durations, pause) = Control.Progress.Done();
        results = [.. results, describe(durations, pause)];
        postponed = 0;
        drains = 0;
        if (results.Count < units.Count)
        {
            return FinishOutcome.Continue;
        }

        result = new CompactionResult(results, time.GetElapsedTime(startedAt));
        Dispose();
        return FinishOutcome.Done;
    }

    /// <summary>Runs the online part of the current unit, and of as many indexes after it as there are workers for.</summary>
    /// <returns>The first failure, with all workers at rest; null if there was none.</returns>
    private Exception? RunUnits(CancellationToken cancellation)
    {
        var first = results.Count;
        int[] wanted = units[first] is IndexCopy && workers > 1
            ? [.. Enumerable.Range(first, units.Count - first).Where(unit => !ready[unit] && units[unit] is IndexCopy)]
            : [first];
        Exception? failed = null;
        var taken = -1;
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        void Work()
        {
            while (Interlocked.Increment(ref taken) is var next && next < wanted.Length && !others.IsCancellationRequested)
            {
                var unit = wanted[next];
                try
                {
                    FileErrors.Named(directory, () => units[unit].RunOnline(controls[unit], others.Token));
                    ready[unit] = true;
                }
#pragma warning disable CA1031 // Thrown by the caller, when the other workers are at rest.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    lock (wanted)
                    {
                        failed ??= e;
                    }

                    others.Cancel();
                }

                if (wanted.Length > 1 || failed is not null)
                {
                    controls[unit].Progress.Rests();
                }
            }
        }

        // This thread is a worker, too.
        var helpers = Enumerable.Range(1, Math.Min(workers, wanted.Length) - 1)
            .Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        Work();
        Task.WaitAll(helpers, CancellationToken.None);
        if (failed is null)
        {
            // Cancelled before a unit was taken.
            cancellation.ThrowIfCancellationRequested();
        }

        return failed;
    }

    private void Throw(Exception error)
    {
        if (error is OperationCanceledException)
        {
            tracker.Stopped();
            ExceptionDispatchInfo.Throw(error);
        }

        if (refusal is not null && error is not CompactionRefusedException)
        {
            throw new CompactionRefusedException(refusal);
        }

        if (error is InsufficientDiskSpaceException || SqliteErrors.IsDiskFull(error))
        {
            DiscardIfAsked();
        }

        ExceptionDispatchInfo.Throw(error);
    }

    private void DiscardIfAsked()
    {
        if (!discardOnFailure)
        {
            return;
        }

        foreach (var unit in units.Skip(results.Count).Where(unit => unit.CopyPath is not null))
        {
            unit.Dispose();
            StartUp.Discard(options.Files, unit.CopyPath!);
        }

        Refuse("The compaction failed and its partial copies were removed; start a new one.");
    }
}
