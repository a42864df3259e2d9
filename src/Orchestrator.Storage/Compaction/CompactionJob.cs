using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>A compaction under way; see <see cref="CollectionStore.StartCompaction"/>.</summary>
public sealed class CompactionJob : IDisposable
{
    private readonly object running = new();
    private readonly CancellationTokenSource stop = new();
    private readonly JobControl control;
    private readonly IReadOnlyList<UnitWork> units;
    private readonly List<UnitResult> results = [];
    private readonly Action<CompactionJob> ended;
    private readonly bool discardOnFailure;
    private readonly long startedAt;
    private volatile string? refusal;
    private volatile CompactionResult? result;
    private int disposed;

    internal CompactionJob(
        JobControl control, IReadOnlyList<UnitWork> units, bool discardOnFailure, Action<CompactionJob> ended)
    {
        this.control = control;
        this.units = units;
        this.discardOnFailure = discardOnFailure;
        this.ended = ended;
        startedAt = control.Time.GetTimestamp();
    }

    /// <summary>Most bytes to write per second, at least 65536; null = no limit. May be changed at any time, from any thread.</summary>
    public long? MaxBytesPerSecond
    {
        get => control.MaxBytesPerSecond;
        set => control.MaxBytesPerSecond = value;
    }

    /// <summary>The last progress reported. Any thread.</summary>
    public CompactionProgress Progress => control.Progress.Last;

    /// <summary>What it brought; null until it is done.</summary>
    public CompactionResult? Result => result;

    /// <summary>The unit in work.</summary>
    internal UnitWork Current => units[results.Count];

    internal JobControl Control => control;

    /// <summary>True if <see cref="RunOnline"/> has come to its end for the unit in work.</summary>
    internal bool ReadyToFinish { get; set; }

    /// <summary>When the part of the work that keeps writes waiting began.</summary>
    internal long PauseBegan { get; set; }

    /// <summary>How often the unit's swap was put off because reads were running.</summary>
    internal int Drains { get; set; }

    /// <summary>How often the unit's final step was put off because too much was left to catch up.</summary>
    internal int Postponed { get; set; }

    /// <summary>
    /// Everything that can be done while writes go on, up to the point where <see cref="CollectionStore.FinishUnit"/>
    /// must be called. Blocks; for a background thread. Progress is reported on that thread.
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
            control.Progress.Started();
            try
            {
                FileErrors.Named(control.Directory, () => Current.RunOnline(control, either.Token));
                ReadyToFinish = true;
            }
            catch (OperationCanceledException)
            {
                control.Progress.Stopped();
                throw;
            }
            catch (Exception e) when (refusal is not null && e is not CompactionRefusedException)
            {
                throw new CompactionRefusedException(refusal);
            }
            catch (Exception e) when (e is InsufficientDiskSpaceException || SqliteErrors.IsDiskFull(e))
            {
                DiscardIfAsked();
                throw;
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

    /// <summary>The unit in work is swapped.</summary>
    internal FinishOutcome UnitDone(Func<IReadOnlyDictionary<CompactionStage, TimeSpan>, TimeSpan, UnitResult> describe)
    {
        Current.Dispose();
        var (durations, pause) = control.Progress.UnitDone();
        results.Add(describe(durations, pause));
        ReadyToFinish = false;
        Postponed = 0;
        Drains = 0;
        if (results.Count < units.Count)
        {
            return FinishOutcome.Continue;
        }

        result = new CompactionResult(results, control.Time.GetElapsedTime(startedAt));
        Dispose();
        return FinishOutcome.Done;
    }

    private void DiscardIfAsked()
    {
        if (discardOnFailure && Current.CopyPath is { } copy)
        {
            Current.Dispose();
            StartUp.Discard(control.Files, copy);
            Refuse("The compaction failed and its partial copy was removed; start a new one.");
        }
    }
}
