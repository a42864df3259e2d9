using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Orchestrator.Actors.Membership;

/// <summary>
/// Keeps the claim of this process's cluster: the oldest member with the role renews it, the others look whether it is still theirs. A cluster
/// whose claim another one holds ends: that is how the end of a partition, or of a long freeze, is noticed in which a second one was founded.
/// Invites the configured seed nodes that are no members. Owns nothing; the claim survives.
/// </summary>
internal sealed class ClaimActor : ReceiveActor, IWithTimers
{
    private readonly MembershipOptions _options;
    private readonly ClusterIdentity _identity;
    private readonly IClusterClaim _claim;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isBusy;

    public ClaimActor(MembershipOptions options, ClusterIdentity identity)
    {
        _options = options;
        _identity = identity;
        _claim = options.Claim!;
        Receive<Tick>(_ => OnTick());

        // The claim names the members, for whom others look.
        Receive<ClusterEvent.IMemberEvent>(_ => OnTick());
        Receive<Holder>(OnHolder);
        Receive<Unknown>(_ => _isBusy = false);
        Receive<Present>(present => Context.ActorSelection(new RootActorPath(present.Address) / "user" / OrchestratorMembership.JoinName).Tell(Invitation()));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("tick", Tick.Instance, _options.ClaimTimeout / 10);
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnTick()
    {
        if (_cluster.SelfMember.Status != MemberStatus.Up || _isBusy)
        {
            return;
        }

        _isBusy = true;
        var isKeeper = MembershipView.Oldest(_cluster, _options.Role)?.UniqueAddress.Equals(_cluster.SelfUniqueAddress) ?? false;
        Look(isKeeper, [.. Addresses()]).PipeTo(Self, success: holder => holder, failure: _ => new Unknown());
        if (isKeeper)
        {
            InviteSeeds();
        }
    }

    private IEnumerable<string> Addresses() => MembershipView.Living(_cluster).Select(member => member.Address.ToString());

    private ClusterIs Invitation() => new(_identity.Cluster, [.. Addresses()], CanFound: true);

    private async Task<Holder> Look(bool isKeeper, IReadOnlyList<string> members)
    {
        using var limit = new CancellationTokenSource(_options.ClaimTimeout / 3);
        if (isKeeper && await _claim.Take(_identity.Cluster, "", members, _options.ClaimTimeout, limit.Token).ConfigureAwait(false))
        {
            return new Holder(null);
        }

        return new Holder(await _claim.Read(limit.Token).ConfigureAwait(false));
    }

    private void OnHolder(Holder holder)
    {
        _isBusy = false;
        if (holder.Claim is not { } claim || claim.Cluster == _identity.Cluster || claim.Age >= _options.ClaimTimeout)
        {
            return;
        }

        var reason = $"Another cluster ({JoinDecision.Text(claim.Members.Select(Address.Parse))}) was founded while this one was frozen or cut off from the "
            + "journal. The journal now belongs to the other cluster, so this process stops.";
        _log.Error("two clusters: {0}", reason);
        _options.Leaving(reason);

        // Those with the role see it by themselves; the others have no journal.
        foreach (var member in MembershipView.Living(_cluster).Where(member => !member.HasRole(_options.Role)).ToList())
        {
            _cluster.Down(member.Address);
        }

        _cluster.Down(_cluster.SelfAddress);
    }

    private void InviteSeeds()
    {
        var members = _cluster.State.Members.Select(member => member.Address).ToHashSet();
        foreach (var seed in _options.Seeds.Where(seed => !members.Contains(seed)))
        {
            Survey.Knock(seed).PipeTo(Self, success: presence => presence == Presence.Waiting ? new Present(seed) : new Unreached());
        }
    }

    private sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }

    /// <param name="Claim">Null: it is this cluster's, or nobody's.</param>
    private sealed record Holder(ClusterClaim? Claim);

    /// <summary>The journal cannot be asked; the supervisor says so.</summary>
    private sealed record Unknown;

    private sealed record Present(Address Address);

    private sealed record Unreached;
}
