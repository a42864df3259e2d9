using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From what nodes answer to what the API shows of it.</summary>
internal static class NodeTranslation
{
    public static VerificationDto ToDto(this CollectionsVerified verified) => new(
        verified.Node,
        verified.Collections.All(verdict => verdict.Problems.Count == 0),
        [.. verified.Collections.Select(verdict => ToDto(verdict, null))]);

    public static VerificationStatusDto ToDto(this VerificationView view) => new(
        view.Id,
        view.Cluster,
        view.Node,
        view.Database.NullIfEmpty(),
        view.Collection.NullIfEmpty(),
        view.By,
        view.Phase switch
        {
            VerificationPhase.CheckingFiles => "checking-files",
            var other => other.ToString().ToLowerInvariant(),
        },
        view.Reason.NullIfEmpty(),
        view.StartedAt,
        view.HeardAt,
        view.FinishedAt,
        view.FinishedAt is null ? ToDto(view.Progress) : null,
        view.Phase == VerificationPhase.Completed ? Result(view) : null);

    private static VerificationDto Result(VerificationView view) => new(
        view.Node,
        view.Collections.All(verdict => verdict.Problems.Count == 0) && view.Comparisons.All(comparison => comparison.Differences.Count == 0),
        [.. view.Collections.Select((verdict, i) => ToDto(verdict, view.Comparisons[i]))]);

    private static VerificationProgressDto ToDto(FileCheckProgress progress) => new(
        progress.Collection, progress.Stage, progress.RowsDone, progress.RowsTotal, progress.CollectionsDone, progress.CollectionsTotal);

    private static CollectionVerdictDto ToDto(CollectionVerdict verdict, CollectionComparison? comparison) => new(
        verdict.Database,
        verdict.Collection,
        verdict.Problems,
        verdict.Documents,
        verdict.IndexEntries,
        verdict.Position.Term,
        verdict.Position.Sequence,
        verdict.Checksum)
    {
        Comparison = comparison is null ? null : new ComparisonDto(
            comparison.Through,
            comparison.Rows,
            comparison.Compared,
            [.. comparison.NotCompared.Select(member => new MemberNotComparedDto(member.Node, member.Reason))],
            [.. comparison.Differences.Select(member => new MemberDifferenceDto(
                member.Node, member.Documents, member.FirstId, member.LastId, member.Ids, member.Advice))],
            comparison.Changing,
            comparison.EndedEarly),
    };

    public static IndexCleanupDto ToDto(this IndexesCleanedUp cleaned) =>
        new(cleaned.Node, cleaned.BytesFreed, [.. cleaned.Files.Select(file => file.File)]);

    public static ResyncDto ToDto(this ResyncBegun begun) => new(begun.Node, begun.Database, begun.Collection, begun.KeptIn);

    public static EstimatesDto ToDto(this CompactionEstimated estimated) => new(
        estimated.Units.Sum(unit => unit.BytesFreed),
        estimated.Units.Select(unit => unit.TemporaryBytes).DefaultIfEmpty(0).Max(),
        [.. estimated.Units.Select(unit => unit.ToDto())]);

    public static IndexDto ToDto(this IndexBuilding index) => new(index.Name, index.JsonPath)
    {
        State = index.Problem.Length > 0 ? "failed" : "building",
        Progress = Math.Round(index.Fraction, 3),
        Problem = index.Problem.Length > 0 ? index.Problem : null,
    };

    public static CollectionDto ToDto(this CollectionDescribed described, string database, string collection)
    {
        var settings = described.Settings;
        return new CollectionDto(
            database,
            collection,
            settings.Compression.CodecName,
            settings.Compression.Level,
            settings.Cap?.MaxBytes,
            settings.Cap?.MaxDocuments,
            [
                .. settings.Indexes.Select(index => new IndexDto(index.Name, index.JsonPath))
                    .Concat(described.Building.Select(index => index.ToDto()))
                    .OrderBy(index => index.Name, StringComparer.Ordinal),
            ],
            described.Documents,
            described.LastSequence);
    }
}
