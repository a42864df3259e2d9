using Akka.Actor;

namespace Akka.Persistence;

/// <summary>A persistent actor whose handlers take any message.</summary>
public abstract class UntypedPersistentActor : Eventsourced
{
    /// <summary>The context of the actor; only while it handles a message.</summary>
    protected static new IUntypedActorContext Context => (IUntypedActorContext)ActorBase.Context;

    /// <inheritdoc />
    protected sealed override bool ReceiveRecover(object message)
    {
        OnRecover(message);
        return true;
    }

    /// <inheritdoc />
    protected sealed override bool ReceiveCommand(object message)
    {
        OnCommand(message);
        return true;
    }

    /// <inheritdoc />
    protected override bool Receive(object message) => ReceiveCommand(message);

    /// <summary>Handles a snapshot offer, an event or <see cref="RecoveryCompleted"/>. Must not have side effects.</summary>
    protected abstract void OnRecover(object message);

    /// <summary>Handles a command.</summary>
    protected abstract void OnCommand(object message);

    /// <summary>Replaces the command handler.</summary>
    private protected void Become(UntypedReceive receive) => Context.Become(receive);

    /// <summary>Puts a command handler on top of the present one.</summary>
    private protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);
}
