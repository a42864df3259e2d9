using Akka.Remote;

namespace Akka.Cluster.Membership;

/// <summary>
/// The failure detectors of one node: every member asks every other one for a sign of life in each heartbeat
/// interval and judges it by the answers.
/// </summary>
internal sealed class PeerMonitor(ClusterNodeSettings settings)
{
    private readonly SortedDictionary<UniqueAddress, Peer> _peers = [];

    /// <summary>Watches exactly these nodes from now on.</summary>
    public void Watch(IReadOnlyCollection<UniqueAddress> nodes, long nowMs)
    {
        foreach (var gone in _peers.Keys.Where(n => !nodes.Contains(n)).ToList())
        {
            _peers.Remove(gone);
        }

        foreach (var node in nodes)
        {
            if (!_peers.ContainsKey(node))
            {
                _peers[node] = new Peer(new PhiAccrualFailureDetector(settings.FailureDetector), nowMs);
            }
        }
    }

    /// <summary>A node has answered.</summary>
    public void Answered(UniqueAddress node, long nowMs)
    {
        if (_peers.TryGetValue(node, out var peer))
        {
            peer.Detector.Heartbeat(nowMs);
            peer.LastHeardMs = nowMs;
        }
    }

    /// <summary>What the detectors say now of each watched node.</summary>
    public IReadOnlyList<(UniqueAddress Node, bool Unreachable, long LastHeardMs)> Judge(long nowMs)
    {
        var verdicts = new List<(UniqueAddress, bool, long)>(_peers.Count);
        foreach (var (node, peer) in _peers)
        {
            // A node that has never answered would never be suspected: the first answer is taken as due.
            if (!peer.Detector.IsMonitoring && nowMs - peer.WatchedSinceMs >= settings.ExpectedResponseAfterMs)
            {
                peer.Detector.Heartbeat(nowMs);
            }

            verdicts.Add((node, !peer.Detector.IsAvailable(nowMs), peer.LastHeardMs));
        }

        return verdicts;
    }

    private sealed class Peer(PhiAccrualFailureDetector detector, long watchedSinceMs)
    {
        public PhiAccrualFailureDetector Detector { get; } = detector;

        public long WatchedSinceMs { get; } = watchedSinceMs;

        public long LastHeardMs { get; set; } = watchedSinceMs;
    }
}
