using Microsoft.Data.Sqlite;

namespace Orchestrator.Storage.Sqlite;

/// <summary>The rows of a query, one at a time. Errors name the session's file.</summary>
internal sealed class SqliteRows(SqliteSession session, SqliteDataReader rows) : IDisposable
{
    /// <summary>Goes to the next row.</summary>
    /// <returns>False if there are no more.</returns>
    /// <exception cref="StorageException"/>
    public bool Read()
    {
        try
        {
            return rows.Read();
        }
        catch (SqliteException e)
        {
            throw session.Failed(e);
        }
    }

    public bool IsDBNull(int column) => rows.IsDBNull(column);

    public int GetInt32(int column) => rows.GetInt32(column);

    public long GetInt64(int column) => rows.GetInt64(column);

    public double GetDouble(int column) => rows.GetDouble(column);

    public string GetString(int column) => rows.GetString(column);

    public T GetFieldValue<T>(int column) => rows.GetFieldValue<T>(column);

    public void Dispose() => rows.Dispose();
}
