using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// The compaction of a collection: at most one is under way. Members are for the writer's thread, as those of <see cref="CollectionStore"/>, but for
/// what says otherwise.
/// </summary>
public sealed class CollectionCompaction
{
    private readonly CollectionDirectory _directory;
    private readonly OpenDocuments _documents;
    private readonly IndexSet _indexes;
    private readonly CollectionSizing _sizing;
    private readonly CollectionGate _gate;
    private readonly WriterTurn _turn;
    private readonly CurrentCompaction _current;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly UnitWorks _works;
    private readonly DocumentsSwap _documentsSwap;
    private readonly IndexSwap _indexSwap;

    private IReadOnlyDictionary<CompactionUnit, (long FileBytes, long PhysicalBytes)> _sizesBefore =
        new Dictionary<CompactionUnit, (long FileBytes, long PhysicalBytes)>();

    internal CollectionCompaction(
        OpenDocuments documents,
        IndexSet indexes,
        CollectionSizing sizing,
        CollectionGate gate,
        WriterTurn turn,
        CurrentCompaction current,
        StorageOptions options,
        TimeProvider time)
    {
        _directory = documents.Directory;
        _documents = documents;
        _indexes = indexes;
        _sizing = sizing;
        _gate = gate;
        _turn = turn;
        _current = current;
        _options = options;
        _time = time;
        _works = new UnitWorks(documents, indexes, options);
        _documentsSwap = new DocumentsSwap(documents, gate, options);
        _indexSwap = new IndexSwap(documents.Directory, gate, options);
    }

    /// <summary>True while a compaction of the mode <c>exclusive</c> is under way. Any thread.</summary>
    public bool IsOffline => _gate.IsOffline;

    /// <summary>
    /// Begins a compaction, or goes on with the one that was interrupted. Then, until it is done:
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
    public CompactionJob Start(CompactionRequest request, Action<CompactionProgress>? progress = null) => FileErrors.Named(_directory, () =>
    {
        var writer = _turn.Begin();
        _current.RequireNone();
        RequireCompactable(request);
        var units = request.UnitsOf(_indexes);
        if (units.Count == 0)
        {
            throw new ArgumentException("The request names neither the documents nor an index.", nameof(request));
        }

        // The sizes before and after are then those of the files, not of what happens to be in the logs.
        writer.Session.Checkpoint();
        _indexes.Checkpoint();
        DiscardUnusable();
        return Begin(request, units, progress);
    });

    /// <summary>
    /// After <see cref="CompactionJob.RunOnline"/>: the last changes, then the swap of the unit in work; or the next slice of
    /// the work on the file itself. After an error the unit is as before, unless the error says that the collection must be opened
    /// anew.
    /// </summary>
    /// <exception cref="CompactionRefusedException">The files were rolled back meanwhile, or reads or writes leave no room for it.</exception>
    public FinishOutcome FinishUnit(CompactionJob job)
    {
        _gate.RequireSound();
        if (job != _current.Job)
        {
            throw new InvalidOperationException("This is not the compaction under way.");
        }

        if (!IsOffline)
        {
            _turn.Begin();
        }

        job.ThrowIfRefused();
        if (!job.ReadyToFinish)
        {
            throw new InvalidOperationException("RunOnline has not come to its end.");
        }

        job.PauseBegan = _time.GetTimestamp();
        var progress = job.Control.Progress;
        try
        {
            return FileErrors.Named(_directory, () => Finish(job) ? UnitDone(job) : FinishOutcome.Continue);
        }
        finally
        {
            progress.Paused(_time.GetElapsedTime(job.PauseBegan));
        }
    }

    /// <summary>
    /// Removes the partial copies that interrupted compactions left to be gone on with, e.g. when the disk is full: the next
    /// compaction begins anew.
    /// </summary>
    /// <returns>The files, and how many bytes they occupied on disk.</returns>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    public RemovedFiles DiscardPartial()
    {
        _turn.Begin();
        _current.RequireNone();
        return FileErrors.Named(_directory, () => StartUp.Remove(
            _options.Files, _indexes.Files.Select(index => index.CopyPath).Prepend(_directory.DocumentsCopy).Where(_options.Files.Exists)));
    }

