namespace Orchestrator.Cluster.Tests;

/// <summary>Reads the journal along and kills the process that hosts the supervisor once after each kind of fact, before another one is stored.</summary>
internal sealed class SupervisorKiller : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    private readonly TestCluster cluster;
    private readonly Action<string> log;
    private readonly JournalGate gate;
    private readonly List<JournalEntry> facts = [];
    private readonly HashSet<string> killedAfter = new(StringComparer.Ordinal);
    private readonly List<Task> restarts = [];
    private long last;
    private string host = "";
    private volatile bool isStopped;
    private long looks;

    public SupervisorKiller(TestCluster cluster, Action<string> log)
    {
        this.cluster = cluster;
        this.log = log;
        gate = new JournalGate(cluster.JournalDatabase);
        Read();
        facts.Clear();
    }

    /// <summary>What was stored since the beginning.</summary>
    public IReadOnlyList<JournalEntry> Facts => facts;

    /// <summary>Kinds of facts that were the last one once when the supervisor was killed.</summary>
    public IReadOnlySet<string> KilledAfter => killedAfter;

    /// <summary>Kinds of facts that another one followed, and after which nobody was ever killed.</summary>
    public IEnumerable<string> PassedOver => facts.Zip(facts.Skip(1))
        .Where(pair => !pair.Second.IsStoredWith(pair.First))
        .Select(pair => pair.First.Kind)
        .Distinct()
        .Except(killedAfter);

    /// <summary>Members that had a copy under way at the same time, at most.</summary>
    public int MostCompacting { get; private set; }

    /// <summary>Kills whenever the last fact is of a kind after which nobody was killed yet, until <see cref="Stop"/>.</summary>
    public async Task KillAfterEachKindOfFact(CancellationToken cancellationToken)
    {
        do
        {
            Read();
            if (facts.Count > 0 && !killedAfter.Contains(facts[^1].Kind))
            {
                await KillAfter(facts[^1]);
            }
            else
            {
                await Task.Delay(Poll, cancellationToken);
            }

            CountCompacting();
            await cluster.Supervisors.StartEnded();
        }
        while (!isStopped || !gate.TryOpen());

        await Task.WhenAll(restarts);
    }

    public Task Stop(Task killing)
    {
        isStopped = true;
        return killing;
    }

    public void Dispose() => gate.Dispose();

    private async Task KillAfter(JournalEntry fact)
    {
        var name = await cluster.Supervisors.Kill(host);
        killedAfter.Add(fact.Kind);
        log($"killed {name} after {fact.Ordering} {fact.Kind}");
        gate.Pass(fact.Kind);
        restarts.Add(cluster.Supervisors.StartAgain(name));
    }

    private void Read()
    {
        foreach (var fact in gate.After(last))
        {
            facts.Add(fact);
            last = fact.Ordering;
            host = fact.NewHost.Length > 0 ? fact.NewHost : host;
        }
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
