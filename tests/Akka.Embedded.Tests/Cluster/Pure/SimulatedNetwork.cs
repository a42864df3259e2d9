namespace Akka.Embedded.Tests.Cluster.Pure;

/// <summary>Messages under way in virtual time: delay, loss, duplication and cut links, all from one seed.</summary>
internal sealed class SimulatedNetwork(Random random)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private readonly HashSet<(int From, int To)> _cut = [];
    private long _order;

    public long NowMs { get; private set; } = 1_000_000;

    /// <summary>Part of the messages that is lost, 0 to 1.</summary>
    public double Loss { get; set; }

    public bool IsWhole => _cut.Count == 0;

    public void Cut(int from, int to) => _cut.Add((from, to));

    public void Heal() => _cut.Clear();

    public bool IsOpen(int from, int to) => !_cut.Contains((from, to));

    public void At(long atMs, Action action) => _due.Enqueue(action, (atMs, _order++));

    public void Send(int from, int to, Action deliver)
    {
        if (!IsOpen(from, to) || random.NextDouble() < Loss)
        {
            return;
        }

        var copies = random.Next(50) == 0 ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            At(NowMs + 1 + random.Next(random.Next(20) == 0 ? 300 : 20), () =>
            {
                if (IsOpen(from, to))
                {
                    deliver();
                }
            });
        }
    }

    /// <summary>Runs everything that is due before the given time.</summary>
    public void RunUntil(long untilMs, Action afterEach)
    {
        while (_due.TryPeek(out _, out var next) && next.At <= untilMs)
        {
            var action = _due.Dequeue();
            NowMs = next.At;
            action();
            afterEach();
        }

        NowMs = untilMs;
    }
}
