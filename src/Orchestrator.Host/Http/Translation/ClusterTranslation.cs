using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From observations to what the API shows of them.</summary>
internal static class ClusterTranslation
{
    public static ClusterDto ToDto(this ClusterView view) => new(
        view.Name,
        view.Engine,
        view.Epoch,
        view.SupervisorNode,
        view.ActiveRun.NullIfEmpty(),
        [.. view.ReplicaSets.Select(ToDto)])
    {
        Trouble = view.Trouble.NullIfEmpty(),
    };

    public static StateChangeDto ToDto(this NodeStateChanged change) =>
        new(change.Node, change.From.ToText(), change.To.ToText(), change.Reason, change.At);

    public static UnitCompactedDto ToDto(this UnitCompacted unit) => new(
        unit.Unit.Path,
        unit.BytesBefore,
        unit.BytesAfter,
        unit.BytesFreed,
        unit.Rows,
        unit.TombstonesDropped,
        unit.Duration.TotalSeconds,
        unit.LongestWritePause.TotalSeconds)
    {
        PhysicalBytesBefore = unit.PhysicalBytesBefore,
        PhysicalBytesAfter = unit.PhysicalBytesAfter,
        CompressionRatio = unit.CompressionRatio > 0 ? unit.CompressionRatio : null,
        Stages = [.. unit.Stages.Select(stage => new StageTimeDto(stage.Stage, stage.Duration.TotalSeconds))],
    };

    private static ReplicaSetDto ToDto(ReplicaSetView view) =>
        new(view.Name, view.Term, view.Primary.NullIfEmpty(), [.. view.Members.Select(ToDto)])
        {
            Trouble = view.Trouble.NullIfEmpty(),
        };

    private static MemberDto ToDto(MemberView view)
    {
        var seen = view.Observation;
        return new MemberDto(
            seen.Node,
            view.Observed,
            seen.Address,
            seen.State.ToText(),
            seen.Reason,
            seen.Role.ToText(),
            seen.Term,
            seen.PromisedTerm,
            seen.Lag.Changes,
            seen.Lag.Seconds,
            [.. seen.Positions.Select(at => new PositionDto(at.Database, at.Collection, at.Term, at.Sequence))],
            [.. seen.Compactions.Select(status => status.ToDto())],
            [.. view.History.Select(ToDto)],
            seen.ObservedAt)
        {
            DiskFreeBytes = seen.Disk.IsSeen ? seen.Disk.FreeBytes : null,
            DiskTotalBytes = seen.Disk.IsSeen ? seen.Disk.TotalBytes : null,
            Version = seen.Version.NullIfEmpty(),
            Alarms = seen.Alarms,
            QuotaBytes = seen.QuotaBytes > 0 ? seen.QuotaBytes : null,
            FailedCollections = [.. seen.FailedCollections.Select(failed => new FailedCollectionDto(failed.Database, failed.Collection, failed.Reason))],
        };
    }

    public static CompactionDto ToDto(this CompactionStatus status)
    {
        var (runId, step, attempt) = status.Ticket;
        return status switch
        {
            CompactionRunning running => new(runId, step, attempt, "running", ToDto(running.Progress), null, []),
            CompactionSucceeded done => new(runId, step, attempt, "succeeded", null, null, [.. done.Units.Select(ToDto)]),
            CompactionPaused paused => new(runId, step, attempt, "paused", ToDto(paused.Progress), null, [.. paused.Units.Select(ToDto)]),
            CompactionFailed failed => new(runId, step, attempt, "failed", null, failed.Reason, [.. failed.Units.Select(ToDto)]),
            _ => throw new InvalidOperationException($"unknown compaction status {status.GetType().Name}"),
        };
    }

    public static ProgressDto ToDto(this CompactionProgress progress) => new(
        progress.Unit,
        progress.Stage,
        progress.Fraction,
        progress.UnitsDone,
        progress.UnitsTotal,
        progress.BytesCopied,
        progress.BytesPerSecond)
    {
        RemainingSeconds = progress.RemainingSeconds >= 0 ? progress.RemainingSeconds : null,
        RowsDone = progress.RowsDone,
        RowsTotal = progress.RowsTotal,
        LongestWritePauseSeconds = progress.LongestWritePause.TotalSeconds,
    };
}
