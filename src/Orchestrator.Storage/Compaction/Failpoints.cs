namespace Orchestrator.Storage.Compaction;

/// <summary>Names of the points where a crash is of interest; tests stop or copy the files there.</summary>
internal static class Failpoints
{
    public const string CopyCreated = "documents-copy-created";
    public const string BatchCopied = "documents-batch-copied";
    public const string OrderBuilt = "documents-order-built";
    public const string CaughtUp = "documents-caught-up";
    public const string Verified = "documents-verified";
    public const string FinallyCaughtUp = "documents-finally-caught-up";
    public const string Sealed = "documents-sealed";
    public const string Closed = "documents-closed";
    public const string IntentWritten = "documents-intent-written";
    public const string LogRemoved = "documents-log-removed";
    public const string Renamed = "documents-renamed";
    public const string IntentRemoved = "documents-intent-removed";
    public const string IndexBatchCopied = "index-batch-copied";
    public const string IndexOrderBuilt = "index-order-built";
    public const string IndexSealed = "index-sealed";
    public const string IndexClosed = "index-closed";
    public const string IndexRenamed = "index-renamed";
    public const string IndexPieceBuilt = "index-piece-built";
    public const string Vacuumed = "vacuumed";
    public const string Moved = "slice-moved";
    public const string Released = "slice-released";
    public const string Committed = "committed-not-indexed";
    public const string PieceApplied = "first-copy-piece-applied";
    public const string PiecePublished = "published-piece-applied";
    public const string TombstonesFound = "tombstones-found";
    public const string RollBackSaved = "rollback-saved";
    public const string RollBackIndexed = "rollback-indexed";

    public static IReadOnlyList<string> All { get; } =
        [.. typeof(Failpoints).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];
}
