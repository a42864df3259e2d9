using Akka.Cluster;

namespace Akka.Embedded.Tests.Cluster.Pure;

/// <summary>
/// The journal of the one persistence id that every singleton instance writes: it takes a write only under the next number,
/// as the unique key makes it do, and it outlives all processes. A cut between processes does not part them from it.
/// </summary>
internal sealed class SimulatedJournal
{
    private readonly List<(int Epoch, UniqueAddress Writer)> _events = [];

    public int Highest => _events.Count;

    public int Epoch => _events.Count == 0 ? 0 : _events[^1].Epoch;

    /// <summary>Writes refused because another instance had taken the number.</summary>
    public int Conflicts { get; private set; }

    /// <summary>The first write that was taken from an instance whose reign had ended, or null.</summary>
    public string? Violation { get; private set; }

    public UniqueAddress? LastWriter => _events.Count == 0 ? null : _events[^1].Writer;

    public bool Write(int number, int epoch, UniqueAddress writer)
    {
        if (number != _events.Count + 1)
        {
            Conflicts++;
            return false;
        }

        if (epoch < Epoch || (epoch == Epoch && !writer.Equals(LastWriter)))
        {
            Violation ??= $"{writer} writes {number} in epoch {epoch} after {LastWriter} in epoch {Epoch}";
        }

        _events.Add((epoch, writer));
        return true;
    }
}

/// <summary>
/// A singleton instance as its journal sees it: it recovers, begins an epoch of its own, and goes on writing. Of a write that is
/// refused it stops, and its parent starts it anew after a pause.
/// </summary>
internal sealed class SimulatedWriter(SimulatedCluster cluster, SimulatedProcess process)
{
    private const int RestartMs = 1000;
    private const int PauseMs = 400;
    private const int LatencyMs = 150;
    private int _known;
    private int _epoch;
    private bool _stopped;

    public void Start() => AtJournal(journal => (journal.Highest, journal.Epoch), read =>
    {
        (_known, _epoch) = (read.Highest, read.Epoch + 1);
        Write();
    });

    public void Stop() => _stopped = true;

    private void Write()
    {
        var (number, epoch) = (_known + 1, _epoch);
        AtJournal(journal => journal.Write(number, epoch, process.Self), accepted =>
        {
            _known = number;
            cluster.After(accepted ? PauseMs : RestartMs, process, () => IfRunning(accepted ? Write : Start));
        });
    }

    /// <summary>A request that has left the process reaches the journal also when the process ends or is frozen; its answer does not.</summary>
    private void AtJournal<T>(Func<SimulatedJournal, T> request, Action<T> answered) =>
        cluster.Network.At(cluster.NowMs + cluster.Delay(LatencyMs), () =>
        {
            var answer = request(cluster.Journal);
            cluster.After(cluster.Delay(LatencyMs), process, () => IfRunning(() => answered(answer)));
        });

    private void IfRunning(Action action)
    {
        if (!_stopped)
        {
            action();
        }
    }
}
