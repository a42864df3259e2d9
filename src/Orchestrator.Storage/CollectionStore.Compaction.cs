using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <content>Compaction.</content>
public sealed partial class CollectionStore
{
    // With each of them the copy catches up to where writes are now; more than this, and it never will.
    private const int MaxPostponements = 8;
    private const int MaxDrains = 200;
    private volatile bool offline;

    /// <summary>True while a compaction of the mode <c>exclusive</c> is under way. Any thread.</summary>
    public bool IsOffline => offline;

    /// <summary>
    /// Writer. Begins a compaction, or goes on with the one that was interrupted. Then, until it is done:
    /// <c>job.RunOnline(...)</c> on a background thread while writes go on, <see cref="FinishUnit"/> between two commits; both
    /// any number of times, with the modes <c>incremental</c> and <c>release</c> once for each slice of the work.
    /// Dispose of the job to stop; what has been done is kept. With the mode <c>exclusive</c> reads and writes are refused
    /// (<see cref="CollectionOfflineException"/>) until the job is done or disposed of.
    /// </summary>
    /// <exception cref="ArgumentException">The request names nothing to compact, or an option is out of its range.</exception>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="CompactionRefusedException">
    /// A compaction is under way, the collection is capped, it was rolled back and is not complete yet, or the file system cannot do
    /// what the mode needs.
    /// </exception>
    /// <exception cref="InsufficientDiskSpaceException"/>
    public CompactionJob StartCompaction(CompactionRequest request, Action<CompactionProgress>? progress = null) =>
        Named(() => Start(request, progress));

    private CompactionJob Start(CompactionRequest request, Action<CompactionProgress>? progress)
    {
        Writer();
        RequireNoCompaction();
        RequireCompactable(request);
        var units = Units(request);
        if (units.Count == 0)
        {
            throw new ArgumentException("The request names neither the documents nor an index.", nameof(request));
        }

        // The sizes before and after are then those of the files, not of what happens to be in the logs.
        Checkpoint();
        DiscardUnusable();
        var estimates = units.ConvertAll(unit => Estimate(unit, request));
        var tracker = new ProgressTracker(
            [.. estimates.Select(each => (each.Unit, Weight: Math.Max(1, each.FileBytes - each.BytesFreed)))], time, progress);
        var workers = WorkersFor(estimates, request.Mode);

        sizesBefore = units.ToDictionary(unit => unit, LengthsOf);
        if (request.Mode == CompactionMode.Exclusive)
        {
            // What reads now only takes time from what the collection is closed for.
            StopBuilds();
            offline = true;
        }

        job = new CompactionJob(
            Directory, options, time, tracker, estimates.ConvertAll(estimate => Work(estimate, request)), workers, request.DiscardPartial, ended => Ended(ended, tracker))
        {
            MaxBytesPerSecond = request.MaxBytesPerSecond,
        };
        return job;
    }

    /// <summary>
    /// How many indexes are copied at the same time: as many as the settings allow and as there is room for. The documents are copied by
    /// themselves, so of the documents' need and the largest needs of indexes together the larger one counts.
    /// </summary>
    /// <exception cref="InsufficientDiskSpaceException">There is no room for one unit after the other.</exception>
    private int WorkersFor(IReadOnlyList<UnitEstimate> estimates, CompactionMode mode)
    {
        if (estimates.Max(each => each.TemporaryBytes) is var largest && largest <= 0)
        {
            return 1;
        }

        JobControl.RequireFreeDisk(Directory, options, largest);
        var room = options.Files.FreeBytes(Directory.Path) - options.MinimumFreeDiskBytes;
        var needs = estimates.Where(each => each.Unit.Index is not null).Select(each => each.TemporaryBytes).OrderDescending().ToList();
        var workers = mode is CompactionMode.Rewrite or CompactionMode.Exclusive ? Math.Max(1, Math.Min(options.IndexWorkers, needs.Count)) : 1;
        while (workers > 1 && needs.Take(workers).Sum() > room)
        {
            workers--;
        }

        return workers;
    }

    /// <summary>
    /// Writer. After <see cref="CompactionJob.RunOnline"/>: the last changes, then the swap of the unit in work; or the next slice of
    /// the work on the file itself. After an error the unit is as before, unless the error says that the collection must be opened
    /// anew.
    /// </summary>
    /// <exception cref="CompactionRefusedException">The files were rolled back meanwhile, or reads or writes leave no room for it.</exception>
    public FinishOutcome FinishUnit(CompactionJob job)
    {
        if (failure is { } why)
        {
            throw new StorageException(why);
        }

        if (job != this.job)
        {
            throw new InvalidOperationException("This is not the compaction under way.");
        }

        if (!offline)
        {
            Writer();
        }

        job.ThrowIfRefused();
        if (!job.ReadyToFinish)
        {
            throw new InvalidOperationException("RunOnline has not come to its end.");
        }

        job.PauseBegan = time.GetTimestamp();
        var progress = job.Control.Progress;
        try
        {
            return Named(() => job.Current switch
            {
                DocumentsCopy copy => FinishDocuments(job, copy),
                IndexCopy copy => FinishIndex(job, copy),
                InPlaceWork work => FinishSlice(job, work),
                _ => throw new InvalidOperationException("There is no such work."),
            });
        }
        finally
        {
            progress.Paused(time.GetElapsedTime(job.PauseBegan));
        }
    }

