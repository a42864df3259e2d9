using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>How far a partial copy of the documents is; in the copy itself, written in the transaction of each batch.</summary>
/// <param name="SourceGeneration">Generation of the documents file that is copied.</param>
/// <param name="CopyTarget">Last seq of the source when the copy began. Through it, ids are unique without an index.</param>
/// <param name="CopiedThrough">What the source had up to this seq is in the copy.</param>
/// <param name="RowsCopied">Rows copied so far.</param>
/// <param name="TombstonesDropped">Tombstones left out so far.</param>
/// <param name="Ordered">Whether the index over the ids is built.</param>
/// <param name="Boot">
/// Empty if all of the copy is on disk. Else <see cref="Files.FileLayer.BootId"/> of the machine's run in which it is written, without
/// syncs: after a loss of power there is another one, and the copy is of no use, since parts of it may be missing.
/// </param>
internal sealed record Checkpoint(
    long SourceGeneration, long CopyTarget, long CopiedThrough, long RowsCopied, long TombstonesDropped, bool Ordered, string Boot)
{
    /// <summary>The checkpoint of a copy, or null if the file has none: it is no copy.</summary>
    public static Checkpoint? Read(SqliteSession session)
    {
        using var row = session.Query(
            """
            SELECT source_generation, copy_target, copied_through, rows_copied, tombstones_dropped, ordered, boot
            FROM main.checkpoint
            """);
        return row.Read()
            ? new Checkpoint(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5) != 0, row.GetString(6))
            : null;
    }

    public void Write(SqliteSession session) => session.Run(
        """
        INSERT OR REPLACE INTO main.checkpoint
            (one, source_generation, copy_target, copied_through, rows_copied, tombstones_dropped, ordered, boot)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """,
        SourceGeneration, CopyTarget, CopiedThrough, RowsCopied, TombstonesDropped, Ordered ? 1 : 0, Boot);
}
