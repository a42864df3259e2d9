using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>
/// One node's part in the cluster: the search for a cluster, heartbeats, gossip and the membership rules. Single-threaded
/// and deterministic: time and messages come in as arguments, effects go out as results.
/// </summary>
internal sealed class ClusterNode
{
    /// <summary>Time between two requests to be admitted, in milliseconds.</summary>
    private const long JoinEveryMs = 500;

    private readonly ClusterNodeSettings _settings;
    private readonly ImmutableHashSet<string> _roles;
    private readonly PeerMonitor _monitor;
    private readonly List<ClusterEffect> _effects = [];
    private ImmutableList<Address> _seeds = [];
    private SeedJoin? _search;
    private Address? _joinTarget;
    private bool _knowsCluster;
    private long _joinTargetSinceMs;
    private long _searchSinceMs;
    private long _nextJoinMs;
    private long _nextHeartbeatMs;
    private long _nextGossipMs;
    private long _nextAssessMs;
    private long _nextJudgeMs;
    private long _lastTickMs;
    private long _sequence;
    private long _nowMs;
    private long _unixMs;

    public ClusterNode(UniqueAddress self, ImmutableHashSet<string> roles, ClusterNodeSettings settings, long nowMs)
    {
        _settings = settings;
        _roles = roles;
        _monitor = new PeerMonitor(settings);
        _lastTickMs = nowMs;
        View = new OutsideCluster(self);
    }

    /// <summary>What the node knows.</summary>
    public MembershipView View { get; private set; }

    /// <summary>Looks for a cluster at the seed nodes.</summary>
    public IReadOnlyList<ClusterEffect> JoinSeedNodes(ImmutableList<Address> seeds, long nowMs, long unixMs) => Run(nowMs, unixMs, () =>
    {
        if (View is OutsideCluster && !seeds.IsEmpty)
        {
            _seeds = seeds;
            _searchSinceMs = nowMs;
            StartSearch();
        }
    });

    /// <summary>Joins the cluster of the node at the address; the own address founds one.</summary>
    public IReadOnlyList<ClusterEffect> Join(Address target, long nowMs, long unixMs) => Run(nowMs, unixMs, () =>
    {
        if (View is OutsideCluster)
        {
            _seeds = [];
            _searchSinceMs = nowMs;
            Follow([target.Equals(View.Self.Address) ? new SeedJoinStep.Found() : new SeedJoinStep.JoinTo(target)]);
        }
    });

    /// <summary>Carries out a command of the operator or of this node.</summary>
    public IReadOnlyList<ClusterEffect> Command(MembershipCommand command, long nowMs, long unixMs) =>
        Run(nowMs, unixMs, () => Execute(command));

    /// <summary>Does what is due; to be called several times in each configured interval.</summary>
    public IReadOnlyList<ClusterEffect> Tick(long nowMs, long unixMs) => Run(nowMs, unixMs, () =>
    {
        // A process that was frozen must first hear what happened meanwhile.
        if (nowMs - _lastTickMs > _settings.HeartbeatIntervalMs + (long)_settings.FailureDetector.AcceptablePauseMs)
        {
            Execute(new RestartStability());
        }

        _lastTickMs = nowMs;
        TickSearch();
        if (View is InsideCluster inside)
        {
            _monitor.Watch(Peers(inside), nowMs);
            TickInside();
        }
    });

    /// <summary>Takes a message of another node's daemon.</summary>
    public IReadOnlyList<ClusterEffect> Receive(ClusterMessage message, long nowMs, long unixMs) => Run(nowMs, unixMs, () =>
    {
        switch (message)
        {
            case InitJoin m:
                Send(m.From, IsOpen() ? new InitJoinAck(View.Self.Address) : new InitJoinNack(View.Self.Address));
                break;
            case InitJoinAck m when View is OutsideCluster:
                Follow(_search?.Acknowledged(m.From) ?? []);
                break;
            case InitJoinNack m when View is OutsideCluster:
                Follow(_search?.Declined(m.From, nowMs) ?? []);
                break;
            case JoinRequest m:
                Execute(new AdmitNode(m.Node, m.Roles));
                break;
            case Welcome m when m.To.Equals(View.Self) && View is OutsideCluster:
                Execute(new AcceptWelcome(m.From, m.Gossip));
                break;
            case GossipEnvelope m when m.To.Equals(View.Self):
                Execute(new ReceiveGossip(m.From, m.Gossip, m.IsFate));
                break;
            case Heartbeat m when m.To.Equals(View.Self) && Counts(m.From):
                Send(m.From.Address, new HeartbeatResponse(View.Self, m.From, m.Sequence));
                break;
            case HeartbeatResponse m when m.To.Equals(View.Self):
                _monitor.Answered(m.From, nowMs);
                break;
        }
    });

    private List<ClusterEffect> Run(long nowMs, long unixMs, Action action)
    {
        _nowMs = nowMs;
        _unixMs = unixMs;
        _effects.Clear();
        action();
        return [.. _effects];
    }

    /// <summary>
    /// Only members are answered: a node that this one does not know, or has given up, must find that out.
    /// </summary>
    private bool Counts(UniqueAddress node) => View is InsideCluster inside && inside.Gossip.Find(node)?.Stage.IsAlive() == true;

    private bool IsOpen() => View is InsideCluster { SelfEntry.Stage: < MemberStage.Exiting };

