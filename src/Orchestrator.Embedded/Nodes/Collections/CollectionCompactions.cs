using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage.Compaction;
using StorageRequest = Orchestrator.Storage.Compaction.CompactionRequest;
using UnitEstimate = Orchestrator.Core.Nodes.UnitEstimate;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// Estimates and compactions. The copying runs on a thread of its own while the collection serves; each unit's last step
/// takes its turn between two commits.
/// </summary>
internal sealed class CollectionCompactions(ICollection collection, CollectionIndexes indexes, OfflineTime offline)
{
    // Each round of a copy leaves fewer changes for the next one unless writes come faster than they are copied.
    private const int MaxRounds = 1_000;

    /// <summary>Of a capped collection, in one turn of the writer.</summary>
    private const int TombstonesAtOnce = 500;

    private UnitCompaction? _current;

    // The end of time during a look.
    private DateTimeOffset _nextLook;

    // The rate of the compaction at work; it may change before its job has begun.
    private long _bytesPerSecond;

    /// <summary>Ends the compaction at work; what has been copied is kept.</summary>
    public void Cancel() => _current?.Cancellation.Cancel();

    /// <summary>As <see cref="Cancel"/>, and tells at once who has ordered it.</summary>
    public void GiveUp(string reason)
    {
        if (_current is { } running)
        {
            running.Cancellation.Cancel();
            running.Requester.Tell(new UnitFailed(running.Order.Ticket, running.Order.Unit, reason, Cancelled: true) { Done = Completed(running) });
        }
    }

    /// <summary>
    /// A capped collection is not compacted: its tombstones are dropped a few at a time, after other storage work. They are looked for
    /// a hundred times in their retention, but with a pause of at least a second and at most a minute. Writes go on during the look, which
    /// may be long; they wait only while what was found is dropped.
    /// </summary>
    public void LookForTombstonesOfCapped()
    {
        if (!DropsTombstones || collection.Now < _nextLook)
        {
            return;
        }

        _nextLook = DateTimeOffset.MaxValue;
        var (store, purge) = (collection.Store, Purge());
        Task.Run(() => new TombstonesFound(store.FindTombstones(purge, TombstonesAtOnce), ""))
            .PipeTo(collection.Self, collection.Self, failure: error => new TombstonesFound([], FoundDamage.Reason(collection, error)));
    }

    public void OnTombstonesFound(TombstonesFound found)
    {
        _nextLook = collection.Now + TimeSpan.FromSeconds(Math.Clamp(collection.Options.TombstoneRetention.TotalSeconds / 100, 1, 60));
        if (found.Problem.Length > 0)
        {
            collection.Log.Warning("{0}: tombstones could not be looked for: {1}", collection.Name, found.Problem);
        }

        if (found.Seqs.Count == 0 || !DropsTombstones)
        {
            return;
        }

        var (store, purge) = (collection.Store, Purge());
        collection.Lane.Run(
            () => store.DropTombstones(purge, found.Seqs),
            dropped => _nextLook = dropped < TombstonesAtOnce ? _nextLook : collection.Now,
            error => collection.Log.Warning(error, "{0}: tombstones could not be dropped", collection.Name),
            reserved: true);
    }

    public void OnEstimate(EstimateUnits question)
    {
        var sender = collection.Sender;
        CompactionModes.TryParse(question.Mode, out var mode);
        var request = new StorageRequest(true, null, Purge())
        {
            Mode = mode,
            FreeSpaceTargetBytes = question.FreeSpaceTargetBytes,
        };
        var refusal = CapRefusal();
        Task.Run(() => new CollectionUnits(collection.Name, Estimate(request, refusal), ""))
            .PipeTo(sender, collection.Self, failure: error => new CollectionUnits(collection.Name, [], FoundDamage.Reason(collection, error)));
    }

