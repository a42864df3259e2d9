using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Orchestrator.Actors.Membership;

/// <summary>
/// Makes this process a member of the cluster: looks who is there, and joins, founds or waits as <see cref="JoinDecision"/> says. Tells other
/// processes, also afterwards, which cluster this one is a member of. Owns nothing; nothing survives a restart.
/// </summary>
internal sealed class JoinActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // What every start takes is no news.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Longer than the actor system itself takes to ask again.
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(15);

    private readonly MembershipOptions _options;
    private readonly ClusterIdentity _identity;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<Address> _hints = [];
    private readonly long _startedAt;
    private long? _joiningSince;
    private string _said = "";

    public JoinActor(MembershipOptions options, ClusterIdentity identity)
    {
        _options = options;
        _identity = identity;
        _startedAt = options.Time.GetTimestamp();
        Receive<WhereIsTheCluster>(question =>
        {
            Hint(question.From);
            Sender.Tell(Answer());
        });
        Receive<ClusterIs>(invitation => invitation.Members.ToList().ForEach(Hint));
        Receive<Look>(_ => OnLook());
        Receive<Looked>(OnLooked);
        Receive<FoundingEnded>(OnFoundingEnded);
        Receive<ClusterEvent.MemberUp>(up => up.Member.UniqueAddress.Equals(_cluster.SelfUniqueAddress), _ => OnUp());
        Receive<ClusterEvent.MemberUp>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsMember => _cluster.State.Members.Any(member => member.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
        Self.Tell(Look.Instance);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private ClusterIs Answer() => IsMember
        ? new ClusterIs(_identity.Cluster, [.. MembershipView.Living(_cluster).Select(member => member.Address.ToString())], _options.CanFound)
        : new ClusterIs("", [], _options.CanFound);

    private void Hint(string address)
    {
        if (!IsMember && Address.Parse(address) is var other && !other.Equals(_cluster.SelfAddress))
        {
            _hints.Add(other);
        }
    }

    private void OnLook()
    {
        if (IsMember)
        {
            return;
        }

        var survey = new Survey(Context.System, _cluster.SelfAddress, _options);
        survey.Take([.. _options.Seeds.Concat(_hints)]).PipeTo(Self, success: result => result, failure: error => new Looked(null, error.Message, new Dictionary<Address, Sighting>()));
    }

    private void OnLooked(Looked looked)
    {
        if (IsMember)
        {
            return;
        }

        var unseen = looked.Sightings.Values.SelectMany(sighting => sighting.Members)
            .Where(member => !member.Equals(_cluster.SelfAddress) && !looked.Sightings.ContainsKey(member))
            .ToList();
        unseen.ForEach(member => _hints.Add(member));
        if (unseen.Count > 0)
        {
            Self.Tell(Look.Instance);
            return;
        }

        switch (JoinDecision.Decide(View(looked)))
        {
            case JoinCluster join:
                Join(join);
                LookAgain();
                break;
            case FoundCluster found:
                Found(found.Replaced);
                break;
            case WaitToJoin wait:
                if (_options.Time.GetElapsedTime(_startedAt) > Patience)
                {
                    Say($"waiting to become a member: {wait.Reason}");
                }

                LookAgain();
                break;
        }
    }

    private JoinView View(Looked looked) => new()
    {
        Self = _cluster.SelfAddress,
        Seeds = _options.Seeds,
        AreSeedsComplete = _options.AreSeedsComplete,
        CanFound = _options.CanFound,
        Claim = looked.Claim,
        ClaimError = looked.ClaimError,
        Sightings = looked.Sightings,
        Looking = _options.Time.GetElapsedTime(_startedAt),
        StaleAfter = _options.ClaimTimeout,
    };

    private void LookAgain() => Timers.StartSingleTimer("look", Look.Instance, Pause);

    private void Join(JoinCluster join)
    {
        if (_joiningSince is { } since && _options.Time.GetElapsedTime(since) < JoinPatience)
        {
            return;
        }

        Say(_joiningSince is null
            ? $"joining the cluster of {JoinDecision.Text(join.Members)}"
            : $"waiting to be admitted by {JoinDecision.Text(join.Members)}: they may first have to remove the former process of this address");
        _joiningSince = _options.Time.GetTimestamp();
        _identity.Cluster = join.Cluster;
        _cluster.JoinSeedNodes(join.Members);
    }

    private void Found(string replaced)
    {
        var id = $"{_cluster.SelfUniqueAddress.Address}#{_cluster.SelfUniqueAddress.Uid}";
        var taken = _options.Claim is { } claim && _options.CanFound
            ? claim.Take(id, replaced, [_cluster.SelfAddress.ToString()], _options.ClaimTimeout, CancellationToken.None)
            : Task.FromResult(true);
        var alone = _options.AreSeedsComplete && _options.Seeds.All(seed => seed.Equals(_cluster.SelfAddress));
        taken.PipeTo(Self, success: got => new FoundingEnded(id, got), failure: _ => new FoundingEnded(id, alone));
    }

    private void OnFoundingEnded(FoundingEnded ended)
    {
        if (!ended.HasClaim)
        {
            LookAgain();
            return;
        }

        _log.Info("no cluster is running: this process founds one");
        _identity.Cluster = ended.Cluster;
        _cluster.Join(_cluster.SelfAddress);
    }

    private void OnUp()
    {
        Timers.CancelAll();
        _hints.Clear();
        _log.Info("this process is a member of the cluster of {0}", JoinDecision.Text(MembershipView.Living(_cluster).Select(member => member.Address).Append(_cluster.SelfAddress).Distinct()));
    }

    /// <summary>Says it once, however often it is looked.</summary>
    private void Say(string what)
    {
        if (_said != what)
        {
            _said = what;
            _log.Info("{0}", what);
        }
    }

    private sealed record Look
    {
        public static Look Instance { get; } = new();
    }

    /// <summary>Whether the claim is this process's.</summary>
    private sealed record FoundingEnded(string Cluster, bool HasClaim);
}
