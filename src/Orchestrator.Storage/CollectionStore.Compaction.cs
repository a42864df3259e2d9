using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage;

/// <content>Sizes, estimates and compaction.</content>
public sealed partial class CollectionStore
{
    private const int MaxPostponements = 8;
    private const long TemporaryMargin = 1 << 20;
    private const double FixedSeconds = 0.05;
    private long measuredBytesPerSecond;

    /// <summary>Reader. Sizes of the documents file and of each index.</summary>
    public CollectionSizes Sizes()
    {
        var state = documents.State;
        var units = new List<UnitSizes> { SizesOf(CompactionUnit.Documents) };
        units.AddRange(indexes.Values.Select(index => SizesOf(new CompactionUnit(index.Definition.Name))));
        var temporary = options.Files.Length(Directory.DocumentsCopy)
            + indexes.Values.Sum(index => options.Files.Length(index.Path + ".compact"));
        return new CollectionSizes(units, state.Documents, state.Tombstones, temporary);
    }

    /// <summary>Reader. What a compaction would bring and cost, unit by unit, in the order of the work.</summary>
    /// <exception cref="UnknownIndexException"/>
    public IReadOnlyList<UnitEstimate> Estimate(CompactionRequest request) => [.. Units(request).Select(unit => Estimate(unit, request))];

    /// <summary>
    /// Writer. Begins a compaction, or goes on with the one that was interrupted. Then, until it is done:
    /// <c>job.RunOnline(...)</c> on a background thread while writes go on, <see cref="FinishUnit"/> between two commits.
    /// Dispose of the job to stop; what it has copied is kept.
    /// </summary>
    /// <exception cref="ArgumentException">The request names nothing to compact, or its speed limit is too low.</exception>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="CompactionRefusedException">A compaction is under way, or the collection was rolled back and is not complete yet.</exception>
    /// <exception cref="InsufficientDiskSpaceException"/>
    public CompactionJob StartCompaction(CompactionRequest request, Action<CompactionProgress>? progress = null)
    {
        Writer();
        RequireNoCompaction();
        RequireCompactable(request);
        if (!IsComplete)
        {
            throw new CompactionRefusedException(
                $"{Directory} was rolled back and has yet to catch up; it waits for {PendingRefetchCount} documents from the primary.");
        }

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
        var control = new JobControl(Directory, options, time, tracker) { MaxBytesPerSecond = request.MaxBytesPerSecond };

        // One unit after the other, so the largest need counts.
        control.RequireFreeDisk(estimates.Max(each => each.TemporaryBytes));
        var rewrites = units.ConvertAll<UnitRewrite>(unit =>
            unit.Index is null ? new DocumentsRewrite(Directory, request.Purge) : new IndexRewrite(Find(unit.Index)));
        sizesBefore = units.ToDictionary(unit => unit, LengthsOf);
        job = new CompactionJob(control, rewrites, request.DiscardPartial, ended => Ended(ended, tracker));
        return job;
    }

    /// <summary>
    /// Writer. After <see cref="CompactionJob.RunOnline"/>: the last changes, then the swap of the unit in work. After an
    /// error the unit is as before, unless the error says that the collection must be opened anew.
    /// </summary>
    /// <exception cref="CompactionRefusedException">The files were rolled back meanwhile.</exception>
    public FinishOutcome FinishUnit(CompactionJob job)
    {
        Writer();
        if (job != this.job)
        {
            throw new InvalidOperationException("This is not the compaction under way.");
        }

        job.ThrowIfRefused();
        if (!job.ReadyToFinish)
        {
            throw new InvalidOperationException("RunOnline has not come to its end.");
        }

        var lag = job.Current is DocumentsRewrite rewrite ? rewrite.Lag(documents.State.LastSeq) : ((IndexRewrite)job.Current).Lag;
        if (lag > options.FinalCatchUpChanges && job.Postponed < MaxPostponements)
        {
            return Postpone(job);
        }

        return job.Current is DocumentsRewrite ? FinishDocuments(job) : FinishIndex(job);
    }

    /// <summary>Writer. Removes the partial copies that interrupted compactions left.</summary>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    public void DiscardPartialCompaction()
    {
        Writer();
        RequireNoCompaction();
        StartUp.Discard(options.Files, Directory.DocumentsCopy);
        foreach (var index in indexes.Values)
        {
            StartUp.Discard(options.Files, index.Path + ".compact");
        }
    }

