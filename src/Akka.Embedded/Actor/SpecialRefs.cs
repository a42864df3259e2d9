using System.Collections.Concurrent;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Ref of a path in this process at which there is no actor: messages become dead letters, a watch is answered at once.</summary>
internal class EmptyLocalActorRef(ActorSystemImpl system, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path => path;

    internal override IActorRefProvider ProviderInternal => system.Provider;

    internal override bool IsTerminatedInternal => true;

    protected ActorSystemImpl System => system;

    internal override void TellInternal(object message, IActorRef? sender)
    {
        switch (message)
        {
            case Identify identify:
                sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
                break;
            case ActorSelectionMessage { Message: Identify identify }:
                sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
                break;
            case DeadLetter or SuppressedDeadLetter:
                Publish((AllDeadLetters)message);
                break;
            default:
                Publish(new DeadLetter(message is ActorSelectionMessage selection ? selection.Message : message, sender ?? system.DeadLetters, this));
                break;
        }
    }

    internal override void SendSystemMessageInternal(ISystemMessage message)
    {
        if (message is Watch watch && watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
        {
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }

    private void Publish(AllDeadLetters letter) => system.EventStream.Publish(
        letter is DeadLetter { Message: IDeadLetterSuppression quiet } ? new SuppressedDeadLetter(quiet, letter.Sender, letter.Recipient) : letter);
}

/// <summary>Where messages without receiver go: published to the event stream as <see cref="DeadLetter"/>.</summary>
internal sealed class DeadLetterActorRef(ActorSystemImpl system, ActorPath path) : EmptyLocalActorRef(system, path)
{
    internal override bool IsTerminatedInternal => false;
}

/// <summary>
/// A ref that runs a function for each message and answers watches when it is stopped: for parts of the runtime that need an address but no actor.
/// </summary>
internal sealed class FunctionRef(ActorSystemImpl system, ActorPath path, Action<IActorRef?, object> onMessage, Action<ISystemMessage>? onSystemMessage = null)
    : MinimalActorRef
{
    public override ActorPath Path => path;

    internal override IActorRefProvider ProviderInternal => system.Provider;

    internal override void TellInternal(object message, IActorRef? sender) => onMessage(sender, message);

    internal override void SendSystemMessageInternal(ISystemMessage message) => onSystemMessage?.Invoke(message);
}

/// <summary>A node of the tree that only holds named refs: <c>/temp</c>.</summary>
internal sealed class VirtualPathContainer(ActorSystemImpl system, ActorPath path) : MinimalActorRef
{
    private readonly ConcurrentDictionary<string, IInternalActorRef> _children = new();

    public override ActorPath Path => path;

    internal override IActorRefProvider ProviderInternal => system.Provider;

    public void Add(string name, IInternalActorRef child) => _children[name] = child;

    public void Remove(string name) => _children.TryRemove(name, out _);

    internal override IInternalActorRef GetChildInternal(ReadOnlySpan<string> names) =>
        names.IsEmpty ? this : _children.TryGetValue(names[0], out var child) ? child.GetChild(names[1..]) : Nobody.Instance;
}
