using Akka.Actor;
using Akka.Cluster;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Tells the supervisor, its parent, where the cluster's processes with the node role are, whenever that changes.
/// Unreachable members stay in the list until they are removed: whether a node answers is for observation to find out.
/// </summary>
internal sealed class NodeDirectoryActor : ReceiveActor
{
    // Name of the node actor below /user of a process that has one.
    private const string NodeName = "node";

    private readonly string role;
    private readonly Dictionary<Address, Member> members = [];
    private readonly Cluster cluster = Cluster.Get(Context.System);

    public NodeDirectoryActor(string role)
    {
        this.role = role;
        Receive<ClusterEvent.MemberUp>(up => Add(up.Member));
        Receive<ClusterEvent.MemberRemoved>(removed => Remove(removed.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
    }

    public static Props Props(string role) => Akka.Actor.Props.Create(() => new NodeDirectoryActor(role));

    protected override void PreStart()
    {
        cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Publish();
    }

    protected override void PostStop() => cluster.Unsubscribe(Self);

    private void Add(Member member)
    {
        if (member.HasRole(role))
        {
            members[member.Address] = member;
            Publish();
        }
    }

    private void Remove(Member member)
    {
        // A process that came back at the same address has another incarnation, which must stay.
        if (members.TryGetValue(member.Address, out var known) && known.UniqueAddress.Equals(member.UniqueAddress))
        {
            members.Remove(member.Address);
            Publish();
        }
    }

    private void Publish()
    {
        var nodes = members.Keys
            .Select(address => (ICanTell)Context.ActorSelection(new RootActorPath(address) / "user" / NodeName))
            .ToList();
        Context.Parent.Tell(new NodesKnown(nodes, cluster.SelfAddress.ToString()));
    }
}
