using System.Data.Common;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// What differs from one database product to the next; all other statements are common. A name in
/// <see cref="Known"/> is a value of <c>provider-name</c>, as in Akka.Persistence.Sql.
/// </summary>
internal abstract class SqlDialect
{
    private static readonly SqlDialect[] Known = [new SqliteDialect(), new PostgreSqlDialect()];

    /// <summary>The value of <c>provider-name</c>.</summary>
    public abstract string ProviderName { get; }

    /// <summary>Creates the tables that are missing. Each statement does nothing when its object is there.</summary>
    public abstract IReadOnlyList<SqlStatement> CreateSchema { get; }

    /// <summary>Finds the dialect. <paramref name="configPath"/> is the section that names it.</summary>
    /// <exception cref="ArgumentException">The provider is not known; the message lists those that are.</exception>
    public static SqlDialect For(string? providerName, string configPath) =>
        Known.FirstOrDefault(dialect => dialect.ProviderName == providerName)
        ?? throw new ArgumentException(
            $"{configPath}.provider-name: '{providerName}' is not one of {string.Join(", ", Known.Select(dialect => dialect.ProviderName))}.");

    /// <summary>Checks and completes the connection string. <paramref name="configPath"/> is the section it comes from.</summary>
    /// <exception cref="ArgumentException">It is missing, malformed, or names a database that cannot be shared.</exception>
    public abstract string Normalize(string? connectionString, string configPath);

    /// <summary>Opens a connection for reading.</summary>
    public DbConnection OpenReader(string connectionString) => Open(connectionString, PrepareReader);

    /// <summary>Opens a connection whose commits are durable.</summary>
    public DbConnection OpenWriter(string connectionString) => Open(connectionString, connection =>
    {
        PrepareReader(connection);
        PrepareWriter(connection);
    });

    /// <summary>Begins a transaction in which no other writer can interfere.</summary>
    public abstract DbTransaction BeginWrite(DbConnection connection);

    /// <summary>True when a unique constraint was violated.</summary>
    public abstract bool IsUniqueViolation(Exception exception);

    /// <summary>True when the failure lies in the values of one statement, so that others may still succeed.</summary>
    public abstract bool IsConfinedToStatement(Exception exception);

    /// <summary>The error, or one that tells the operator more.</summary>
    public virtual Exception Explain(Exception exception, string connectionString) => exception;

    /// <summary>How the time of a snapshot is stored; the time is UTC.</summary>
    public abstract object StoreSnapshotTime(DateTime time);

    /// <summary>The inverse of <see cref="StoreSnapshotTime"/>.</summary>
    public abstract DateTime LoadSnapshotTime(object stored);

    /// <summary>Makes a connection that is not open yet.</summary>
    protected abstract DbConnection Connect(string connectionString);

    /// <summary>Sets what every open connection needs.</summary>
    protected virtual void PrepareReader(DbConnection connection)
    {
    }

    /// <summary>Sets what makes commits durable.</summary>
    protected abstract void PrepareWriter(DbConnection connection);

    private DbConnection Open(string connectionString, Action<DbConnection> prepare)
    {
        var connection = Connect(connectionString);
        try
        {
            connection.Open();
            prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
