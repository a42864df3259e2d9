using Akka.Actor;
using Akka.Dispatch;
using Akka.Remote.Transport;

namespace Akka.Remote;

/// <summary>Ref of an actor of another system: everything that is told to it goes over the wire.</summary>
internal sealed class RemoteActorRef(RemoteActorRefProvider provider, Association association, ActorPath path) : InternalActorRefBase
{
    private string? _wirePath;

    public override ActorPath Path => path;

    /// <summary>The path as the other side resolves it: names and uid, without the address.</summary>
    public string WirePath => _wirePath ??= path.Uid == 0
        ? path.ToStringWithoutAddress()
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path.ToStringWithoutAddress()}#{path.Uid}");

    internal override IActorRefProvider ProviderInternal => provider;

    internal override IInternalActorRef ParentInternal => path.Depth == 0 ? Nobody.Instance : provider.MakeRemote(path.Parent);

    internal override bool IsLocalInternal => false;

    internal override void TellInternal(object message, IActorRef? sender) => association.Send(new Outbound(this, message, sender));

    /// <summary>
    /// Watches are kept on this side, too, so that they can be repeated when a connection was lost and answered when
    /// the node is.
    /// </summary>
    internal override void SendSystemMessageInternal(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                provider.DeathWatch.Watch(this, watch.Watcher);
                break;
            case Unwatch unwatch:
                provider.DeathWatch.Unwatch(this, unwatch.Watcher);
                break;
            case DeathWatchNotification ended:
                provider.DeathWatch.UnwatchedFrom(ended.Actor, this);
                SendSystemMessageOnly(ended);
                break;
            case Terminate:
                SendSystemMessageOnly(message);
                break;
        }
    }

    /// <summary>Sends a message of the runtime to the other side without keeping it.</summary>
    internal void SendSystemMessageOnly(ISystemMessage message) => association.Send(new Outbound(this, message, null));

    internal override IInternalActorRef GetChildInternal(ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
        {
            return this;
        }

        return names[0] switch
        {
            ".." => ParentInternal.GetChild(names[1..]),
            "" => GetChildInternal(names[1..]),
            var name => ((IInternalActorRef)provider.MakeRemote(path / name)).GetChild(names[1..]),
        };
    }
}
