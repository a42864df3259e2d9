using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>How unkind the world is.</summary>
/// <param name="Reorder">Whether messages overtake each other; if not, each pair keeps its order, as actors do.</param>
/// <param name="Loss">Probability that a message is lost.</param>
/// <param name="Duplication">Probability that a message arrives twice.</param>
/// <param name="MaxDelayMs">Longest time under way.</param>
/// <param name="CrashesPerMinute">Crashes of members; they come back.</param>
/// <param name="PartitionsPerMinute">Times at which a process is cut off from all others for a while.</param>
/// <param name="NewSupervisorsPerMinute">Times at which another supervisor appears.</param>
/// <param name="StepDownsPerMinute">Times at which a supervisor is asked to step its primary down.</param>
/// <param name="SharedJournal">
/// Whether supervisors share one journal, so that a replaced one cannot write; if not, each has its own, and only
/// promises and epochs stand between them.
/// </param>
internal sealed record SimFaults(
    bool Reorder,
    double Loss,
    double Duplication,
    int MaxDelayMs,
    double CrashesPerMinute,
    double PartitionsPerMinute,
    double NewSupervisorsPerMinute,
    double StepDownsPerMinute,
    bool SharedJournal)
{
    /// <summary>
    /// Probability that a member restarts without the end of its logs: the disk had not kept what it said it had. Never two members of a
    /// set at the same time, since what is on no disk any more cannot be saved.
    /// </summary>
    public double CutLogs { get; init; }

    /// <summary>Probability that a compaction fails at its end.</summary>
    public double FailedCompactions { get; init; }

    public static SimFaults None { get; } = new(false, 0, 0, 20, 0, 0, 0, 0, true);
}

