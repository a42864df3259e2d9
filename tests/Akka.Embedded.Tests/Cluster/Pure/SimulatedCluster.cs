using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

/// <summary>A handful of processes under a seeded schedule of crashes, restarts, cuts, pauses and leaving.</summary>
internal sealed class SimulatedCluster
{
    private const int TickMs = 100;

    private readonly Random _random;
    private readonly Random _latency;
    private readonly SimulatedNetwork _network;
    private readonly SimulatedProcess?[] _processes;
    private readonly List<string> _log = [];
    private int _nextUid = 1;

    public SimulatedCluster(int size, int seed)
    {
        _random = new Random(seed);
        _latency = new Random(~seed);
        _network = new SimulatedNetwork(_random);
        _processes = new SimulatedProcess?[size];
        FirstSeed = _random.Next(size);
        Seeds = [.. Enumerable.Range(0, size).Select(i => AddressOf((FirstSeed + i) % size))];
    }

    /// <summary>The slot of the first seed node.</summary>
    public int FirstSeed { get; }

    public ImmutableList<Address> Seeds { get; }

    public long NowMs => _network.NowMs;

    public IEnumerable<SimulatedProcess> Live => _processes.OfType<SimulatedProcess>();

    public SimulatedNetwork Network => _network;

    /// <summary>What the singleton instances write to.</summary>
    public SimulatedJournal Journal { get; } = new();

    /// <summary>The first broken promise, or null.</summary>
    public string? Violation { get; private set; }

    public string Story => string.Join('\n', _log);

    public static Address AddressOf(int slot) => new("akka.tcp", "sim", "127.0.0.1", 2550 + slot);

    /// <summary>How long a request to the journal or its answer takes, 1 ms to the limit.</summary>
    public long Delay(int limitMs) => 1 + _latency.Next(limitMs);

    public void Log(string text) => _log.Add($"{NowMs - 1_000_000,8} {text}");

    public void StartAll()
    {
        for (var slot = 0; slot < _processes.Length; slot++)
        {
            StartProcess(slot);
        }
    }

    public void StartProcess(int slot)
    {
        var process = new SimulatedProcess(this, slot, _nextUid++, NowMs);
        _processes[slot] = process;
        Log($"{2550 + slot}#{process.Self.Uid} starts");
        process.Start();
        ScheduleTick(slot, process);
    }

    /// <summary>
    /// True while the first seed node looks for a cluster. What keeps all others from answering it then makes it found one of
    /// its own: the one thing that configuration by seed nodes cannot prevent.
    /// </summary>
    public bool FirstSeedSearches => _processes[FirstSeed] is { Node.View: OutsideCluster };

    public SimulatedProcess? At(int slot) => _processes[slot];

    public void Crash(int slot)
    {
        Log($"{2550 + slot} crashes");
        _processes[slot] = null;
    }

    public void Freeze(int slot, long forMs)
    {
        if (_processes[slot] is { } process)
        {
            Log($"{2550 + slot} is frozen for {forMs}");
            process.FrozenUntilMs = Math.Max(process.FrozenUntilMs, NowMs + forMs);
        }
    }

    /// <summary>Cuts all links between the two groups; one way or both.</summary>
    public void Split(IReadOnlyCollection<int> group, bool oneWay)
    {
        Log($"cut {string.Join(',', group)} from the others{(oneWay ? " one way" : "")}");
        foreach (var inside in group)
        {
            foreach (var outside in Enumerable.Range(0, _processes.Length).Where(s => !group.Contains(s)))
            {
                _network.Cut(inside, outside);
                if (!oneWay)
                {
                    _network.Cut(outside, inside);
                }
            }
        }
    }

    public void Heal()
    {
        Log("healed");
        _network.Heal();
    }

    public void Run(long forMs) => _network.RunUntil(NowMs + forMs, Check);

    public void Send(int from, Address to, ClusterMessage message) =>
        Deliver(from, to.Port!.Value - 2550, process => process.Receive(message));

    public void SendTo(int from, UniqueAddress to, Action<SimulatedProcess> deliver) =>
        Deliver(from, to.Address.Port!.Value - 2550, process =>
        {
            if (process.Self.Equals(to))
            {
                deliver(process);
            }
        });

    public void After(long delayMs, SimulatedProcess process, Action action) => _network.At(NowMs + delayMs, () => WhenAwake(process, action));

    /// <summary>Restarts what has ended or crashed, as a process supervisor would.</summary>
    public void RestartEnded()
    {
        for (var slot = 0; slot < _processes.Length; slot++)
        {
            // See FirstSeedSearches.
            var othersAnswer = _network.IsWhole && Live.All(p => p.FrozenUntilMs <= NowMs);
            if (_processes[slot] is null or { Ended: true } && (slot != FirstSeed || othersAnswer))
            {
                StartProcess(slot);
            }
        }
    }

    private void Deliver(int from, int to, Action<SimulatedProcess> deliver) => _network.Send(from, to, () =>
    {
        if (_processes[to] is { } process)
        {
            WhenAwake(process, () => deliver(process));
        }
    });

    private void WhenAwake(SimulatedProcess process, Action action)
    {
        if (_processes[process.Self.Address.Port!.Value - 2550] != process)
        {
            return;
        }

        if (process.FrozenUntilMs > NowMs)
        {
            _network.At(process.FrozenUntilMs + 1, () => WhenAwake(process, action));
            return;
        }

        action();
    }

    private void ScheduleTick(int slot, SimulatedProcess process) => _network.At(NowMs + 1 + _random.Next(TickMs), () => Tick(slot, process));

    private void Tick(int slot, SimulatedProcess process)
    {
        if (_processes[slot] != process)
        {
            return;
        }

        WhenAwake(process, process.Tick);
        _network.At(Math.Max(NowMs + TickMs, process.FrozenUntilMs + 1), () => Tick(slot, process));
    }

    /// <summary>
    /// At no time do two instances run by the rules of membership, but for a process that was frozen: it needs a while to notice
    /// that it was given up, at the latest when it has heard nobody for stable-after. And at no time, with no exception, does an instance
    /// act, that is, run and have its write taken by the journal, after another one has begun a later epoch.
    /// </summary>
    private void Check()
    {
        if (Journal.Violation is { } written && Violation is null)
        {
            Violation = $"at {NowMs - 1_000_000} ms {written}";
            Log(Violation);
        }

        var thawGraceMs = SimulatedProcess.Settings.Membership.StableAfterMs + 2500;
        var acting = Live.Where(p => p.Acts && NowMs > p.FrozenUntilMs + (p.FrozenUntilMs > 0 ? thawGraceMs : 0)).ToList();
        if (acting.Count > 1 && Violation is null)
        {
            Violation = $"at {NowMs - 1_000_000} ms singletons act on {string.Join(" and ", acting.Select(p => p.Self.ToString()))}";
            Log(Violation);
        }
    }
}
