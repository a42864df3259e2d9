using System.Globalization;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Ref of an actor of this process.</summary>
internal sealed class LocalActorRef : InternalActorRefBase
{
    private readonly ActorPath _path;
    private readonly IInternalActorRef _parent;

    public LocalActorRef(ActorSystemImpl system, Props props, Dispatcher dispatcher, IInternalActorRef parent, ActorPath path)
    {
        _path = path;
        _parent = parent;
        Cell = new ActorCell(system, this, props, dispatcher, parent);
    }

    public override ActorPath Path => _path;

    public ActorCell Cell { get; }

    internal override IActorRefProvider ProviderInternal => Cell.SystemImpl.Provider;

    internal override IInternalActorRef ParentInternal => _parent;

    internal override bool IsTerminatedInternal => Cell.Mailbox.IsClosed;

    internal override void TellInternal(object message, IActorRef? sender) => Cell.Mailbox.Post(message, sender);

    internal override void SendSystemMessageInternal(ISystemMessage message) => Cell.Mailbox.PostSystem(message);

    internal override IInternalActorRef GetChildInternal(ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
        {
            return this;
        }

        var rest = names[1..];
        return names[0] switch
        {
            ".." => ParentInternal.GetChild(rest),
            "" => GetChildInternal(rest),
            var name => FindChild(name).GetChild(rest),
        };
    }

    private IInternalActorRef FindChild(string name)
    {
        var hash = name.IndexOf('#');
        if (hash < 0)
        {
            return Cell.FindChild(name);
        }

        var child = Cell.FindChild(name[..hash]);
        return long.TryParse(name.AsSpan(hash + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var uid) &&
            (uid == 0 || uid == child.Path.Uid) ? child : Nobody.Instance;
    }
}
