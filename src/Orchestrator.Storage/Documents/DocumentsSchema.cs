using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The tables of <c>documents.sqlite</c>. Partial copies have the same ones, so that a complete copy needs nothing but
/// the name. <c>checkpoint</c> has a row there; in the documents file it is left from before the swap, and means nothing.
/// </summary>
internal static class DocumentsSchema
{
    /// <summary>Columns that give a <see cref="ChangeRecord"/>, in the order of <see cref="ReadChange"/>.</summary>
    public const string ChangeColumns = "seq, id, rev, term, deleted, codec, body";

    private const int ApplicationId = 0x4F434D50;

    /// <summary>2: <c>state</c> has <c>decoded_bytes</c> and <c>encoding</c>. 3: there is a table <c>history</c>.</summary>
    public const int Version = 3;

    private const int WithoutEncoding = 1;

    /// <summary>
    /// <c>codec</c>: see <see cref="BodyCodec"/>. <c>deleted</c> is 0, or for a tombstone the Unix time in milliseconds. The index over the ids is apart, because a
    /// copy is filled without it. <c>left_to_feed</c> is the seq at which the feed will bring the document, 0 while its
    /// version must be asked for.
    /// </summary>
    private const string Tables =
        """
        CREATE TABLE documents (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            rev TEXT NOT NULL,
            term INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            codec INTEGER NOT NULL,
            body BLOB);
        CREATE TABLE state (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            generation INTEGER NOT NULL,
            last_seq INTEGER NOT NULL,
            purged_through INTEGER NOT NULL,
            incomplete INTEGER NOT NULL,
            documents INTEGER NOT NULL,
            tombstones INTEGER NOT NULL,
            body_bytes INTEGER NOT NULL,
            leaf_bytes INTEGER NOT NULL,
            overflow_pages INTEGER NOT NULL,
            id_bytes INTEGER NOT NULL,
            decoded_bytes INTEGER NOT NULL DEFAULT 0,
            encoding TEXT NOT NULL DEFAULT 'none');
        CREATE TABLE terms (term INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL);
        CREATE TABLE history (seq INTEGER PRIMARY KEY, checksum BLOB NOT NULL);
        CREATE TABLE refetch (id TEXT PRIMARY KEY, left_to_feed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE checkpoint (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            source_generation INTEGER NOT NULL,
            copy_target INTEGER NOT NULL,
            copied_through INTEGER NOT NULL,
            rows_copied INTEGER NOT NULL,
            tombstones_dropped INTEGER NOT NULL,
            ordered INTEGER NOT NULL,
            boot TEXT NOT NULL);
        """;

    public const string CreateIdIndex = "CREATE UNIQUE INDEX main.documents_by_id ON documents (id)";

    /// <summary>Creates the tables, with <see cref="DocumentsState.New"/>, in the caller's transaction.</summary>
    public static void Create(SqliteSession session, DocumentsState state)
    {
        session.Execute(Tables);
        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute($"PRAGMA user_version = {Version}");
        state.Write(session);
    }

    /// <summary>True if the file is still empty.</summary>
    public static bool IsEmpty(SqliteSession session) => session.Scalar("SELECT count(*) FROM main.sqlite_schema") == 0;

    /// <exception cref="CorruptFileException">Another kind of file, or of an older version.</exception>
    /// <exception cref="NewerVersionException"/>
    public static void Require(SqliteSession session)
    {
        var version = VersionOf(session);
        if (version != Version)
        {
            throw new CorruptFileException(session.File, $"it is a documents file of version {version}, not {Version}");
        }
    }

    /// <summary>Brings a file of an older version to the present one, in one transaction.</summary>
    /// <returns>The version that it had, or null if it is of the present one.</returns>
    /// <exception cref="CorruptFileException">Another kind of file.</exception>
    /// <exception cref="NewerVersionException"/>
    public static long? Migrate(SqliteSession session)
    {
        var version = VersionOf(session);
        if (version >= Version)
        {
            return null;
        }

        session.InTransaction(write: true, () =>
        {
            if (version == WithoutEncoding)
            {
                session.Execute(
                    """
                    ALTER TABLE state ADD COLUMN decoded_bytes INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE state ADD COLUMN encoding TEXT NOT NULL DEFAULT 'none';
                    UPDATE state SET decoded_bytes = body_bytes;
                    """);
            }

            session.Execute(
                $"""
                CREATE TABLE IF NOT EXISTS history (seq INTEGER PRIMARY KEY, checksum BLOB NOT NULL);
                DELETE FROM history;
                PRAGMA user_version = {Version};
                """);
        });
        return version;
    }

    private static long VersionOf(SqliteSession session)
    {
        var id = session.Scalar("PRAGMA application_id");
        var version = session.Scalar("PRAGMA user_version");
        if (id != ApplicationId || version < WithoutEncoding)
        {
            throw new CorruptFileException(session.File, $"it is not a documents file (application id {id:X}, version {version})");
        }

        return version <= Version ? version : throw new NewerVersionException(session.File, version, Version);
    }

    public static ChangeRecord ReadChange(SqliteRows row)
    {
        var deletedAt = row.GetInt64(4);
        return new ChangeRecord(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3),
            deletedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(deletedAt), ReadBody(row, 5));
    }

    /// <summary>The body from the columns <c>codec, body</c>.</summary>
    public static ReadOnlyMemory<byte> ReadBody(SqliteRows row, int codecColumn)
    {
        if (row.IsDBNull(codecColumn + 1))
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        return BodyCodec.Decode(row.GetInt64(codecColumn), row.GetFieldValue<byte[]>(codecColumn + 1));
    }
}
