using Akka.Actor;
using Orchestrator.Storage.Compaction;
using CompactionProgress = Orchestrator.Core.Nodes.CompactionProgress;
using StorageProgress = Orchestrator.Storage.Compaction.CompactionProgress;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Passes progress on, not more often than the interval. The job reports one thing at a time.</summary>
internal sealed class UnitProgressReporter(CompactUnit order, IActorRef requester, TimeProvider time, Func<CompactionUnit, string> pathOf)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;

    public void Report(StorageProgress progress)
    {
        var now = time.GetUtcNow();
        if (now - _lastAt < ProgressInterval)
        {
            return;
        }

        _lastAt = now;
        requester.Tell(new UnitProgressed(order.Ticket, order.Unit, ToCore(progress)), ActorRefs.NoSender);
    }

    private CompactionProgress ToCore(StorageProgress progress) => new(
        pathOf(progress.Unit), CollectionCompactions.NameOf(progress.Stage), progress.Fraction, progress.UnitsDone, progress.UnitsTotal, progress.BytesWritten, progress.BytesPerSecond)
    {
        RemainingSeconds = progress.Remaining?.TotalSeconds ?? -1,
        RowsDone = progress.RowsDone,
        RowsTotal = progress.RowsTotal,
        LongestWritePause = progress.LongestWritePause,
    };
}
