using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Members;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.External;

/// <summary>
/// A cluster whose members are processes of somebody else. Asks it who its members are, keeps an <see cref="MemberActor"/>
/// for each, and holds the claim that keeps other orchestrators away. Only the supervisor, its parent, may message it.
/// Keeps nothing over a restart: all is asked again.
/// </summary>
internal sealed class ExternalClusterActor : ReceiveActor, IWithTimers
{
    private readonly IEngineCluster cluster;
    private readonly TimeProvider time;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, IActorRef> nodes = new(StringComparer.Ordinal);
    private EngineTopology? topology;
    private string trouble = "";
    private int starts;
    private bool discovering;
    private bool renewing;

    public ExternalClusterActor(IEngineCluster cluster, TimeProvider time)
    {
        this.cluster = cluster;
        this.time = time;
        Receive<Discover>(_ => OnDiscover());
        Receive<Discovered>(OnDiscovered);
        Receive<NotDiscovered>(OnNotDiscovered);
        Receive<ClaimCluster>(OnClaim);
        Receive<ReleaseCluster>(released => Forget(cluster.Release(released.RunId, stopping.Token)));
        Receive<RenewClaim>(_ => OnRenew());
        Receive<Renewed>(_ => renewing = false);
        Receive<ClaimNoted>(noted => log.Warning("{0}: {1}", cluster.Name, noted.Sentence));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IEngineCluster cluster, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new ExternalClusterActor(cluster, time));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("discover", Discover.Instance, TimeSpan.Zero, cluster.DiscoverInterval);
        Timers.StartPeriodicTimer("renew", RenewClaim.Instance, cluster.RenewInterval, cluster.RenewInterval);
    }

    protected override void PostStop()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    /// <summary>What an engine's failure is to whoever asked the supervisor.</summary>
    internal static RequestFailed ToFailure(Exception error) => new(
        error is EngineException engine ? Code(engine.Fault) : FailureCode.Unavailable,
        error.Message,
        "");

    private static FailureCode Code(EngineFault fault) => fault switch
    {
        EngineFault.Claimed => FailureCode.Conflict,
        EngineFault.WrongState or EngineFault.Denied or EngineFault.Misconfigured => FailureCode.Refused,
        _ => FailureCode.Unavailable,
    };

    private void OnDiscover()
    {
        if (discovering)
        {
            return;
        }

        discovering = true;
        cluster.Discover(stopping.Token).PipeTo(
            Self, Self, found => new Discovered(found), error => new NotDiscovered(error));
    }

    private void OnDiscovered(Discovered discovered)
    {
        discovering = false;
        if (trouble.Length > 0)
        {
            log.Info("{0} tells its members again", cluster.Name);
            trouble = "";
        }

        topology = discovered.Topology;
        var names = topology.ReplicaSets.SelectMany(set => set.Members).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in nodes.Keys.Where(name => !names.Contains(name)).ToList())
        {
            log.Info("{0} is no longer a member of {1}", gone, cluster.Name);
            Context.Stop(nodes[gone]);
            nodes.Remove(gone);
        }

        foreach (var set in topology.ReplicaSets)
        {
            foreach (var name in set.Members.Where(name => !nodes.ContainsKey(name)))
            {
                log.Info("{0} at {1} is a member of {2}", name, topology.Addresses.GetValueOrDefault(name, ""), cluster.Name);
                nodes[name] = Context.ActorOf(MemberActor.Props(cluster, set.Name, name, time), $"member-{++starts}");
            }
        }

        foreach (var (name, node) in nodes)
        {
            node.Tell(new AddressKnown(topology.Addresses.GetValueOrDefault(name, "")));
        }

        Context.Parent.Tell(new ClusterDiscovered(
            new ClusterDefinition(cluster.Name, cluster.Engine, topology.ReplicaSets), [.. nodes.Values]));
    }

    private void OnNotDiscovered(NotDiscovered failed)
    {
        discovering = false;
        if (failed.Error.Message != trouble)
        {
            trouble = failed.Error.Message;
            log.Warning("{0}", trouble);
        }

        Context.Parent.Tell(new ClusterNotDiscovered(cluster.Name, ToFailure(failed.Error)));
    }

    private void OnClaim(ClaimCluster claim)
    {
        var (asker, self) = (Sender, Self);
        cluster.Claim(claim.RunId, stopping.Token).PipeTo(
            asker,
            self,
            note =>
            {
                if (note.Length > 0)
                {
                    self.Tell(new ClaimNoted(note));
                }

                return new ClusterClaimed(claim.RunId);
            },
            ToFailure);
    }

    private void OnRenew()
    {
        if (!renewing)
        {
            renewing = true;
            cluster.Renew(stopping.Token).PipeTo(Self, Self, () => Renewed.Instance, _ => Renewed.Instance);
        }
    }

    private void Forget(Task work) => work.PipeTo(ActorRefs.Nobody, Self, () => Renewed.Instance, _ => Renewed.Instance);

    private sealed record Discovered(EngineTopology Topology) : LocalMessage;

    private sealed record NotDiscovered(Exception Error) : LocalMessage;

    private sealed record ClaimNoted(string Sentence) : LocalMessage;

    private sealed record Discover : LocalMessage
    {
        public static Discover Instance { get; } = new();
    }

    private sealed record RenewClaim : LocalMessage
    {
        public static RenewClaim Instance { get; } = new();
    }

    private sealed record Renewed : LocalMessage
    {
        public static Renewed Instance { get; } = new();
    }
}

/// <summary>Told to a member's actor: where the member is reached, for people.</summary>
internal sealed record AddressKnown(string Address) : LocalMessage;
