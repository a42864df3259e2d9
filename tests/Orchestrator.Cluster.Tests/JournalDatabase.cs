using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Orchestrator.Cluster.Tests;

/// <summary>Where the supervisors of a test write: a SQLite file or a PostgreSQL database.</summary>
internal abstract class JournalDatabase
{
    /// <summary>What the processes need in their configuration, in HOCON; empty for the file that they have anyhow.</summary>
    public abstract string Configuration { get; }

    /// <summary>
    /// SQL statements that make a view <c>facts</c>, a table <c>survived</c> and a trigger <c>gate</c>, which keeps a writer inside of its
    /// write while the last fact is of a kind that is not in that table, unless both belong to one request.
    /// </summary>
    public abstract string Gate { get; }

    /// <summary>SQL statement that removes the trigger; it fails within about a second while a writer is held.</summary>
    public abstract string OpenGate { get; }

    public abstract DbConnection Connect();

    /// <summary>Whether a failure is that of <see cref="OpenGate"/> while a writer is held.</summary>
    public abstract bool IsHeld(DbException failure);
}

internal sealed class SqliteJournal(string file) : JournalDatabase
{
    private const int Busy = 5;

    public override string Configuration => "";

    /// <summary>The endless view is how a writer is held: SQLite has no other way to wait within a statement.</summary>
    public override string Gate => """
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

    public override string OpenGate => "DROP TRIGGER gate";

    public override DbConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=1");
        connection.Open();
        return connection;
    }

    public override bool IsHeld(DbException failure) => failure is SqliteException { SqliteErrorCode: Busy };
}

/// <summary>The server must notice while a statement is at work that its client is gone (<c>client_connection_check_interval</c>).</summary>
internal sealed class PostgreSqlJournal(string connectionString) : JournalDatabase
{
    public override string Configuration =>
        $"orchestrator.journal {{ provider-name = PostgreSQL.15, connection-string = \"{connectionString}\" }}\n";

    /// <summary>
    /// Writers go through the gate one at a time, and a fact has its number in the order of the commits: that is what the reader and the
    /// gate itself take for the order in which facts became lasting.
    /// </summary>
    public override string Gate => """
        CREATE VIEW facts AS
          SELECT ordering, persistence_id, created, manifest, message,
            (CASE WHEN persistence_id LIKE 'run-%' THEN 'run' ELSE persistence_id END)
            || ' ' || COALESCE(json->'event'->>'type', regexp_replace(manifest, '^.*:', ''))
            || COALESCE(' ' || (json->>'step'), '')
            || COALESCE(' ' || (json->'result'->>'check'), '')
            || COALESCE(' ' || (json->'change'->>'node'), '')
            || COALESCE(' ' || (json->'change'->>'to'), '')
            || COALESCE(' ' || (json->'entry'->>'action'), '') AS kind
          FROM (SELECT *, convert_from(message, 'UTF8')::jsonb AS json FROM journal) AS entries;
        CREATE TABLE survived (kind TEXT NOT NULL PRIMARY KEY);
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          last RECORD;
        BEGIN
          PERFORM pg_advisory_xact_lock(1);
          NEW.ordering := nextval(pg_get_serial_sequence('journal', 'ordering'));
          SELECT * INTO last FROM facts ORDER BY ordering DESC LIMIT 1;
          IF last.ordering > (SELECT MAX(ordering) FROM begun)
              AND (last.persistence_id <> NEW.persistence_id OR last.created <> NEW.created)
              AND last.kind NOT IN (SELECT kind FROM survived) THEN
            PERFORM pg_sleep(3600);
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER gate BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION hold();
        """;

    public override string OpenGate => "SET lock_timeout = '1s'; DROP TRIGGER gate ON journal";

    public override DbConnection Connect()
    {
        var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        return connection;
    }

    public override bool IsHeld(DbException failure) => failure is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };
}
