using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>A journal that cannot be read or written: what operators are told, and that the supervisor goes on by itself afterwards.</summary>
public sealed class JournalTroubleTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Fact]
    public void A_SQLite_journal_is_in_WAL_mode_and_its_commits_are_durable()
    {
        using var file = new SqliteJournalFile();
        var journal = SupervisorJournal.For(SupervisorJournal.Sqlite, file.ConnectionString);

        Assert.Null(journal.Prepare());
        Assert.Null(journal.Prepare());

        const string full = "2";
        using var connection = new SqliteConnection(journal.ConnectionString);
        connection.Open();
        Assert.Equal("wal", Ask(connection, "PRAGMA journal_mode"));
        Assert.Equal(full, Ask(connection, "PRAGMA synchronous"));
    }

    [Fact]
    public void A_locked_file_is_told_with_the_remedy()
    {
        using var file = new SqliteJournalFile();
        using var holder = new SqliteConnection(file.ConnectionString);
        holder.Open();
        Ask(holder, "CREATE TABLE t (n INTEGER)");
        Ask(holder, "BEGIN EXCLUSIVE");

        ExpectTrouble(SupervisorJournal.Sqlite, file.ConnectionString, "journal.sqlite is locked by another process that makes no progress");
    }

    [Fact]
    public void A_file_that_is_no_journal_is_told()
    {
        using var file = new SqliteJournalFile();
        File.WriteAllText(new SqliteConnectionStringBuilder(file.ConnectionString).DataSource, new string('x', 5000));

        ExpectTrouble(SupervisorJournal.Sqlite, file.ConnectionString, "journal.sqlite is not a SQLite database");
    }

    [Fact]
    public void A_missing_directory_is_told() =>
        ExpectTrouble(SupervisorJournal.Sqlite, "Data Source=/nowhere/journal.sqlite;Pooling=False", "/nowhere/journal.sqlite cannot be opened");

    [SkippableFact]
    public void A_database_that_does_not_exist_is_told()
    {
        var connectionString = server.NewDatabase().Replace("Database=", "Database=no-", StringComparison.Ordinal);

        ExpectTrouble(SupervisorJournal.PostgreSql, connectionString, " does not exist. Create it");
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_told() =>
        ExpectTrouble(SupervisorJournal.PostgreSql, "Host=127.0.0.1;Port=1;Username=u;Password=geheim;Database=d", "database d at 127.0.0.1 cannot be reached");

    [SkippableFact]
    public async Task A_supervisor_whose_server_was_away_goes_on_by_itself()
    {
        using var own = new PostgreSqlServer();
        var told = new ConcurrentQueue<string>();
        var connectionString = own.NewDatabase();
        var journal = SupervisorJournal.For(SupervisorJournal.PostgreSql, connectionString);
        await using var process = new JournalProcess(SupervisorJournal.PostgreSql, connectionString, Quick(journal, told));
        process.StartSupervisor();
        await process.Ask<FreezeList>(new StartFreeze("main", "somebody", "before", null));

        own.Crash();
        await process.Await(new StartFreeze("main", "somebody", "lost", null), answer => answer is RequestFailed { Code: FailureCode.Unavailable });
        own.Start();

        Assert.Equal(["before"], (await process.Ask<FreezeList>(new ListFreezes())).Freezes.Select(freeze => freeze.Reason));
        Assert.True(await process.Epoch() > 1);
        Assert.Contains(told, sentence => sentence.Contains("the journal's database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_supervisor_whose_file_was_locked_goes_on_by_itself()
    {
        using var file = new SqliteJournalFile();
        var told = new ConcurrentQueue<string>();
        var connectionString = $"{file.ConnectionString};Default Timeout=1";
        var journal = SupervisorJournal.For(SupervisorJournal.Sqlite, connectionString);
        await using var process = new JournalProcess(SupervisorJournal.Sqlite, connectionString, Quick(journal, told));
        process.StartSupervisor();
        await process.Ask<FreezeList>(new StartFreeze("main", "somebody", "before", null));
        using var holder = new SqliteConnection(file.ConnectionString);
        holder.Open();

        Ask(holder, "BEGIN IMMEDIATE");
        await process.Await(new StartFreeze("main", "somebody", "lost", null), answer => answer is RequestFailed { Code: FailureCode.Unavailable });
        Ask(holder, "ROLLBACK");

        Assert.Equal(["before"], (await process.Ask<FreezeList>(new ListFreezes())).Freezes.Select(freeze => freeze.Reason));
        Assert.True(await process.Epoch() > 1);
        Assert.Contains(told, sentence => sentence.Contains("is locked by another process", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SupervisorJournal.Sqlite, "journal.sqlite")]
    [InlineData(SupervisorJournal.Sqlite, "Data Source=:memory:")]
    [InlineData(SupervisorJournal.PostgreSql, "Database=d")]
    [InlineData("Oracle", "Data Source=x")]
    public void A_connection_string_that_names_no_shared_database_is_refused(string providerName, string connectionString) =>
        Assert.Throws<ArgumentException>(() => SupervisorJournal.For(providerName, connectionString));

    private static SupervisorOptions Quick(SupervisorJournal journal, ConcurrentQueue<string> told) => new()
    {
        RestartBackoff = TimeSpan.FromMilliseconds(100),
        ExplainJournalFailure = failure =>
        {
            var sentence = journal.Explain(failure);
            told.Enqueue(sentence);
            return sentence;
        },
    };

    private static void ExpectTrouble(string providerName, string connectionString, string expected)
    {
        var journal = SupervisorJournal.For(providerName, connectionString);

        var trouble = journal.Prepare();

        Assert.Contains(expected, trouble, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", trouble, StringComparison.Ordinal);
        Assert.Equal(trouble, journal.Explain(new TimeoutException("no answer")));
    }

    private static string? Ask(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar()?.ToString();
    }
}
