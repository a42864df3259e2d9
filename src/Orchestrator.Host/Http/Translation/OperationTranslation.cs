using Orchestrator.Core.Operations;
using Orchestrator.Core.Schedules;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>Freezes, holds, schedules, explanations and the audit trail.</summary>
internal static class OperationTranslation
{
    public static FreezeListDto ToDto(this FreezeList list) => new(
        [.. list.Freezes.Select(freeze => new FreezeDto(freeze.Cluster.NullIfEmpty(), freeze.By, freeze.Reason, freeze.At, freeze.Until))]);

    public static HoldListDto ToDto(this HoldList list) => new([.. list.Holds.Select(view => view.ToDto())]);

    public static HoldDto ToDto(this HoldView view) => new(
        view.Hold.Cluster,
        view.Hold.Owner,
        view.Hold.Reason,
        view.Hold.Members,
        view.Hold.By,
        view.Hold.At,
        view.Hold.Until,
        [.. view.Working.Select(work => new HeldWorkDto(work.Member, work.RunId, work.Step))]);

    public static ScheduleListDto ToDto(this ScheduleList list) => new([.. list.Schedules.Select(schedule => new ScheduleDto(
        schedule.Name,
        schedule.Enabled,
        schedule.Clusters,
        schedule.Rules,
        schedule.Windows,
        schedule.Status,
        schedule.NextOpenings,
        schedule.LastRun.NullIfEmpty(),
        schedule.LastRunAt)
    {
        Expected = schedule.Expected is { } expected ? new ExpectedRunDto(expected.RunId, expected.Worked.TotalSeconds) : null,
        Warning = schedule.Warning.NullIfEmpty(),
    })])
    {
        Windows = list.Windows,
    };

    public static ExplanationDto ToDto(this Explanation explanation) => new(
        explanation.Cluster, explanation.At, explanation.Next, [.. explanation.Units.Select(ToDto)]);

    /// <param name="isVisible">Whether the caller may see an entry.</param>
    public static AuditDto ToDto(this AuditTrail trail, ReadAudit request, Func<AuditEntry, bool> isVisible)
    {
        var last = trail.Entries.Count == 0 ? request.After : trail.Entries.Max(entry => entry.Sequence);
        return new AuditDto([.. trail.Entries.Where(isVisible).Select(entry => entry.ToDto())], last)
        {
            Next = trail.HasMore ? trail.Entries[^1].Sequence : null,
        };
    }

    public static AuditEntryDto ToDto(this AuditEntry entry) => new(
        entry.Sequence, entry.At, entry.By, entry.Action, entry.Cluster.NullIfEmpty(), entry.Subject, entry.Detail)
    {
        Outcome = entry.Outcome.NullIfEmpty(),
        Refusal = entry.Refusal.NullIfEmpty(),
    };

    public static LastCompactionDto ToDto(this LastCompaction last) =>
        new(last.RunId, last.At, last.BytesFreed, last.Duration.TotalSeconds, last.Outcome) { BytesGrown = last.BytesGrown };

    private static UnitExplanationDto ToDto(UnitExplanation unit) => new(
        unit.Node,
        unit.Unit.Path,
        unit.LastCompaction?.ToDto(),
        unit.ReclaimableBytes,
        unit.Fragmentation,
        unit.WhyNotSince,
        unit.Next,
        unit.NextAt)
    {
        Sampled = unit.Sampled ? true : null,
    };
}
