using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// What the runtime itself can ask of a ref. Every ref implements it; get it with <see cref="InternalActorRefExtensions.AsInternal"/>.
/// A new kind of ref (remote, future, probe) derives from <see cref="InternalActorRefBase"/> and overrides what it needs:
/// <c>TellInternal</c> for user messages and <c>SendSystemMessage</c> for watch, supervision and life cycle.
/// System messages are defined in <c>Dispatch/SystemMessages.cs</c>.
/// </summary>
internal interface IInternalActorRef : IActorRef
{
    /// <summary>The parent, or Nobody.</summary>
    IInternalActorRef Parent { get; }

    /// <summary>The provider that made the ref.</summary>
    IActorRefProvider Provider { get; }

    /// <summary>True when the actor lives in this process.</summary>
    bool IsLocal { get; }

    /// <summary>True when the actor is known to have stopped.</summary>
    bool IsTerminated { get; }

    /// <summary>Follows child names (<c>..</c> for the parent); Nobody when there is none.</summary>
    IInternalActorRef GetChild(ReadOnlySpan<string> names);

    /// <summary>Sends a message of the runtime; kept in order with other system messages of the same sender, ahead of user messages.</summary>
    void SendSystemMessage(ISystemMessage message);
}

/// <summary>Base of all refs: equality by path and uid.</summary>
public abstract class InternalActorRefBase : IInternalActorRef
{
    internal InternalActorRefBase()
    {
    }

    /// <inheritdoc/>
    public abstract ActorPath Path { get; }

    IInternalActorRef IInternalActorRef.Parent => ParentInternal;

    IActorRefProvider IInternalActorRef.Provider => ProviderInternal;

    bool IInternalActorRef.IsLocal => IsLocalInternal;

    bool IInternalActorRef.IsTerminated => IsTerminatedInternal;

    internal abstract IActorRefProvider ProviderInternal { get; }

    internal virtual IInternalActorRef ParentInternal => Nobody.Instance;

    internal virtual bool IsLocalInternal => true;

    internal virtual bool IsTerminatedInternal => false;

    /// <inheritdoc/>
    public void Tell(object message, IActorRef? sender)
    {
        if (message is null)
        {
            throw new InvalidMessageException();
        }

        TellInternal(message, sender);
    }

    IInternalActorRef IInternalActorRef.GetChild(ReadOnlySpan<string> names) => GetChildInternal(names);

    void IInternalActorRef.SendSystemMessage(ISystemMessage message) => SendSystemMessageInternal(message);

    /// <inheritdoc/>
    public bool Equals(IActorRef? other) => ActorRefEquality.Equals(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => ActorRefEquality.Equals(this, obj as IActorRef);

    /// <inheritdoc/>
    public override int GetHashCode() => ActorRefEquality.HashCode(this);

    /// <inheritdoc/>
    public int CompareTo(IActorRef? other) => ActorRefEquality.Compare(this, other);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => ActorRefEquality.Compare(this, obj as IActorRef);

    /// <inheritdoc/>
    public override string ToString() => $"[{Path.ToStringWithUid()}]";

    internal abstract void TellInternal(object message, IActorRef? sender);

    internal abstract void SendSystemMessageInternal(ISystemMessage message);

    internal virtual IInternalActorRef GetChildInternal(ReadOnlySpan<string> names) =>
        names.IsEmpty ? this : names[0] == ".." ? ParentInternal.GetChild(names[1..]) : Nobody.Instance;
}

/// <summary>A ref without an actor behind it.</summary>
public abstract class MinimalActorRef : InternalActorRefBase
{
    internal MinimalActorRef()
    {
    }

    internal override void TellInternal(object message, IActorRef? sender)
    {
    }

    internal override void SendSystemMessageInternal(ISystemMessage message)
    {
    }
}

/// <summary>The ref that drops every message. A watch of it is never answered.</summary>
public sealed class Nobody : MinimalActorRef
{
    /// <summary>The only instance.</summary>
    internal static readonly Nobody Instance = new();

    private readonly ActorPath _path = new RootActorPath(new Address("akka", "all-systems")) / "Nobody";

    private Nobody()
    {
    }

    /// <inheritdoc/>
    public override ActorPath Path => _path;

    internal override IActorRefProvider ProviderInternal => throw new NotSupportedException("Nobody has no provider.");

    internal override bool IsTerminatedInternal => true;

    internal override IInternalActorRef GetChildInternal(ReadOnlySpan<string> names) => this;
}

/// <summary>Equality of refs of any kind: the path's text and the uid.</summary>
internal static class ActorRefEquality
{
    public static bool Equals(IActorRef left, IActorRef? right) =>
        ReferenceEquals(left, right) ||
        (right is not null && left.Path.Uid == right.Path.Uid && left.Path.Equals(right.Path));

    public static int HashCode(IActorRef actor) => actor.Path.Uid == 0 ? actor.Path.GetHashCode() : actor.Path.Uid.GetHashCode();

    public static int Compare(IActorRef left, IActorRef? right)
    {
        if (right is null)
        {
            return 1;
        }

        var byPath = left.Path.CompareTo(right.Path);
        return byPath != 0 ? byPath : left.Path.Uid.CompareTo(right.Path.Uid);
    }
}

internal static class InternalActorRefExtensions
{
    /// <summary>The runtime's side of a ref.</summary>
    /// <exception cref="ArgumentException">The ref was not made by this runtime.</exception>
    public static IInternalActorRef AsInternal(this IActorRef actor) =>
        actor as IInternalActorRef ?? throw new ArgumentException($"{actor} is not an actor ref of this runtime.", nameof(actor));

    public static void Stop(this IInternalActorRef actor) => actor.SendSystemMessage(Terminate.Instance);
}
