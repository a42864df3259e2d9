using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>
/// What is left in the journal when a process that was frozen goes on after another one took over, and is overtaken again: facts of
/// the first writer, of the second, and of the first once more.
/// </summary>
public sealed class TakingTurnsTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Fact]
    public async Task Two_processes_that_take_turns_on_SQLite_begin_an_epoch_each_time()
    {
        using var file = new SqliteJournalFile();
        await ExpectAnEpochEachTime("SQLite.MS", file.ConnectionString);
    }

    [SkippableFact]
    public async Task Two_processes_that_take_turns_on_PostgreSQL_begin_an_epoch_each_time() =>
        await ExpectAnEpochEachTime("PostgreSQL.15", server.NewDatabase());

    private static async Task ExpectAnEpochEachTime(string providerName, string connectionString)
    {
        await using var first = new JournalProcess(providerName, connectionString);
        await using var second = new JournalProcess(providerName, connectionString);
        for (var epoch = 1; epoch <= 5; epoch++)
        {
            var process = epoch % 2 == 1 ? first : second;
            process.StartSupervisor();
            Assert.Equal(epoch, await process.Epoch());
            await process.StopSupervisor();
        }
    }
}
