using System.Data.Common;

namespace Akka.Persistence.Storage.Sql;

/// <summary>A statement and the names of its parameters, in the order in which values are given.</summary>
internal sealed record SqlStatement(string Text, params string[] Parameters);

/// <summary>
/// One connection with its prepared statements, for one thread at a time. Statements are prepared once and kept,
/// by reference: use static instances only.
/// </summary>
internal sealed class SqlSession(DbConnection connection) : IDisposable
{
    private readonly Dictionary<SqlStatement, DbCommand> _commands = new(ReferenceEqualityComparer.Instance);
    private DbTransaction? _transaction;

    public DbConnection Connection { get; } = connection;

    /// <summary>Runs the work in a transaction that holds the write lock from its start; any exception undoes it.</summary>
    public void InTransaction(SqlDialect dialect, Action work)
    {
        _transaction = dialect.BeginWrite(Connection);
        try
        {
            work();
            _transaction.Commit();
        }
        finally
        {
            // Disposing a transaction that is not committed rolls it back.
            _transaction.Dispose();
            _transaction = null;
        }
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public int Execute(SqlStatement statement, params ReadOnlySpan<object?> values) => Bind(statement, values).ExecuteNonQuery();

    /// <summary>The first column of the first row, or null when there is none or it is NULL.</summary>
    public object? Scalar(SqlStatement statement, params ReadOnlySpan<object?> values) =>
        Bind(statement, values).ExecuteScalar() is { } value and not DBNull ? value : null;

    /// <summary>Reads all rows. The statement bounds how many there are.</summary>
    public List<T> Query<T>(SqlStatement statement, Func<DbDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        using var reader = Bind(statement, values).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }
        return rows;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
        Connection.Dispose();
    }

    private DbCommand Bind(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(statement, out var command))
        {
            command = Create(statement);
            _commands.Add(statement, command);
        }
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        command.Transaction = _transaction;
        return command;
    }

    private DbCommand Create(SqlStatement statement)
    {
        var command = Connection.CreateCommand();
        command.CommandText = statement.Text;
        foreach (var name in statement.Parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
