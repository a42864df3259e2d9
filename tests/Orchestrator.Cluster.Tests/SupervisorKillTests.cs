using System.Text.Json;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;
using Xunit.Abstractions;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// The process that hosts the supervisor is killed between any two facts of a run: once each right after every kind of fact at every
/// step has become the last one in the journal. Another process takes over, until the next such fact.
/// </summary>
[Collection(Lanes.Clusters)]
public sealed class SupervisorKillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly CancellationToken None = CancellationToken.None;

    [SkippableFact]
    public async Task A_run_whose_supervisor_is_killed_after_any_of_its_facts_completes_and_does_every_step_once()
    {
        LongTests.SkipUnlessWanted();
        await KillAfterAnyFact(journal: null);
    }

    [SkippableFact]
    public async Task The_same_with_a_journal_on_PostgreSQL()
    {
        LongTests.SkipUnlessWanted();
        using var server = new PostgreSqlServer();
        await KillAfterAnyFact(new PostgreSqlJournal(server.NewDatabase()));
    }

    private async Task KillAfterAnyFact(JournalDatabase? journal)
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", supervisors: 3, journal: journal);
        using var killer = new SupervisorKiller(cluster, output.WriteLine);
        using var limit = new CancellationTokenSource(Longest);
        var killing = killer.KillAfterEachKindOfFact(limit.Token);

        var following = Follow(cluster, limit.Token);

        // A killer that gives up must not leave everybody waiting for the next death.
        await await Task.WhenAny(following, killing);
        var done = await following;
        await killer.Stop(killing);

        Assert.True(done.State == "completed", $"{done.State}: {done.Reason}");
        Assert.Equal(1, killer.MostCompacting);
        ExpectOneStepAfterTheOther(killer.Facts);
        ExpectEveryUnitOnce(cluster, done);
        ExpectDeathsEverywhere(killer);
        await cluster.ExpectWhole();
    }

    private static async Task<RunDto> Follow(TestCluster cluster, CancellationToken cancellationToken)
    {
        var run = await StartRun(cluster, cancellationToken);
        return await new RunFollower(cluster.Cluster.Clients, TimeProvider.System, TestCluster.Patience).Follow(run, _ => { }, _ => { }, cancellationToken);
    }

    /// <summary>Asks until a run is there: the supervisor is killed meanwhile.</summary>
    private static async Task<string> StartRun(TestCluster cluster, CancellationToken cancellationToken)
    {
        var slow = new CompactionBody(
            DemoDirectory.ClusterName, null, new OptionsBody(null, null, 256 * 1024, null, null, null, "killed supervisors"));
        while (true)
        {
            try
            {
                return (await cluster.Cluster.Ask(client => client.StartRun(slow, cancellationToken))).Id;
            }
            catch (ApiException e) when (e.Problem is { Status: 409, RunId: { } known })
            {
                return known;
            }
            catch (Exception e) when (DemoCluster.IsPassing(e))
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <summary>No step begins before the one before it has ended; so the primary goes after all secondaries.</summary>
    private static void ExpectOneStepAfterTheOther(IReadOnlyList<JournalEntry> facts)
    {
        var ended = new List<int>();
        foreach (var fact in facts.Where(fact => fact.IsOfRun))
        {
            if (fact.Type is "step-started" or "step-down-ordered")
            {
                Assert.Equal(ended.Count + 1, fact.Step);
            }
            else if (fact.Type is "member-compacted" or "primary-stepped-down")
            {
                ended.Add(fact.Step);
            }
        }

        Assert.Equal([1, 2, 3, 4], ended);
    }

    /// <summary>By the nodes' own books.</summary>
    private static void ExpectEveryUnitOnce(TestCluster cluster, RunDto run)
    {
        foreach (var step in run.Steps.Where(step => step.Kind == "compact"))
        {
            using var ledger = JsonDocument.Parse(File.ReadAllText(Path.Combine(cluster.DataOf(step.Node), "compactions.json")));
            var ended = ledger.RootElement.GetProperty("statuses").EnumerateArray()
                .Where(status => status.GetProperty("ticket").GetProperty("runId").GetString() == run.Id)
                .ToList();
            Assert.All(ended, status => Assert.Equal(step.Number, status.GetProperty("ticket").GetProperty("step").GetInt32()));
            var compacted = ended.SelectMany(status => status.GetProperty("units").EnumerateArray()).Select(unit => unit.GetProperty("unit").ToString()).ToList();
            Assert.Distinct(compacted);
            Assert.Equal(step.Units.Count, compacted.Count);
        }
    }

    private void ExpectDeathsEverywhere(SupervisorKiller killer)
    {
        output.WriteLine($"{killer.KilledAfter.Count} deaths");
        Assert.Empty(killer.PassedOver);
        Assert.True(killer.KilledAfter.Count >= 25, $"only {killer.KilledAfter.Count} kinds of facts were somebody's last");
    }
}
