using System.Data.Common;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// Stands in the journal's way: a fact of a kind that nobody has died after yet is followed by nothing. Whoever wants to write the
/// next one is held inside of its write until it is killed; what it wanted to write is gone with it. Only facts of one request
/// follow one another freely, since they become lasting together. Expects a journal that stores one request a transaction.
/// The kind of a fact says what happened, and where, but not how often: <c>run step-started 2</c>.
/// </summary>
internal sealed class JournalGate : IDisposable
{
    private readonly JournalDatabase journal;
    private readonly DbConnection connection;

    /// <summary>Closes the way behind the facts that are there by now.</summary>
    public JournalGate(JournalDatabase journal)
    {
        this.journal = journal;
        connection = journal.Connect();
        Run("CREATE TABLE begun AS SELECT MAX(ordering) AS ordering FROM journal");
        Run(journal.Gate);
    }

    /// <summary>Everything that was stored after an entry, oldest first.</summary>
    /// <param name="after">Number of the entry in the whole journal; 0 for all.</param>
    public IReadOnlyList<JournalEntry> After(long after)
    {
        using var command = Command(
            "SELECT ordering, persistence_id, created, kind, manifest, message FROM facts WHERE ordering > @value ORDER BY ordering", after);
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
        using var command = Command("INSERT INTO survived (kind) VALUES (@value) ON CONFLICT DO NOTHING", kind);
        command.ExecuteNonQuery();
    }

    /// <summary>Lets everything pass.</summary>
    /// <returns>False while somebody is held: kill it first.</returns>
    public bool TryOpen()
    {
        try
        {
            Run(journal.OpenGate);
            return true;
        }
        catch (DbException e) when (journal.IsHeld(e))
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

    private DbCommand Command(string text, object value)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@value";
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return command;
    }
}