    private void TickInside()
    {
        if (IsDue(ref _nextJudgeMs, _settings.ReaperIntervalMs))
        {
            foreach (var (node, unreachable, lastHeardMs) in _monitor.Judge(_nowMs))
            {
                Execute(new ObserveNode(node, unreachable, lastHeardMs));
            }
        }

        // The losing side must not be late.
        if (IsDue(ref _nextAssessMs, _settings.LeaderActionsIntervalMs) || View is InsideCluster { LosingSinceMs: < InsideCluster.Never })
        {
            Execute(new AssessCluster());
        }

        if (View is InsideCluster inside && IsDue(ref _nextHeartbeatMs, _settings.HeartbeatIntervalMs))
        {
            _sequence++;
            foreach (var peer in Peers(inside))
            {
                Send(peer.Address, new Heartbeat(View.Self, peer, _sequence));
            }
        }

        if (View is InsideCluster current && IsDue(ref _nextGossipMs, _settings.GossipIntervalMs))
        {
            SendGossip(current.Gossip, Peers(current));
        }
    }

    private void TickSearch()
    {
        if (View is not OutsideCluster || (_search is null && _joinTarget is null))
        {
            return;
        }

        if (_settings.ShutdownAfterUnsuccessfulJoinMs >= 0 && _nowMs - _searchSinceMs >= _settings.ShutdownAfterUnsuccessfulJoinMs)
        {
            _search = null;
            _joinTarget = null;
            _effects.Add(new ClusterEffect.JoinFailed());
            return;
        }

        if (_joinTarget is null)
        {
            Follow(_search!.Tick(_nowMs));
            return;
        }

        if (!_seeds.IsEmpty && _nowMs - _joinTargetSinceMs >= _settings.RetryUnsuccessfulJoinAfterMs)
        {
            StartSearch();
        }
        else if (_nowMs >= _nextJoinMs)
        {
            _nextJoinMs = _nowMs + JoinEveryMs;
            Send(_joinTarget, new JoinRequest(View.Self, _roles));
        }
    }

    private void StartSearch()
    {
        _joinTarget = null;
        _search = new SeedJoin(View.Self.Address, _seeds, _nowMs, _settings.SeedNodeTimeoutMs, _knowsCluster);
        Follow(_search.Tick(_nowMs));
    }

    private void Follow(IReadOnlyList<SeedJoinStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case SeedJoinStep.Ask ask:
                    Send(ask.Seed, new InitJoin(View.Self.Address));
                    break;
                case SeedJoinStep.JoinTo join:
                    _knowsCluster = true;
                    _joinTarget = join.Seed;
                    _joinTargetSinceMs = _nowMs;
                    _nextJoinMs = _nowMs + JoinEveryMs;
                    Send(join.Seed, new JoinRequest(View.Self, _roles));
                    break;
                case SeedJoinStep.Found:
                    Execute(new FoundCluster(_roles));
                    break;
            }
        }
    }

    private void Execute(MembershipCommand command)
    {
        var before = View;
        var environment = new MembershipEnvironment(_nowMs, _unixMs, _settings.Membership);
        var decision = MembershipDecider.Decide(View, command, environment);
        View = MembershipDecider.Evolve(View, decision.Events);
        if (before is OutsideCluster && View is InsideCluster)
        {
            _search = null;
            _joinTarget = null;
        }

        foreach (var effect in decision.Effects)
        {
            Carry(effect);
        }

        var changed = before.GetType() != View.GetType() || (GossipOf(before) is { } old && !old.SameAs(GossipOf(View)!));
        if (changed)
        {
            _effects.Add(new ClusterEffect.ViewChanged(before, View));
            SpreadChange(before);
        }

        // The founder of a cluster is its leader and converges with itself at once.
        if (before is OutsideCluster && View is InsideCluster)
        {
            Execute(new AssessCluster());
        }
    }

    /// <summary>
    /// Every change goes to all peers at once, also to those that it removes: a change takes one round trip to
    /// converge instead of gossip intervals. It ends by itself, since a state that brings nothing new is not passed on.
    /// </summary>
    private void SpreadChange(MembershipView before)
    {
        if (GossipOf(View) is not { } gossip)
        {
            return;
        }

        var known = GossipOf(before)?.Members.Keys ?? [];
        var targets = gossip.Members.Keys.Union(known).Where(n => !n.Equals(View.Self)).ToList();
        SendGossip(gossip, targets);
        if (View is InsideCluster inside)
        {
            _monitor.Watch(Peers(inside), _nowMs);
        }
    }

    private void Carry(MembershipEffect effect)
    {
        switch (effect)
        {
            case SendWelcome welcome when View is InsideCluster inside:
                Send(welcome.To.Address, new Welcome(View.Self, welcome.To, inside.Gossip));
                break;
            case TellFate fate when GossipOf(View) is { } gossip:
                Send(fate.To.Address, new GossipEnvelope(View.Self, fate.To, gossip, IsFate: true));
                break;
        }
    }

    private void SendGossip(Gossip gossip, IEnumerable<UniqueAddress> targets)
    {
        foreach (var target in targets)
        {
            Send(target.Address, new GossipEnvelope(View.Self, target, gossip, IsFate: false));
        }
    }

    private void Send(Address to, ClusterMessage message) => _effects.Add(new ClusterEffect.Send(to, message));

    private bool IsDue(ref long nextMs, long intervalMs)
    {
        if (_nowMs < nextMs)
        {
            return false;
        }

        nextMs = _nowMs + intervalMs;
        return true;
    }

    private static List<UniqueAddress> Peers(InsideCluster view) =>
        [.. view.Gossip.Members.Values.Where(m => m.Stage.IsAlive() && !m.Node.Equals(view.Self)).Select(m => m.Node)];

    private static Gossip? GossipOf(MembershipView view) => view switch
    {
        InsideCluster inside => inside.Gossip,
        OutOfCluster ended => ended.LastGossip,
        _ => null,
    };
}