/// <summary>A seeded, single-threaded world of members and supervisors with virtual time.</summary>
internal sealed class SimWorld
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly PriorityQueue<(string From, string To, object Message), (DateTimeOffset At, long Order)> _network = new();
    private readonly Dictionary<(string From, string To), DateTimeOffset> _lastArrival = [];
    private readonly Dictionary<string, DateTimeOffset> _cutOffUntil = [];
    private readonly Dictionary<string, DateTimeOffset> _downUntil = [];
    private readonly string[] _names;
    private long _order;
    private long _writes;

    /// <param name="members">Of each replica set.</param>
    public SimWorld(int seed, int members, SimFaults faults, int sets = 1)
    {
        Random = new Random(seed);
        Faults = faults;
        Sets = [.. Enumerable.Range(1, sets).Select(number => new ReplicaSetDefinition(
            number == 1 ? Some.Set : $"rs{number}",
            Enumerable.Range(((number - 1) * members) + 1, members).Select(i => $"node-{i}").ToList()))];
        Nodes = Sets.SelectMany(set => set.Members.Select(name => new SimNode(name, set, this))).ToDictionary(node => node.Name);
        _names = [.. Nodes.Keys];
        Journal = new SimJournal();
        Checks = new SimChecks();
    }

    public Random Random { get; }

    public SimFaults Faults { get; set; }

    public IReadOnlyList<ReplicaSetDefinition> Sets { get; }

    /// <summary>The first replica set; the only one in most worlds.</summary>
    public ReplicaSetDefinition Set => Sets[0];

    public IReadOnlyDictionary<string, SimNode> Nodes { get; }

    public List<SimSupervisor> Supervisors { get; } = [];

    public SimJournal Journal { get; }

    public SimChecks Checks { get; }

    public DateTimeOffset Now { get; private set; } = Some.Noon;

    public ReplicaSetPolicy SetPolicy { get; init; } = ReplicaSetPolicy.Default with
    {
        UnreachableAfter = TimeSpan.FromSeconds(3),
        FailoverGrace = TimeSpan.FromSeconds(6),
    };

    /// <summary>What window and freezes allow now.</summary>
    public RunGate Gate { get; set; } = RunGate.Open;

    /// <summary>Runs every step after the faults, before messages are delivered.</summary>
    public Action EachStep { get; set; } = () => { };

    public bool HasEqualLogs => SimNode.Collections.All(name =>
        Nodes.Values.All(node => node.Logs[name].SequenceEqual(Nodes[node.Set.Members[0]].Logs[name])));

    public SimSupervisor NewSupervisor()
    {
        var journal = Faults.SharedJournal ? Journal : new SimJournal();
        var epoch = Supervisors.Count == 0 ? 1 : Supervisors.Max(supervisor => supervisor.Epoch) + 1;
        var supervisor = new SimSupervisor($"supervisor-{epoch}", epoch, this, journal);
        Supervisors.Add(supervisor);
        return supervisor;
    }

    public void Send(string from, string to, object message)
    {
        var copies = Random.NextDouble() < Faults.Loss ? 0 : Random.NextDouble() < Faults.Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var at = Now + TimeSpan.FromMilliseconds(Random.Next(1, Faults.MaxDelayMs + 1));
            if (!Faults.Reorder && _lastArrival.TryGetValue((from, to), out var last) && last > at)
            {
                at = last;
            }

            _lastArrival[(from, to)] = at;
            _network.Enqueue((from, to, message), (at, _order++));
        }
    }

    /// <summary>Lets time pass until a condition holds, at most for a while. Gives whether it came to hold.</summary>
    public bool Run(TimeSpan atMost, Func<bool> until)
    {
        var end = Now + atMost;
        while (Now < end)
        {
            if (until())
            {
                return true;
            }

            Now += Step;
            MakeFaults();
            EachStep();
            Deliver();
            foreach (var node in Nodes.Values.Where(node => node.IsUp))
            {
                node.Tick();
            }

            foreach (var supervisor in Supervisors.Where(supervisor => supervisor.IsAlive).ToList())
            {
                supervisor.Tick();
            }

            Checks.AfterStep(this);
        }

        return until();
    }

    /// <summary>A client writes somewhere, with <c>w=majority</c>.</summary>
    public void WriteSomewhere()
    {
        var node = Nodes[_names[Random.Next(_names.Length)]];
        if (node.IsUp)
        {
            node.Write(SimNode.Collections[Random.Next(SimNode.Collections.Count)], $"w{_writes++}");
        }
    }

    /// <summary>No more faults: everybody is up and reachable.</summary>
    public void Heal()
    {
        Faults = SimFaults.None with { SharedJournal = Faults.SharedJournal };
        _cutOffUntil.Clear();
        _downUntil.Clear();
        foreach (var node in Nodes.Values.Where(node => !node.IsUp))
        {
            node.Start();
        }
    }

    public void Crash(SimNode node, TimeSpan downFor)
    {
        node.Crash();
        _downUntil[node.Name] = Now + downFor;
    }

    private void MakeFaults()
    {
        foreach (var (name, until) in _downUntil.Where(entry => entry.Value <= Now).ToList())
        {
            _downUntil.Remove(name);
            Nodes[name].Start(cutLogs: Random.NextDouble() < Faults.CutLogs && MayCut(Nodes[name]));
        }

        if (Happens(Faults.CrashesPerMinute))
        {
            var node = Nodes[_names[Random.Next(_names.Length)]];
            if (node.IsUp)
            {
                Crash(node, TimeSpan.FromSeconds(Random.Next(1, 15)));
            }
        }

        if (Happens(Faults.PartitionsPerMinute))
        {
            var names = _names.Concat(Supervisors.Where(supervisor => supervisor.IsAlive).Select(supervisor => supervisor.Name)).ToList();
            _cutOffUntil[names[Random.Next(names.Count)]] = Now + TimeSpan.FromSeconds(Random.Next(1, 15));
        }

        if (Happens(Faults.StepDownsPerMinute))
        {
            AskForStepDown();
        }

        if (Happens(Faults.NewSupervisorsPerMinute))
        {
            NewSupervisor();
        }
    }

    private bool MayCut(SimNode node) => node.Set.Members.All(member => member == node.Name || Nodes[member].IsWhole);

    private void AskForStepDown()
    {
        var alive = Supervisors.Where(supervisor => supervisor.IsAlive).ToList();
        if (alive.Count > 0)
        {
            alive[Random.Next(alive.Count)].StepDown(Sets[Random.Next(Sets.Count)].Name);
        }
    }

    private bool Happens(double perMinute) => Random.NextDouble() < perMinute * Step.TotalMinutes;

    private bool IsCutOff(string name) => _cutOffUntil.TryGetValue(name, out var until) && until > Now;

    private void Deliver()
    {
        while (_network.TryPeek(out _, out var key) && key.At <= Now)
        {
            var (from, to, message) = _network.Dequeue();
            if (IsCutOff(from) || IsCutOff(to))
            {
                continue;
            }

            if (Nodes.TryGetValue(to, out var node))
            {
                if (node.IsUp)
                {
                    node.Receive(from, message);
                }
            }
            else if (Supervisors.Find(supervisor => supervisor.Name == to) is { IsAlive: true } supervisor)
            {
                supervisor.Receive(message);
            }
        }
    }
}