    private void RequireCompactable(CompactionRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.FreeSpaceTargetBytes);
        if (request.Mode != CompactionMode.Rewrite)
        {
            throw new CompactionRefusedException($"{Directory} cannot be compacted with the mode '{request.Mode.Name()}'.");
        }

        if (Cap is not null)
        {
            throw new CompactionRefusedException($"{Directory} is capped: its oldest documents make room for new ones, there is nothing to compact.");
        }
    }

    private static FinishOutcome Postpone(CompactionJob job)
    {
        job.Postponed++;
        job.ReadyToFinish = false;
        return FinishOutcome.Continue;
    }

    private void RequireNoCompaction()
    {
        if (job is not null)
        {
            throw new CompactionRefusedException($"{Directory} is being compacted already.");
        }
    }

    private void Ended(CompactionJob ended, ProgressTracker tracker)
    {
        if (tracker.BytesPerSecond > 0 && ended.Result is not null && ended.MaxBytesPerSecond is null)
        {
            Interlocked.Exchange(ref measuredBytesPerSecond, tracker.BytesPerSecond);
        }

        job = null;
    }

    private List<CompactionUnit> Units(CompactionRequest request)
    {
        CompactionRequest.RequireSpeedLimit(request.MaxBytesPerSecond);
        var names = request.Indexes is null
            ? indexes.Values.Select(index => index.Definition.Name)
            : request.Indexes.Select(name => Find(name).Definition.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase);
        return [.. request.Documents ? [CompactionUnit.Documents] : Array.Empty<CompactionUnit>(), .. names.Select(name => new CompactionUnit(name))];
    }

    private UnitEstimate Estimate(CompactionUnit unit, CompactionRequest request)
    {
        var sizes = SizesOf(unit);
        long after;
        long partial;
        if (unit.Index is null)
        {
            after = estimator.LiveBytesAfter(request.Purge, documents.State, documents.Tree);
            partial = options.Files.Length(Directory.DocumentsCopy);
        }
        else
        {
            after = sizes.LiveBytes;
            partial = options.Files.Length(Find(unit.Index).Path + ".compact");
        }

        var measured = Interlocked.Read(ref measuredBytesPerSecond);
        var speed = Math.Min(measured > 0 ? measured : options.AssumedBytesPerSecond, request.MaxBytesPerSecond ?? long.MaxValue);
        return new UnitEstimate(
            unit, sizes.DatabaseBytes, Math.Max(0, sizes.DatabaseBytes - after), Math.Max(0, after - partial) + TemporaryMargin,
            TimeSpan.FromSeconds(FixedSeconds + ((double)Math.Max(0, after - partial) / speed)));
    }

    private UnitSizes SizesOf(CompactionUnit unit)
    {
        var index = unit.Index is null ? null : Find(unit.Index);
        var live = index is null
            ? estimator.LiveBytes(documents.State, documents.Tree)
            : SizeEstimator.LiveBytes(index.State, index.Tree);
        var (pages, freePages) = index is null ? reader.Read(Pages) : Pages(index);
        var pageSize = (index?.Tree ?? documents.Tree).PageSize;
        var (fileBytes, physicalBytes) = LengthsOf(unit);
        return new UnitSizes(unit, fileBytes, pages * pageSize, live, physicalBytes, freePages * pageSize);
    }

    private (long FileBytes, long PhysicalBytes) LengthsOf(CompactionUnit unit)
    {
        var path = unit.Index is null ? Directory.Documents : Find(unit.Index).Path;
        return (
            options.Files.Length(path) + options.Files.Length(path + "-wal"),
            options.Files.PhysicalBytes(path) + options.Files.PhysicalBytes(path + "-wal"));
    }

    private static (long All, long Free) Pages(Sqlite.ReaderPool.Lease lease) =>
        (lease.Session.Scalar("PRAGMA page_count"), lease.Session.Scalar("PRAGMA freelist_count"));

    private static (long All, long Free) Pages(IndexFile index)
    {
        using var lease = index.Pool.Rent();
        return Pages(lease);
    }

    private void DiscardUnusable()
    {
        if (StartUp.ReadUsable(Directory, options, documents.State.Generation) is null)
        {
            StartUp.Discard(options.Files, Directory.DocumentsCopy);
        }

        foreach (var index in indexes.Values.Where(index => !IndexRewrite.IsUsable(index, options)))
        {
            StartUp.Discard(options.Files, index.Path + ".compact");
        }
    }
}
