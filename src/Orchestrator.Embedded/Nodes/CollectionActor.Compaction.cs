using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage.Compaction;
using CompactionProgress = Orchestrator.Core.Nodes.CompactionProgress;
using StorageProgress = Orchestrator.Storage.Compaction.CompactionProgress;
using StorageRequest = Orchestrator.Storage.Compaction.CompactionRequest;
using UnitEstimate = Orchestrator.Core.Nodes.UnitEstimate;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// Estimates and compactions. The copying runs on a thread of its own while the collection serves; each unit's last step
/// takes its turn between two commits.
/// </content>
internal sealed partial class CollectionActor
{
    // Each round of a copy leaves fewer changes for the next one unless writes come faster than they are copied.
    private const int MaxRounds = 1_000;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private UnitCompaction? compaction;

    // The rate of the compaction at work; it may change before its job has begun.
    private long bytesPerSecond;

    private void ReceiveCompaction()
    {
        Receive<EstimateUnits>(OnEstimateUnits);
        Receive<CompactUnit>(OnCompactUnit);
        Receive<CancelUnit>(OnCancelUnit);
        Receive<ThrottleUnit>(OnThrottleUnit);
        Receive<OnlineWorkEnded>(OnOnlineWorkEnded);
    }

    private TombstonePurge Purge() => new(Now - options.TombstoneRetention, HeldByAllThrough());

    private void OnEstimateUnits(EstimateUnits question)
    {
        var sender = Sender;
        CompactionModes.TryParse(question.Mode, out var mode);
        var request = new StorageRequest(true, null, Purge())
        {
            Mode = mode,
            FreeSpaceTargetBytes = question.FreeSpaceTargetBytes,
        };
        var refusal = CapRefusal();
        Task.Run(() => new CollectionUnits(name, Estimate(request, refusal), ""))
            .PipeTo(sender, self, failure: error => new CollectionUnits(name, [], error.Message));
    }

    /// <summary>Why no unit of the collection can be compacted; empty if they can.</summary>
    private string CapRefusal() => store.Cap is null
        ? ""
        : "the collection is capped: its oldest documents make room for new ones, so there is nothing to compact";

    private List<UnitEstimate> Estimate(StorageRequest request, string refusal)
    {
        var sizes = store.Sizes().Units.ToDictionary(unit => unit.Unit);
        return store.Estimate(request)
            .Where(estimate => sizes.ContainsKey(estimate.Unit))
            .Select(estimate => ToCore(sizes[estimate.Unit], estimate) with { Refusal = refusal })
            .Concat(UnfinishedUnits())
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
        ? new IndexUnit(name.Database, name.Collection, index)
        : new DocumentsUnit(name.Database, name.Collection);

    private void OnCompactUnit(CompactUnit order)
    {
        if (compaction is { } other)
        {
            Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"{other.Order.Unit} is being compacted by run {other.Order.Ticket.RunId}"));
            return;
        }

