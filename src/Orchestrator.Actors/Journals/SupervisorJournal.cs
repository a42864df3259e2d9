using System.Data.Common;
using System.Net.Sockets;

namespace Orchestrator.Actors.Journals;

/// <summary>
/// The database of the supervisor's journal: what Akka.Persistence.Sql leaves to whoever uses it. The plugin itself makes the tables,
/// writes and reads.
/// </summary>
public abstract class SupervisorJournal
{
    /// <summary>Values of <c>orchestrator.journal.provider-name</c>, which are names of the plugin too.</summary>
    public const string Sqlite = "SQLite.MS";

    /// <inheritdoc cref="Sqlite"/>
    public const string PostgreSql = "PostgreSQL.15";

    /// <summary>For the plugin: as configured, with what the product wants where nothing is said. May hold a password.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>Finds the database by its settings.</summary>
    /// <param name="providerName"><see cref="Sqlite"/> or <see cref="PostgreSql"/>.</param>
    /// <param name="connectionString">A connection string of that database.</param>
    /// <exception cref="ArgumentException">The connection string cannot be understood; the message says what is wrong with it, without its values.</exception>
    public static SupervisorJournal For(string providerName, string connectionString) => providerName switch
    {
        Sqlite => new SqliteSupervisorJournal(connectionString),
        PostgreSql => new PostgreSqlSupervisorJournal(connectionString),
        _ => throw new ArgumentException($"'{providerName}' is not one of {Sqlite}, {PostgreSql}", nameof(providerName)),
    };

    /// <summary>
    /// Brings a database that is there into the state that this build needs. Does nothing the second time; several processes may do it at
    /// once, also while others write.
    /// </summary>
    /// <returns>What is in the way, for an operator, with the remedy: to be tried again later. Null when it is done.</returns>
    public string? Prepare() => Use(Prepare);

    /// <summary>Whether a database that is there can be opened and read. Changes nothing.</summary>
    /// <returns>As <see cref="Prepare()"/>.</returns>
    public string? Check() => Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = Probe;
        command.ExecuteScalar();
    });

    /// <summary>Why the journal could not be read or written, for an operator, with the remedy.</summary>
    /// <param name="failure">What the plugin has thrown. If it only got no answer in time, the database is asked itself.</param>
    public string Explain(Exception failure) => FindKnown(failure) ?? Prepare() ?? $"{Name}: {failure.Message}";

    /// <summary>What operators know the database by; never with a password.</summary>
    protected abstract string Name { get; }

    /// <summary>A statement that reads the database and changes nothing.</summary>
    protected abstract string Probe { get; }

    /// <summary>What the connection string means, with a short time-out.</summary>
    protected abstract DbConnection Connect();

    /// <inheritdoc cref="Prepare()"/>
    protected abstract void Prepare(DbConnection connection);

    /// <summary>A sentence; null for a failure that says nothing about the database as a whole.</summary>
    protected abstract string? ExplainDatabase(DbException failure);

    private string? Use(Action<DbConnection> work)
    {
        try
        {
            using var connection = Connect();
            connection.Open();
            work(connection);
            return null;
        }
        catch (Exception e) when (e is DbException or SocketException or TimeoutException or IOException)
        {
            return FindKnown(e) ?? $"{Name}: {e.Message}";
        }
    }

    private string? FindKnown(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException database && ExplainDatabase(database) is { } known)
            {
                return known;
            }

            if (cause is SocketException socket)
            {
                return $"{Name} cannot be reached: {socket.Message}";
            }
        }

        return null;
    }
}