    public void OnCompact(CompactUnit order)
    {
        if (_current is { } other)
        {
            collection.Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"{other.Order.Unit} is being compacted by run {other.Order.Ticket.RunId}"));
            return;
        }

        if (!CompactionModes.TryParse(order.Settings.Mode, out var mode))
        {
            collection.Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"the mode '{order.Settings.Mode}' is unknown"));
            return;
        }

        var requester = collection.Sender;
        var begun = new UnitCompaction(order, requester, new CancellationTokenSource());
        _current = begun;
        _bytesPerSecond = order.Settings.MaxBytesPerSecond;
        var request = new StorageRequest(
            order.Units.Any(unit => unit is DocumentsUnit),
            [.. order.Units.OfType<IndexUnit>().Select(index => index.Index)],
            Purge())
        {
            Mode = mode,
            MaxBytesPerSecond = StorageLimit(order.Settings.MaxBytesPerSecond),
            FreeSpaceTargetBytes = EmbeddedCapabilities.FreeSpaceTargetBytes(order.Settings.EngineOptions),
            DiscardPartial = order.Settings.EngineOptions.IsOn(EmbeddedCapabilities.DiscardPartial),
        };
        var reporter = new UnitProgressReporter(order, requester, collection.Options.Time, unit => ToCore(unit).Path);
        if (mode == CompactionMode.Exclusive)
        {
            offline.Begin();
        }

        var store = collection.Store;
        collection.Lane.Run(
            () => store.Compaction.Start(request, reporter.Report),
            job => RunOnline(begun with { Jobs = [job] }),
            error => EndCompaction(begun, error));
    }

    public void OnCancel(CancelUnit cancel)
    {
        if (_current is { } running && running.Order.Ticket == cancel.Ticket)
        {
            running.Cancellation.Cancel();
        }
    }

    public void OnThrottle(ThrottleUnit throttle)
    {
        if (_current is not { } running || running.Order.Ticket != throttle.Ticket)
        {
            return;
        }

        _bytesPerSecond = throttle.MaxBytesPerSecond;
        if (running.Jobs.Count > 0)
        {
            running.Job.MaxBytesPerSecond = StorageLimit(_bytesPerSecond);
        }
    }

    public void OnOnlineWorkEnded(OnlineWorkEnded ended)
    {
        if (ended.Error is { } error)
        {
            EndCompaction(ended.Compaction, error);
            return;
        }

        var running = ended.Compaction with { Rounds = ended.Compaction.Rounds + 1 };
        if (running.Rounds > MaxRounds && !InPlace(running.Order))
        {
            EndCompaction(running, new InvalidOperationException("writes come faster than they can be copied; try again when there are fewer"));
            return;
        }

        var store = collection.Store;
        collection.Lane.Run(
            () => store.Compaction.FinishUnit(running.Job),
            outcome => UnitFinished(running, outcome),
            failure => EndCompaction(running, failure));
    }

    private bool DropsTombstones => collection.Store is { Cap: not null, IsWhole: true } && _current is null;

    private TombstonePurge Purge() => new(collection.Now - collection.Options.TombstoneRetention, collection.HeldByAllThrough);

    /// <summary>Why no unit of the collection can be compacted; empty if they can.</summary>
    private string CapRefusal() => collection.Store.Cap is null
        ? ""
        : "the collection is capped: its oldest documents make room for new ones, so there is nothing to compact";

    private List<UnitEstimate> Estimate(StorageRequest request, string refusal)
    {
        var store = collection.Store;
        var sizes = store.Sizes().Units.ToDictionary(unit => unit.Unit);
        return store.Estimate(request)
            .Where(estimate => sizes.ContainsKey(estimate.Unit))
            .Select(estimate => ToCore(sizes[estimate.Unit], estimate) with { Refusal = refusal })
            .Concat(indexes.UnfinishedUnits())
            .ToList();
    }

    // As a compaction counts: without the write-ahead log, which it empties before it begins.
    private UnitEstimate ToCore(UnitSizes sizes, Storage.Compaction.UnitEstimate estimate) => new(
        new UnitSize(ToCore(estimate.Unit), sizes.DatabaseBytes, sizes.LiveBytes, sizes.PhysicalBytes),
        estimate.BytesFreed,
        estimate.TemporaryBytes,
        estimate.Duration)
    {
        Sampled = estimate.Sampled,
    };

    private StorageUnit ToCore(CompactionUnit unit) => unit.Index is { } index
        ? new IndexUnit(collection.Name.Database, collection.Name.Collection, index)
        : new DocumentsUnit(collection.Name.Database, collection.Name.Collection);

    private static long? StorageLimit(long bytesPerSecond) =>
        bytesPerSecond > 0 ? Math.Max(bytesPerSecond, StorageRequest.LowestSpeedLimit) : null;

    private void RunOnline(UnitCompaction running)
    {
        _current = running;
        running.Job.MaxBytesPerSecond = StorageLimit(_bytesPerSecond);
        Task.Run(() => running.Job.RunOnline(running.Cancellation.Token))
            .PipeTo(collection.Self, collection.Self, () => new OnlineWorkEnded(running, null), error => new OnlineWorkEnded(running, error));
    }

    /// <summary>Whether a round is a slice of the file, of which there are as many as the file is long.</summary>
    private static bool InPlace(CompactUnit order) =>
        CompactionModes.TryParse(order.Settings.Mode, out var mode) && mode is CompactionMode.Incremental or CompactionMode.Release;

    private void UnitFinished(UnitCompaction running, FinishOutcome outcome)
    {
        if (outcome == FinishOutcome.Continue)
        {
            RunOnline(running);
            return;
        }

        _current = null;
        collection.Lane.Run(
            () =>
            {
                running.Job.Dispose();
                collection.Store.Checkpoint();
                return true;
            },
            _ => ComeOnline(),
            error =>
            {
                collection.Log.Warning(error, "{0}: the write-ahead log could not be emptied after the compaction", collection.Name);
                ComeOnline();
            },
            reserved: true);
        running.Requester.Tell(new UnitDone(running.Order.Ticket, running.Order.Unit, Completed(running)));
    }

    private List<UnitCompacted> Completed(UnitCompaction running)
    {
        // Files with holes keep their length: there the blocks are what was freed.
        var keepsLength = CompactionModes.TryParse(running.Order.Settings.Mode, out var mode) && mode == CompactionMode.Release;
        return running.Jobs.SelectMany(job => job.Completed).Select(unit => new UnitCompacted(
            ToCore(unit.Unit),
            keepsLength ? unit.PhysicalBytesBefore : unit.FileBytesBefore,
            keepsLength ? unit.PhysicalBytesAfter : unit.FileBytesAfter,
            unit.Rows,
            unit.TombstonesDropped,
            running.Order.Units.Count == 1 && running.Job.Result is { } whole ? whole.Duration : unit.Duration,
            unit.WritePause)
        {
            PhysicalBytesBefore = unit.PhysicalBytesBefore,
            PhysicalBytesAfter = unit.PhysicalBytesAfter,
            KeepsLength = keepsLength,
            CompressionRatio = unit.CompressionRatio,
            Stages = [.. unit.StageDurations.OrderBy(stage => stage.Key).Select(stage => new StageTime(NameOf(stage.Key), stage.Value))],
        }).ToList();
    }

    /// <summary>What has been copied is kept; the next compaction of the unit goes on from there.</summary>
    private void EndCompaction(UnitCompaction ended, Exception error)
    {
        _current = null;
        var reason = error is OperationCanceledException ? "it was cancelled" : FoundDamage.Reason(collection, error);
        collection.Log.Warning("{0}: the compaction of {1} ended: {2}", collection.Name, ended.Order.Unit, reason);
        collection.Lane.Run(
            () =>
            {
                ended.Jobs.ForEach(job => job.Dispose());
                return true;
            },
            _ => ComeOnline(),
            failure =>
            {
                collection.Log.Warning(failure, "{0}: a compaction could not be closed", collection.Name);
                ComeOnline();
            },
            reserved: true);
        ended.Requester.Tell(new UnitFailed(ended.Order.Ticket, ended.Order.Unit, reason, error is OperationCanceledException)
        {
            Done = Completed(ended),
        });
    }

    private void ComeOnline()
    {
        // The next unit may have begun while the last one was put away.
        if (_current?.Order.Settings.Mode != CompactionActor.ClosesDatabase)
        {
            offline.End();
        }
    }

    /// <summary>For example <c>final-catch-up</c>.</summary>
    internal static string NameOf(CompactionStage stage) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(stage.ToString());

    /// <param name="Jobs">The storage's job, once it has been started.</param>
    /// <param name="Rounds">How often the online work has ended.</param>
    internal sealed record UnitCompaction(CompactUnit Order, IActorRef Requester, CancellationTokenSource Cancellation)
    {
        public List<CompactionJob> Jobs { get; init; } = [];

        public int Rounds { get; init; }

        public CompactionJob Job => Jobs[0];
    }

    /// <param name="Problem">Why they could not be looked for; empty if they were.</param>
    internal sealed record TombstonesFound(IReadOnlyList<long> Seqs, string Problem) : NodeInternal;

    /// <summary>The online work has come to where the writer has its turn, or to its end.</summary>
    internal sealed record OnlineWorkEnded(UnitCompaction Compaction, Exception? Error) : NodeInternal;
}