    private CompactionJob Begin(CompactionRequest request, List<CompactionUnit> units, Action<CompactionProgress>? progress)
    {
        var estimates = units.ConvertAll(unit => _sizing.Estimate(unit, request));
        var tracker = new ProgressTracker(
            [.. estimates.Select(each => (each.Unit, Weight: Math.Max(1, each.FileBytes - each.BytesFreed)))], _time, progress);
        var workers = WorkersFor(estimates, request.Mode);

        _sizesBefore = units.ToDictionary(unit => unit, _sizing.LengthsOf);
        if (request.Mode == CompactionMode.Exclusive)
        {
            // What reads now only takes time from what the collection is closed for.
            _indexes.StopBuilds();
            _gate.IsOffline = true;
        }

        var job = new CompactionJob(
            _directory, _options, _time, tracker, estimates.ConvertAll(estimate => _works.Create(estimate, request)), workers, request.DiscardPartial,
            ended => Ended(ended, tracker))
        {
            MaxBytesPerSecond = request.MaxBytesPerSecond,
        };
        _current.Job = job;
        return job;
    }

    private bool Finish(CompactionJob job) => job.Current switch
    {
        DocumentsCopy copy => _documentsSwap.Finish(job, copy),
        IndexCopy copy => _indexSwap.Finish(job, copy),
        InPlaceWork work => FinishSlice(job, work),
        _ => throw new InvalidOperationException("There is no such work."),
    };

    private static bool FinishSlice(CompactionJob job, InPlaceWork work)
    {
        if (work.Slice(job.Control))
        {
            return true;
        }

        job.ReadyToFinish = false;
        return false;
    }

    private FinishOutcome UnitDone(CompactionJob job)
    {
        job.Control.Progress.Paused(_time.GetElapsedTime(job.PauseBegan));
        var work = job.Current;
        var before = _sizesBefore[work.Unit];
        var after = _sizing.LengthsOf(work.Unit);
        var state = _documents.File.State;
        var rows = work.Unit.Index is { } index ? _indexes.Find(index).State.Entries : state.Rows;
        return job.UnitDone((durations, pause) => new UnitResult(
            work.Unit, before.FileBytes, after.FileBytes, before.PhysicalBytes, after.PhysicalBytes, rows, work.TombstonesDropped, pause, durations)
        {
            CompressionRatio = work.Unit.Index is null && state.BodyBytes > 0 ? (double)state.DecodedBytes / state.BodyBytes : 1,
        });
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

        JobControl.RequireFreeDisk(_directory, _options, largest);
        var room = _options.Files.FreeBytes(_directory.Path) - _options.MinimumFreeDiskBytes;
        var needs = estimates.Where(each => each.Unit.Index is not null).Select(each => each.TemporaryBytes).OrderDescending().ToList();
        var workers = mode is CompactionMode.Rewrite or CompactionMode.Exclusive ? Math.Max(1, Math.Min(_options.IndexWorkers, needs.Count)) : 1;
        while (workers > 1 && needs.Take(workers).Sum() > room)
        {
            workers--;
        }

        return workers;
    }

    private void RequireCompactable(CompactionRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.FreeSpaceTargetBytes);
        var current = _documents.File.Current;
        if (current.State.Incomplete)
        {
            throw new CompactionRefusedException(
                $"{_directory} was rolled back and must catch up; it waits for {_documents.Reader.PendingRefetchCount()} documents from the primary.");
        }

        if (current.IsBeingCopied)
        {
            throw new CompactionRefusedException($"{_directory} is being copied from another member.");
        }

        if (_documents.Cap is not null)
        {
            throw new CompactionRefusedException(
                $"{_directory} is capped: new documents take the room of its oldest ones, so there is nothing to compact.");
        }

        if (request.Mode == CompactionMode.Release && _options.Files.WhyNoHoles(_directory.Path) is { } why)
        {
            throw new CompactionRefusedException($"{_directory} cannot be compacted with the mode 'release': {why}.");
        }
    }

    private void DiscardUnusable()
    {
        if (StartUp.ReadUsable(_directory, _options, _documents.File.State.Generation, _documents.Compression) is null)
        {
            StartUp.Discard(_options.Files, _directory.DocumentsCopy);
        }

        foreach (var index in _indexes.Files.Where(index => !IndexRewrite.IsUsable(index, _options)))
        {
            StartUp.Discard(_options.Files, index.CopyPath);
        }
    }

    private void Ended(CompactionJob ended, ProgressTracker tracker)
    {
        if (tracker.BytesPerSecond > 0 && ended.Result is not null && !ended.WasLimited)
        {
            _sizing.Measured(tracker.BytesPerSecond);
        }

        _current.Job = null;
        _gate.IsOffline = false;
    }
}
