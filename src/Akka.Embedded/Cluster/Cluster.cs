using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Configuration;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>
/// This system's part in the cluster. Needs <c>akka.actor.provider = cluster</c>; joins by itself when
/// <c>akka.cluster.seed-nodes</c> are given.
/// </summary>
public class Cluster : IExtension
{
    /// <summary>Name of the daemon below <c>/system</c>.</summary>
    internal const string DaemonName = "cluster";

    private readonly IActorRef _daemon;
    private readonly TaskCompletionSource<Done> _exiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Done> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MembershipView _view;
    private volatile bool _isTerminated;

    internal Cluster(ActorSystemImpl system)
    {
        System = system;
        Provider = system.ProviderImpl as RemoteActorRefProvider is { } provider && system.Settings.HasCluster
            ? provider
            : throw new ConfigurationException($"ActorSystem [{system}] needs to have 'akka.actor.provider' set to 'cluster' in the configuration.");
        Settings = new ClusterSettings(system.Settings.Config, system.Name);
        SelfUniqueAddress = new UniqueAddress(Provider.DefaultAddress, Provider.Uid);
        _view = new OutsideCluster(SelfUniqueAddress);
        ClusterMessageSerializer.Register(system);
        _daemon = system.SystemActorOf(Akka.Actor.Props.Create(typeof(ClusterDaemon), this), DaemonName);
        Provider.DeathWatch.IsClusterMember = IsMember;
        AddShutdownTasks();
        if (!Settings.SeedNodes.IsEmpty)
        {
            JoinSeedNodes(Settings.SeedNodes);
        }
    }

    /// <summary>The system.</summary>
    internal ExtendedActorSystem System { get; }

    /// <summary>The address of this node.</summary>
    public Address SelfAddress => SelfUniqueAddress.Address;

    /// <summary>The address of this node with its incarnation.</summary>
    public UniqueAddress SelfUniqueAddress { get; }

    /// <summary>The roles of this node.</summary>
    internal ImmutableHashSet<string> SelfRoles => Settings.Roles;

    /// <summary>This node; with status <see cref="MemberStatus.Removed"/> while it is no member.</summary>
    public Member SelfMember => _view is InsideCluster inside
        ? inside.SelfEntry.ToMember()
        : new Member(SelfUniqueAddress, MemberEntry.NotUp, MemberStatus.Removed, SelfRoles);

    /// <summary>True while this node is Up.</summary>
    internal bool IsUp => SelfMember.Status == MemberStatus.Up;

    /// <summary>True once this node no longer takes part.</summary>
    internal bool IsTerminated => _isTerminated;

    /// <summary>The cluster as this node sees it at the moment; empty while it is no member.</summary>
    public ClusterEvent.CurrentClusterState State => DomainEvents.State(_view);

    internal RemoteActorRefProvider Provider { get; }

    internal ClusterSettings Settings { get; }

    internal MembershipView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>The system's.</summary>
    /// <exception cref="ConfigurationException">The system's provider is not <c>cluster</c>.</exception>
    public static Cluster Get(ActorSystem system) => system.WithExtension<Cluster, ClusterExtension>();

    /// <summary>
    /// Sends the state of the moment as one <see cref="ClusterEvent.CurrentClusterState"/>, then the events of the given
    /// classes and interfaces as they happen.
    /// </summary>
    public void Subscribe(IActorRef subscriber, params Type[] to) => Subscribe(subscriber, ClusterEvent.InitialStateAsSnapshot, to);

    /// <summary>Sends the state of the moment in the given form, then the events of the given classes and interfaces as they happen.</summary>
    /// <exception cref="ArgumentException">A type is no event of the cluster, or none is given.</exception>
    public void Subscribe(IActorRef subscriber, ClusterEvent.SubscriptionInitialStateMode initialStateMode, params Type[] to)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (to.Length == 0)
        {
            throw new ArgumentException("At least one `IClusterDomainEvent` class is required", nameof(to));
        }

        if (to.FirstOrDefault(t => !typeof(ClusterEvent.IClusterDomainEvent).IsAssignableFrom(t)) is { } wrong)
        {
            throw new ArgumentException($"Subscribe to `IClusterDomainEvent` or subclasses, was [{wrong.Name}]", nameof(to));
        }

