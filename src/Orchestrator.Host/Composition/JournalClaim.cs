using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestrator.Actors.Membership;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Composition;

/// <summary>
/// The claim as the one row of a table beside the journal's. Each call is one statement, so that two processes cannot both succeed. Times are those
/// of the database's clock.
/// </summary>
internal sealed class JournalClaim(JournalSettings journal) : IClusterClaim
{
    private const string Create =
        "CREATE TABLE IF NOT EXISTS cluster_claim (id INTEGER PRIMARY KEY, cluster TEXT NOT NULL, members TEXT NOT NULL, renewed BIGINT NOT NULL)";

    private readonly bool _isSqlite = journal.ProviderName.StartsWith("SQLite", StringComparison.Ordinal);
    private volatile bool _isCreated;

    /// <summary>Milliseconds since 1970.</summary>
    private string Now => _isSqlite ? "CAST(unixepoch('subsec') * 1000 AS INTEGER)" : "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    public Task<ClusterClaim?> Read(CancellationToken cancellationToken) => Run<ClusterClaim?>(
        $"SELECT cluster, members, {Now} - renewed FROM cluster_claim WHERE id = 1",
        [],
        async command =>
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            return await row.ReadAsync(cancellationToken)
                ? new ClusterClaim(row.GetString(0), JsonSerializer.Deserialize<List<string>>(row.GetString(1)) ?? [], TimeSpan.FromMilliseconds(row.GetInt64(2)))
                : null;
        },
        cancellationToken);

    public Task<bool> Take(string cluster, string replaced, IReadOnlyList<string> members, TimeSpan staleAfter, CancellationToken cancellationToken) => Run(
        $"""
        INSERT INTO cluster_claim (id, cluster, members, renewed) VALUES (1, @cluster, @members, {Now})
        ON CONFLICT (id) DO UPDATE SET cluster = excluded.cluster, members = excluded.members, renewed = excluded.renewed
        WHERE cluster_claim.cluster IN (excluded.cluster, @replaced) OR excluded.renewed - cluster_claim.renewed >= @stale
        """,
        [("cluster", cluster), ("replaced", replaced), ("members", JsonSerializer.Serialize(members)), ("stale", (long)staleAfter.TotalMilliseconds)],
        async command => await command.ExecuteNonQueryAsync(cancellationToken) == 1,
        cancellationToken);

    public Task Release(string cluster, CancellationToken cancellationToken) => Run(
        "DELETE FROM cluster_claim WHERE cluster = @cluster",
        [("cluster", cluster)],
        command => command.ExecuteNonQueryAsync(cancellationToken),
        cancellationToken);

    /// <summary>Off the caller's thread: SQLite knows no asynchronous calls.</summary>
    private Task<T> Run<T>(
        string text, (string Name, object Value)[] parameters, Func<DbCommand, Task<T>> execute, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await using DbConnection connection = _isSqlite ? new SqliteConnection(journal.ConnectionString) : new NpgsqlConnection(journal.Database.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            if (!_isCreated)
            {
                await using var create = Command(connection, Create, []);
                await create.ExecuteNonQueryAsync(cancellationToken);
                _isCreated = true;
            }

            await using var command = Command(connection, text, parameters);
            return await execute(command);
        },
        cancellationToken);

    private static DbCommand Command(DbConnection connection, string text, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        command.CommandTimeout = 3;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
