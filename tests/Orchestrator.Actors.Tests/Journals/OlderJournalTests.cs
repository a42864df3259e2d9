using System.Runtime.CompilerServices;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>
/// Journals that the last build without Akka.NET wrote, by <c>serve</c> and the command line: three runs that have ended and one that
/// waits for approval; a process that was killed between them; freezes, one of them still in force; facts that a snapshot has replaced.
/// </summary>
public sealed class OlderJournalTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private static readonly SupervisorOptions Options = new() { SnapshotInterval = 3, FactsKept = 0 };

    [Fact]
    public async Task A_SQLite_journal_of_an_earlier_build_opens()
    {
        using var file = new SqliteJournalFile();
        file.Run(Fixture("sqlite.sql"));

        await ExpectOpens("SQLite.MS", file.ConnectionString);
    }

    [SkippableFact]
    public async Task A_PostgreSQL_journal_of_an_earlier_build_opens()
    {
        var connectionString = server.NewDatabase();
        PostgreSqlServer.Run(connectionString, Fixture("postgresql.sql"));

        await ExpectOpens("PostgreSQL.15", connectionString);
    }

    /// <summary>Twice: what the first process has added, a snapshot included, is read by the second one.</summary>
    private static async Task ExpectOpens(string providerName, string connectionString)
    {
        await using (var process = new JournalProcess(providerName, connectionString, Options))
        {
            process.StartSupervisor();
            Assert.Equal(3, await process.Epoch());
            await ExpectHistory(process);
            await ExpectAudit(process, 13);
            Assert.Equal("until further notice", Assert.Single((await process.Ask<FreezeList>(new ListFreezes())).Freezes).Reason);
            await process.Ask<FreezeList>(new LiftFreeze("main", "somebody"));
            await process.Ask<FreezeList>(new StartFreeze("main", "somebody", "another one", null));
            await process.Ask<FreezeList>(new LiftFreeze("main", "somebody"));
            await process.StopSupervisor();
        }

        await using var next = new JournalProcess(providerName, connectionString, Options);
        next.StartSupervisor();
        Assert.Equal(4, await next.Epoch());
        await ExpectHistory(next);
        await ExpectAudit(next, 16);
        Assert.Empty((await next.Ask<FreezeList>(new ListFreezes())).Freezes);
    }

    private static async Task ExpectHistory(JournalProcess process)
    {
        // A reign begins before its runs have read their histories.
        var runs = ((RunPage)await process.Await(new ListRuns(), answer => answer is RunPage { Runs.Count: 4 })).Runs;
        Assert.Equal(
            [("waits for approval", "waiting"), ("second run", "completed"), ("refused", "completed"), ("first run", "completed")],
            runs.Select(run => (run.Comment, run.State)));
        var first = await process.Ask<RunEventBatch>(new ReadRunEvents(runs[^1].Id, 0, TimeSpan.Zero));
        Assert.Equal(18, first.Events.Count);
        Assert.Equal(8192, first.Run.BytesFreed);
    }

    private static async Task ExpectAudit(JournalProcess process, int entries)
    {
        var trail = (await process.Ask<AuditTrail>(new ReadAudit(0, 100))).Entries;
        Assert.Equal(Enumerable.Range(1, entries).Select(number => (long)number), trail.Select(entry => entry.Sequence));
        Assert.Equal(("start-run", "first run"), (trail[0].Action, trail[0].Detail));
    }

    private static string Fixture(string file, [CallerFilePath] string caller = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(caller)!, "..", "testdata", "journals", file));
}