        _daemon.Tell(new DaemonCommand.Subscribe(subscriber, initialStateMode, [.. to]), ActorRefs.NoSender);
    }

    /// <summary>Ends all subscriptions of the actor.</summary>
    public void Unsubscribe(IActorRef subscriber) => _daemon.Tell(new DaemonCommand.Unsubscribe(subscriber, null), ActorRefs.NoSender);

    /// <summary>Ends the actor's subscription to the given class or interface.</summary>
    public void Unsubscribe(IActorRef subscriber, Type to) => _daemon.Tell(new DaemonCommand.Unsubscribe(subscriber, to), ActorRefs.NoSender);

    /// <summary>Sends the state of the moment to the actor.</summary>
    public void SendCurrentClusterState(IActorRef receiver) => _daemon.Tell(new DaemonCommand.SendState(receiver), ActorRefs.NoSender);

    /// <summary>Joins the cluster of the node at the address; with the own address this node founds one.</summary>
    public void Join(Address address) => _daemon.Tell(new DaemonCommand.JoinTo(WithOwnProtocol(address)), ActorRefs.NoSender);

    /// <summary>
    /// Joins the cluster of the seed nodes. When this is the first of them and no other is in a cluster, it founds one.
    /// </summary>
    internal void JoinSeedNodes(IEnumerable<Address> seedNodes) =>
        _daemon.Tell(new DaemonCommand.JoinSeeds([.. seedNodes.Select(WithOwnProtocol)]), ActorRefs.NoSender);

    /// <summary>Makes the member leave: it hands over its work, is removed, and its system shuts down.</summary>
    public void Leave(Address address) => _daemon.Tell(new DaemonCommand.Leave(WithOwnProtocol(address)), ActorRefs.NoSender);

    /// <summary>Declares the member dead; it is removed as soon as the others agree.</summary>
    public void Down(Address address) => _daemon.Tell(new DaemonCommand.Down(WithOwnProtocol(address)), ActorRefs.NoSender);

    /// <summary>Runs the action when this node becomes Up, or now when it is.</summary>
    public void RegisterOnMemberUp(Action callback) => _daemon.Tell(new DaemonCommand.OnUp(callback), ActorRefs.NoSender);

    /// <summary>Runs the action when this node is removed or its system ends, or now when it is already.</summary>
    public void RegisterOnMemberRemoved(Action callback)
    {
        if (IsTerminated)
        {
            callback();
            return;
        }

        _daemon.Tell(new DaemonCommand.OnRemoved(callback), ActorRefs.NoSender);
    }

    /// <summary>This node has become Exiting.</summary>
    internal void Exiting()
    {
        _exiting.TrySetResult(Done.Instance);
        CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
    }

    /// <summary>This node is no member any more.</summary>
    internal void Ended(bool downed)
    {
        Stopped();
        if (!downed)
        {
            CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
        }
        else if (Settings.RunCoordinatedShutdownWhenDown)
        {
            CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
        }
    }

    /// <summary>Nothing more will happen.</summary>
    internal void Stopped()
    {
        _isTerminated = true;
        _exiting.TrySetResult(Done.Instance);
        _ended.TrySetResult(Done.Instance);
    }

    private void AddShutdownTasks()
    {
        var shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave", () =>
        {
            if (_view is not InsideCluster)
            {
                return Task.FromResult(Done.Instance);
            }

            Leave(SelfAddress);
            return _exiting.Task;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "exiting-completed", () =>
        {
            if (_view is not InsideCluster)
            {
                return Task.FromResult(Done.Instance);
            }

            _daemon.Tell(new DaemonCommand.ConfirmOwnExit(), ActorRefs.NoSender);
            return _ended.Task;
        });
    }

    private bool IsMember(Address address) =>
        _view is InsideCluster inside && inside.Gossip.Members.Keys.Any(n => n.Address.Equals(address));

    /// <summary>A local address stands for this node.</summary>
    private Address WithOwnProtocol(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.HasLocalScope ? SelfAddress : address;
    }
}

/// <summary>Makes a system's <see cref="Cluster"/>.</summary>
public class ClusterExtension : ExtensionIdProvider<Cluster>
{
    /// <inheritdoc />
    public override Cluster CreateExtension(ExtendedActorSystem system) => new((ActorSystemImpl)system);
}
