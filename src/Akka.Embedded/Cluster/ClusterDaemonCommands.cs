using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

/// <summary>What this process asks of its own cluster daemon. Never crosses the wire.</summary>
internal abstract record DaemonCommand : INoSerializationVerificationNeeded
{
    internal sealed record JoinTo(Address Address) : DaemonCommand;

    internal sealed record JoinSeeds(ImmutableList<Address> Seeds) : DaemonCommand;

    internal sealed record Leave(Address Address) : DaemonCommand;

    internal sealed record Down(Address Address) : DaemonCommand;

    internal sealed record ConfirmOwnExit : DaemonCommand;

    internal sealed record Subscribe(IActorRef Subscriber, ClusterEvent.SubscriptionInitialStateMode Mode, ImmutableHashSet<Type> To) : DaemonCommand;

    /// <param name="Subscriber">Who no longer wants events.</param>
    /// <param name="To">Of which kind; null: of any.</param>
    internal sealed record Unsubscribe(IActorRef Subscriber, Type? To) : DaemonCommand;

    internal sealed record SendState(IActorRef Receiver) : DaemonCommand;

    internal sealed record OnUp(Action Callback) : DaemonCommand;

    internal sealed record OnRemoved(Action Callback) : DaemonCommand;

    internal sealed record Tick : DaemonCommand;
}
