using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Indexes;

/// <summary>The one row of an index file that sums it up; written in the transaction of each change.</summary>
/// <param name="Generation">From 1; the next one with each swap and each roll-back.</param>
/// <param name="IndexedThrough">Every live document with a seq up to this one has its entry.</param>
/// <param name="Entries">Entries in the file.</param>
/// <param name="LeafBytes">What they take in the leaf pages of the table.</param>
/// <param name="OverflowPages">Whole pages of long keys.</param>
/// <param name="KeyBytes">What they take in the leaf pages of the index over the keys.</param>
internal sealed record IndexState(
    long Generation, long IndexedThrough, long Entries, long LeafBytes, long OverflowPages, long KeyBytes)
{
    public static IndexState New { get; } = new(1, 0, 0, 0, 0, 0);

    public static IndexState Read(SqliteSession session, string schema = "main")
    {
        using var row = session.Query(
            $"SELECT generation, indexed_through, entries, leaf_bytes, overflow_pages, key_bytes FROM {schema}.state");
        return row.Read()
            ? new IndexState(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5))
            : throw new CorruptFileException(session.File, "it has no state");
    }

    public void Write(SqliteSession session) => session.Run(
        """
        INSERT OR REPLACE INTO main.state (one, generation, indexed_through, entries, leaf_bytes, overflow_pages, key_bytes)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
        """,
        Generation, IndexedThrough, Entries, LeafBytes, OverflowPages, KeyBytes);

    public IndexState With(long seq, long keyBytes, BTree tree) => Count(seq, keyBytes, tree, 1);

    public IndexState Without(long seq, long keyBytes, BTree tree) => Count(seq, keyBytes, tree, -1);

    private IndexState Count(long seq, long keyBytes, BTree tree, int sign)
    {
        var (leaf, leafOverflow) = tree.TableCell(2 + BTree.BytesField(keyBytes), seq);
        var (key, keyOverflow) = tree.IndexCell(2 + BTree.BytesField(keyBytes) + BTree.IntegerBytes(seq));
        return this with
        {
            Entries = Entries + sign,
            LeafBytes = LeafBytes + (sign * leaf),
            OverflowPages = OverflowPages + (sign * (leafOverflow + keyOverflow)),
            KeyBytes = KeyBytes + (sign * key),
        };
    }
}

/// <summary>
/// The tables of an index file. Partial copies have the same ones. <c>checkpoint</c> has a row there; in the index file
/// it is left from before the swap, and means nothing.
/// </summary>
internal static class IndexSchema
{
    public const string CreateKeyIndex = "CREATE INDEX IF NOT EXISTS main.entries_by_key ON entries (key)";

    public const string KeyIndex = "entries_by_key";

    private const int ApplicationId = 0x4F434D49;
    private const int Version = 1;

    private const string Tables =
        """
        CREATE TABLE entries (seq INTEGER PRIMARY KEY, key BLOB NOT NULL);
        CREATE TABLE state (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            generation INTEGER NOT NULL,
            indexed_through INTEGER NOT NULL,
            entries INTEGER NOT NULL,
            leaf_bytes INTEGER NOT NULL,
            overflow_pages INTEGER NOT NULL,
            key_bytes INTEGER NOT NULL);
        CREATE TABLE checkpoint (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            source_generation INTEGER NOT NULL,
            copied_through INTEGER NOT NULL,
            rows_copied INTEGER NOT NULL);
        """;

    public static void Create(SqliteSession session)
    {
        session.Execute(Tables);
        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute($"PRAGMA user_version = {Version}");
        IndexState.New.Write(session);
    }

    public static bool IsKnown(SqliteSession session) =>
        session.Scalar("PRAGMA application_id") == ApplicationId && session.Scalar("PRAGMA user_version") == Version;
}
