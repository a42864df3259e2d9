using Microsoft.Data.Sqlite;

namespace Orchestrator.Cluster.Tests;

/// <summary>Reads the journal along and kills the process that hosts the supervisor after chosen facts.</summary>
internal sealed class SupervisorKiller : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    private readonly TestCluster cluster;
    private readonly Action<string> log;
    private readonly SqliteConnection journal;
    private readonly List<JournalEntry> facts = [];
    private readonly HashSet<string> killedAfter = new(StringComparer.Ordinal);
    private readonly HashSet<string> passedOver = new(StringComparer.Ordinal);
    private readonly List<Task> restarts = [];
    private long last;
    private string host = "";
    private volatile bool isStopped;
    private long looks;

    public SupervisorKiller(TestCluster cluster, Action<string> log)
    {
        this.cluster = cluster;
        this.log = log;
        journal = Journal.Open(cluster.JournalFile);
        Read();
        facts.Clear();
    }

    /// <summary>What was stored since the beginning.</summary>
    public IReadOnlyList<JournalEntry> Facts => facts;

    /// <summary>Kinds of facts that were the last one once when the supervisor was killed.</summary>
    public IReadOnlySet<string> KilledAfter => killedAfter;

    /// <summary>Kinds of facts after which it should have been killed, but something else was stored before it died.</summary>
    public IEnumerable<string> PassedOver => passedOver.Except(killedAfter);

    /// <summary>Members that had a copy under way at the same time, at most.</summary>
    public int MostCompacting { get; private set; }

    /// <summary>Kills whenever the last fact is of a kind after which nobody was killed yet.</summary>
    public async Task KillAfterEachKindOfFact(CancellationToken cancellationToken)
    {
        while (!isStopped)
        {
            var fresh = Read();
            if (fresh.Count > 0 && host.Length > 0 && !killedAfter.Contains(fresh[^1].Kind))
            {
                await Kill(fresh[^1]);
            }
            else
            {
                await Task.Delay(Poll, cancellationToken);
            }

            CountCompacting();
        }

        await Task.WhenAll(restarts);
    }

    public Task Stop(Task killing)
    {
        isStopped = true;
        return killing;
    }

    public void Dispose() => journal.Dispose();

    private async Task Kill(JournalEntry wanted)
    {
        var name = await cluster.Supervisors.Kill(host);
        host = "";
        var later = Read();
        var actual = later.Count > 0 ? later[^1] : wanted;
        killedAfter.Add(actual.Kind);
        log($"killed {name} after {actual.Ordering} {actual.Kind}{(actual == wanted ? "" : $", meant for {wanted.Kind}")}");
        if (actual != wanted)
        {
            passedOver.Add(wanted.Kind);
        }

        restarts.Add(cluster.Supervisors.StartAgain(name));
    }

    private IReadOnlyList<JournalEntry> Read()
    {
        var fresh = Journal.After(journal, last);
        foreach (var fact in fresh)
        {
            facts.Add(fact);
            last = fact.Ordering;
            host = fact.NewHost.Length > 0 ? fact.NewHost : host;
        }

        return fresh;
    }

    /// <summary>A compaction's copy has a file of its own until it takes the place of the old one.</summary>
    private void CountCompacting()
    {
        if (looks++ % 50 == 0)
        {
            MostCompacting = Math.Max(MostCompacting, cluster.Cluster.Places.Count(place =>
                Directory.EnumerateFiles(cluster.DataOf(place.Name), "*.compact", SearchOption.AllDirectories).Any()));
        }
    }
}
