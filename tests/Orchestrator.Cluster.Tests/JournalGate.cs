using Microsoft.Data.Sqlite;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// Stands in the journal's way: a fact of a kind that nobody has died after yet is followed by nothing. Whoever wants to write the
/// next one is held inside of its write until it is killed; what it wanted to write is gone with it. Only facts of one request
/// follow one another freely, since they become lasting together. Expects a journal that stores one request a transaction.
/// </summary>
internal sealed class JournalGate : IDisposable
{
    private const int Busy = 5;

    /// <summary>
    /// What happened, and where, but not how often: <c>run step-started 2</c>. The endless view is how a writer is held: SQLite has
    /// no other way to wait within a statement.
    /// </summary>
    private const string Build = """
        CREATE VIEW facts AS
          SELECT ordering, persistence_id, created, manifest, message,
            (CASE WHEN persistence_id LIKE 'run-%' THEN 'run' ELSE persistence_id END)
            || ' ' || COALESCE(json_extract(text, '$.event.type'), REPLACE(manifest, RTRIM(manifest, REPLACE(manifest, ':', '')), ''))
            || COALESCE(' ' || json_extract(text, '$.step'), '')
            || COALESCE(' ' || json_extract(text, '$.result.check'), '')
            || COALESCE(' ' || json_extract(text, '$.change.node'), '')
            || COALESCE(' ' || json_extract(text, '$.change.to'), '')
            || COALESCE(' ' || json_extract(text, '$.entry.action'), '') AS kind
          FROM (SELECT *, CAST(message AS TEXT) AS text FROM journal);
        CREATE TABLE survived (kind TEXT NOT NULL PRIMARY KEY);
        CREATE VIEW endless AS WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT n FROM numbers;
        CREATE TRIGGER gate BEFORE INSERT ON journal
        WHEN EXISTS (
          SELECT 1 FROM (SELECT * FROM facts ORDER BY ordering DESC LIMIT 1) AS last
          WHERE last.ordering > (SELECT MAX(ordering) FROM begun)
            AND (last.persistence_id <> NEW.persistence_id OR last.created <> NEW.created)
            AND last.kind NOT IN (SELECT kind FROM survived))
        BEGIN
          SELECT COUNT(*) FROM endless;
        END;
        """;

    private readonly SqliteConnection connection;

    /// <summary>Closes the way behind the facts that are there by now.</summary>
    public JournalGate(string file)
    {
        connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Run("CREATE TABLE begun AS SELECT MAX(ordering) AS ordering FROM journal");
        Run(Build);
    }

    /// <summary>Everything that was stored after an entry, oldest first.</summary>
    /// <param name="after">Number of the entry in the whole journal; 0 for all.</param>
    public IReadOnlyList<JournalEntry> After(long after)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT ordering, persistence_id, created, kind, manifest, message FROM facts WHERE ordering > $after ORDER BY ordering";
        command.Parameters.AddWithValue("$after", after);
        using var rows = command.ExecuteReader();
        var entries = new List<JournalEntry>();
        while (rows.Read())
        {
            entries.Add(new JournalEntry(
                rows.GetInt64(0), rows.GetString(1), rows.GetInt64(2), rows.GetString(3), rows.GetString(4), rows.GetFieldValue<byte[]>(5)));
        }

        return entries;
    }

    /// <summary>From now on facts of this kind may be followed by others. Only while nobody is held.</summary>
    public void Pass(string kind)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT OR IGNORE INTO survived (kind) VALUES ($kind)";
        command.Parameters.AddWithValue("$kind", kind);
        command.ExecuteNonQuery();
    }

    /// <summary>Lets everything pass.</summary>
    /// <returns>False while somebody is held: kill it first.</returns>
    public bool TryOpen()
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandTimeout = 1;
            command.CommandText = "DROP TRIGGER gate";
            command.ExecuteNonQuery();
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Busy)
        {
            return false;
        }
    }

    public void Dispose() => connection.Dispose();

    private void Run(string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