    /// <summary>
    /// Writer. Removes the partial copies that interrupted compactions left to be gone on with, e.g. when the disk is full: the next
    /// compaction begins anew.
    /// </summary>
    /// <returns>The files, and how many bytes they occupied on disk.</returns>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    public RemovedFiles DiscardPartialCompaction()
    {
        Writer();
        RequireNoCompaction();
        return Named(() => Remove(indexes.Values.Select(index => index.CopyPath).Prepend(Directory.DocumentsCopy).Where(options.Files.Exists)));
    }

    private void RequireCompactable(CompactionRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.FreeSpaceTargetBytes);
        if (!IsComplete)
        {
            throw new CompactionRefusedException(
                $"{Directory} was rolled back and must catch up; it waits for {PendingRefetchCount} documents from the primary.");
        }

        if (IsBeingCopied)
        {
            throw new CompactionRefusedException($"{Directory} is being copied from another member.");
        }

        if (Cap is not null)
        {
            throw new CompactionRefusedException(
                $"{Directory} is capped: new documents take the room of its oldest ones, so there is nothing to compact.");
        }

        if (request.Mode == CompactionMode.Release && options.Files.WhyNoHoles(Directory.Path) is { } why)
        {
            throw new CompactionRefusedException($"{Directory} cannot be compacted with the mode 'release': {why}.");
        }
    }

    private UnitWork Work(UnitEstimate estimate, CompactionRequest request)
    {
        var unit = estimate.Unit;
        var index = unit.Index is null ? null : Find(unit.Index);
        var expected = Math.Max(1, estimate.FileBytes - estimate.BytesFreed);
        switch (request.Mode)
        {
            case CompactionMode.Incremental:
                return new IncrementalMove(unit, InPlace(index), index is null ? Sweep(request) : null, request.FreeSpaceTargetBytes);
            case CompactionMode.Release:
                return new HoleRelease(unit, InPlace(index));
            case CompactionMode.Exclusive when index is not null:
                return new IndexVacuum(index, expected);

            // SQLite's VACUUM copies rows as they are; where they are to be encoded anew, the rewrite does it, offline.
            case CompactionMode.Exclusive when documents.State.Encoding == Compression.ToString():
                return new DocumentsVacuum(Directory, () => documents, Sweep(request), expected);
            default:
                return index is null ? new DocumentsRewrite(Directory, request.Purge, Compression) : new IndexRewrite(index);
        }
    }

    private TombstoneSweep Sweep(CompactionRequest request) => new(reader, () => documents, request.Purge);

    private InPlaceFile InPlace(IndexFile? index) => index is null
        ? new InPlaceFile(
            Directory.Documents, documents.Tree.PageSize, () => documents.Session,
            () => documents.Holes ??= options.Files.OpenForHoles(Directory.Documents))
        : new InPlaceFile(index.Path, index.Tree.PageSize, () => index.Writer, () => index.Holes ??= options.Files.OpenForHoles(index.Path));

    private FinishOutcome FinishSlice(CompactionJob running, InPlaceWork work)
    {
        if (work.Slice(running.Control))
        {
            return UnitDone(running, work.Unit.Index is null ? documents.State.Rows : Find(work.Unit.Index).State.Entries);
        }

        running.ReadyToFinish = false;
        return FinishOutcome.Continue;
    }

    /// <summary>Too much was written meanwhile.</summary>
    private static FinishOutcome Postpone(CompactionJob job)
    {
        job.Postponed++;
        job.ReadyToFinish = false;
        return FinishOutcome.Continue;
    }

    private static bool HasCaughtUp(CompactionJob job, long lag, int mostChanges) => lag <= mostChanges || job.Postponed >= MaxPostponements;

    private void RequireNoCompaction()
    {
        if (job is not null)
        {
            throw new CompactionRefusedException($"{Directory} is already being compacted.");
        }
    }

    private void Ended(CompactionJob ended, ProgressTracker tracker)
    {
        if (tracker.BytesPerSecond > 0 && ended.Result is not null && !ended.WasLimited)
        {
            Interlocked.Exchange(ref measuredBytesPerSecond, tracker.BytesPerSecond);
        }

        job = null;
        offline = false;
    }

    private List<CompactionUnit> Units(CompactionRequest request)
    {
        CompactionRequest.RequireSpeedLimit(request.MaxBytesPerSecond);
        var names = request.Indexes is null
            ? indexes.Values.Select(index => index.Definition.Name)
            : request.Indexes.Select(name => Find(name).Definition.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase);
        return [.. request.Documents ? [CompactionUnit.Documents] : Array.Empty<CompactionUnit>(), .. names.Select(name => new CompactionUnit(name))];
    }

    private void DiscardUnusable()
    {
        if (StartUp.ReadUsable(Directory, options, documents.State.Generation, Compression) is null)
        {
            StartUp.Discard(options.Files, Directory.DocumentsCopy);
        }

        foreach (var index in indexes.Values.Where(index => !IndexRewrite.IsUsable(index, options)))
        {
            StartUp.Discard(options.Files, index.CopyPath);
        }
    }
}
