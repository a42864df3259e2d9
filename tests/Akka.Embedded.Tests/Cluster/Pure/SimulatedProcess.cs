using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;
using Akka.Cluster.Tools.Singleton;
using Akka.Remote;

namespace Akka.Embedded.Tests.Cluster.Pure;

/// <summary>One incarnation of a process: the real cluster node and the real singleton rules, driven in virtual time.</summary>
internal sealed class SimulatedProcess
{
    public const long RemovalMarginMs = 2000;

    public static readonly ClusterNodeSettings Settings = new(
        new MembershipSettings(1, ImmutableDictionary<string, int>.Empty, StableAfterMs: 4000, MajorityRole: "", TombstoneLifeMs: 86_400_000, DetectionMs: 4000),
        new PhiAccrualSettings(8, 1000, 100, 3000, 1000),
        HeartbeatIntervalMs: 1000,
        ExpectedResponseAfterMs: 1000,
        GossipIntervalMs: 1000,
        LeaderActionsIntervalMs: 1000,
        ReaperIntervalMs: 1000,
        SeedNodeTimeoutMs: 5000,
        RetryUnsuccessfulJoinAfterMs: 10000,
        ShutdownAfterUnsuccessfulJoinMs: -1);

    private readonly SimulatedCluster _cluster;
    private readonly int _slot;
    private SingletonState _singleton;
    private bool _exitConfirmed;
    private SimulatedWriter? _writer;

    public SimulatedProcess(SimulatedCluster cluster, int slot, int uid, long nowMs)
    {
        _cluster = cluster;
        _slot = slot;
        Self = new UniqueAddress(SimulatedCluster.AddressOf(slot), uid);
        Node = new ClusterNode(Self, [], Settings, nowMs);
        _singleton = SingletonState.Initial(Self, "", RemovalMarginMs);
    }

    public UniqueAddress Self { get; }

    public ClusterNode Node { get; }

    /// <summary>Frozen until this time: does nothing and takes nothing from the network.</summary>
    public long FrozenUntilMs { get; set; } = long.MinValue;

    /// <summary>True while a singleton instance handles messages in this process.</summary>
    public bool Acts => _singleton.Phase is InstancePhase.Running or InstancePhase.Stopping;

    public bool Ended => Node.View is OutOfCluster;

    public void Start() => Run(Node.JoinSeedNodes(_cluster.Seeds, _cluster.NowMs, _cluster.NowMs));

    public void Leave() => Run(Node.Command(new LeaveNode(Self.Address), _cluster.NowMs, _cluster.NowMs));

    public void Tick()
    {
        Run(Node.Tick(_cluster.NowMs, _cluster.NowMs));
        Feed(new SingletonInput.Tick());
    }

    public void Receive(ClusterMessage message) => Run(Node.Receive(message, _cluster.NowMs, _cluster.NowMs));

    public void Feed(SingletonInput input)
    {
        (_singleton, var effects) = SingletonRules.Decide(_singleton, input, _cluster.NowMs);
        foreach (var effect in effects)
        {
            Carry(effect);
        }
    }

    private void Carry(SingletonEffect effect)
    {
        switch (effect)
        {
            case SingletonEffect.Start:
                _cluster.Log($"{Self.Address.Port}#{Self.Uid} starts the singleton");
                _writer = new SimulatedWriter(_cluster, this);
                _writer.Start();
                break;
            case SingletonEffect.StopGently or SingletonEffect.StopNow:
                _cluster.After(20, this, () =>
                {
                    _writer?.Stop();
                    Feed(new SingletonInput.InstanceStopped());
                });
                break;
            case SingletonEffect.AskHandOver ask:
                _cluster.SendTo(_slot, ask.Of, p => p.Feed(new SingletonInput.HandOverAsked(Self)));
                break;
            case SingletonEffect.TellHandedOver tell:
                _cluster.SendTo(_slot, tell.To, p => p.Feed(new SingletonInput.HandOverDone(Self)));
                break;
            case SingletonEffect.ReadyToExit when !_exitConfirmed && _singleton.SelfMember?.Status == MemberStatus.Exiting:
                _exitConfirmed = true;
                Run(Node.Command(new ConfirmExit(), _cluster.NowMs, _cluster.NowMs));
                break;
        }
    }

    private void Run(IReadOnlyList<ClusterEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ClusterEffect.Send send:
                    _cluster.Send(_slot, send.To, send.Message);
                    break;
                case ClusterEffect.ViewChanged changed:
                    Publish(changed);
                    break;
            }
        }
    }

    private void Publish(ClusterEffect.ViewChanged changed)
    {
        foreach (var happened in DomainEvents.Between(changed.Before, changed.After))
        {
            switch (happened)
            {
                case ClusterEvent.MemberRemoved removed:
                    _cluster.Log($"{Self.Address.Port}#{Self.Uid} sees {removed.Member.Address.Port}#{removed.Member.UniqueAddress.Uid} removed from {removed.PreviousStatus}");
                    Feed(new SingletonInput.Gone(removed.Member, removed.PreviousStatus));
                    break;
                case ClusterEvent.IMemberEvent member:
                    Feed(new SingletonInput.Seen(member.Member));
                    break;
                case ClusterEvent.ClusterShuttingDown:
                    Feed(new SingletonInput.ClusterEnded());
                    break;
            }
        }
    }
}