        if (!CompactionModes.TryParse(order.Settings.Mode, out var mode))
        {
            Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"the mode '{order.Settings.Mode}' is unknown"));
            return;
        }

        var requester = Sender;
        var begun = new UnitCompaction(order, requester, new CancellationTokenSource(), Now);
        compaction = begun;
        bytesPerSecond = order.Settings.MaxBytesPerSecond;
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
        var reporter = new ProgressReporter(order, requester, options.Time, unit => ToCore(unit).Path);
        if (mode == CompactionMode.Exclusive)
        {
            GoOffline();
        }

        lane.Run(
            () => store.Compaction.Start(request, reporter.Report),
            job => RunOnline(begun with { Jobs = [job] }),
            error => EndCompaction(begun, error));
    }

    private static long? StorageLimit(long bytesPerSecond) =>
        bytesPerSecond > 0 ? Math.Max(bytesPerSecond, StorageRequest.LowestSpeedLimit) : null;

    private void OnThrottleUnit(ThrottleUnit throttle)
    {
        if (compaction is not { } running || running.Order.Ticket != throttle.Ticket)
        {
            return;
        }

        bytesPerSecond = throttle.MaxBytesPerSecond;
        if (running.Jobs.Count > 0)
        {
            running.Job.MaxBytesPerSecond = StorageLimit(bytesPerSecond);
        }
    }

    private void RunOnline(UnitCompaction running)
    {
        compaction = running;
        running.Job.MaxBytesPerSecond = StorageLimit(bytesPerSecond);
        Task.Run(() => running.Job.RunOnline(running.Cancellation.Token))
            .PipeTo(self, self, () => new OnlineWorkEnded(running, null), error => new OnlineWorkEnded(running, error));
    }

    private void OnOnlineWorkEnded(OnlineWorkEnded ended)
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

        lane.Run(
            () => store.Compaction.FinishUnit(running.Job),
            outcome => UnitFinished(running, outcome),
            failure => EndCompaction(running, failure));
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

        compaction = null;
        lane.Run(
            () =>
            {
                running.Job.Dispose();
                store.Checkpoint();
                return true;
            },
            _ => ComeOnline(),
            error =>
            {
                log.Warning(error, "{0}: the write-ahead log could not be emptied after the compaction", name);
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
        compaction = null;
        var reason = error is OperationCanceledException ? "it was cancelled" : error.Message;
        log.Warning("{0}: the compaction of {1} ended: {2}", name, ended.Order.Unit, reason);
        lane.Run(
            () =>
            {
                ended.Jobs.ForEach(job => job.Dispose());
                return true;
            },
            _ => ComeOnline(),
            failure =>
            {
                log.Warning(failure, "{0}: a compaction could not be closed", name);
                ComeOnline();
            },
            reserved: true);
        ended.Requester.Tell(new UnitFailed(ended.Order.Ticket, ended.Order.Unit, reason, error is OperationCanceledException)
        {
            Done = Completed(ended),
        });
    }

    /// <summary>For example <c>final-catch-up</c>.</summary>
    private static string NameOf(CompactionStage stage) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(stage.ToString());

    private void OnCancelUnit(CancelUnit cancel)
    {
        if (compaction is { } running && running.Order.Ticket == cancel.Ticket)
        {
            running.Cancellation.Cancel();
        }
    }

    /// <param name="Jobs">The storage's job, once it has been started.</param>
    /// <param name="Rounds">How often the online work has ended.</param>
    private sealed record UnitCompaction(CompactUnit Order, IActorRef Requester, CancellationTokenSource Cancellation, DateTimeOffset StartedAt)
    {
        public List<CompactionJob> Jobs { get; init; } = [];

        public int Rounds { get; init; }

        public CompactionJob Job => Jobs[0];
    }

    private sealed record OnlineWorkEnded(UnitCompaction Compaction, Exception? Error) : NodeInternal;

    /// <summary>Passes progress on, not more often than the interval. The job reports one thing at a time.</summary>
    private sealed class ProgressReporter(CompactUnit order, IActorRef requester, TimeProvider time, Func<CompactionUnit, string> pathOf)
    {
        private DateTimeOffset lastAt = DateTimeOffset.MinValue;

        public void Report(StorageProgress progress)
        {
            var now = time.GetUtcNow();
            if (now - lastAt < ProgressInterval)
            {
                return;
            }

            lastAt = now;
            requester.Tell(new UnitProgressed(order.Ticket, order.Unit, ToCore(progress)), ActorRefs.NoSender);
        }

        private CompactionProgress ToCore(StorageProgress progress) => new(
            pathOf(progress.Unit), NameOf(progress.Stage), progress.Fraction, progress.UnitsDone, progress.UnitsTotal, progress.BytesWritten, progress.BytesPerSecond)
        {
            RemainingSeconds = progress.Remaining?.TotalSeconds ?? -1,
            RowsDone = progress.RowsDone,
            RowsTotal = progress.RowsTotal,
            LongestWritePause = progress.LongestWritePause,
        };
    }
}
