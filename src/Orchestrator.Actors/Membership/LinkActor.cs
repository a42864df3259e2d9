using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace Orchestrator.Actors.Membership;

/// <summary>
/// Takes this process out of the cluster when its links say so: when another member tells that it was removed while it was frozen, and when it
/// lost the link to a member that others still reach. Of two such members one is enough to go: the split brain resolver, which decides
/// later, would remove both. Owns nothing; nothing survives a restart.
/// </summary>
internal sealed class LinkActor : ReceiveActor, IWithTimers
{
    private readonly MembershipOptions _options;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private HashSet<Address> _cut = [];
    private long _cutSince;
    private bool _isLeaving;

    public LinkActor(MembershipOptions options)
    {
        _options = options;
        Receive<Tick>(_ => OnTick());
        Receive<ThisActorSystemQuarantinedEvent>(OnQuarantined);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("tick", Tick.Instance, _options.StableAfter / 10);
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
    }

    private void OnQuarantined(ThisActorSystemQuarantinedEvent told)
    {
        if (MembershipView.Living(_cluster).Any(member => member.Address.Equals(told.RemoteAddress)))
        {
            Leave($"{JoinDecision.Text([told.RemoteAddress])} has removed it from the cluster: it was frozen, overloaded or cut off for too long.");
        }
    }

    private void OnTick()
    {
        var living = MembershipView.Living(_cluster).ToList();
        var cut = living.Where(IsCut).ToList();
        var addresses = cut.Select(member => member.Address).ToHashSet();
        if (!addresses.SetEquals(_cut))
        {
            _cut = addresses;
            _cutSince = _options.Time.GetTimestamp();
        }

        if (cut.Count == 0)
        {
            return;
        }

        // Who has lost most of the others goes first; then nobody has to go for its sake.
        var lasted = _options.Time.GetElapsedTime(_cutSince);
        var hasMajority = (living.Count - cut.Count) * 2 > living.Count;
        if ((!hasMajority && lasted >= _options.StableAfter * 0.4)
            || (lasted >= _options.StableAfter * 0.7 && cut.Any(member => member.IsOlderThan(_cluster.SelfMember))))
        {
            Leave($"The link between it and {JoinDecision.Text(addresses)} is cut, while other members reach both.");
        }
    }

    /// <summary>Not in reach of this process, but alive: what the members agree on gets to it by way of others.</summary>
    private bool IsCut(Member member) =>
        !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress)
        && !_cluster.FailureDetector.IsAvailable(member.Address)
        && _cluster.State.SeenBy.Contains(member.Address)
        && _cluster.State.SeenBy.Contains(_cluster.SelfAddress);

    private void Leave(string reason)
    {
        if (_isLeaving)
        {
            return;
        }

        _isLeaving = true;
        _log.Error("this process leaves the cluster: {0}", reason);
        _options.Leaving(reason);
        _cluster.Down(_cluster.SelfAddress);
    }

    private sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }
}
