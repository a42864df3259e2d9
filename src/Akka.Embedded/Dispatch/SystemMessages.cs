using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>
/// A message of the runtime to an actor: overtakes user messages and is handled even while they are suspended.
/// <see cref="Watch"/>, <see cref="Unwatch"/>, <see cref="DeathWatchNotification"/> and <see cref="Terminate"/> may cross the wire;
/// the others only travel inside a process.
/// </summary>
internal interface ISystemMessage;

/// <summary>First message of every actor: make the instance.</summary>
internal sealed class Create : ISystemMessage
{
    public static readonly Create Instance = new();
}

/// <summary>Restart: replace the failed instance.</summary>
internal sealed record Recreate(Exception Cause) : ISystemMessage;

/// <summary>Handle no user messages until <see cref="Resume"/>; the suspensions are counted.</summary>
internal sealed class Suspend : ISystemMessage
{
    public static readonly Suspend Instance = new();
}

/// <summary>Takes one suspension back.</summary>
/// <param name="CausedByFailure">The failure that the supervisor decided to resume from, or null.</param>
internal sealed record Resume(Exception? CausedByFailure) : ISystemMessage;

/// <summary>Stop the actor after the message that is being handled.</summary>
internal sealed class Terminate : ISystemMessage
{
    public static readonly Terminate Instance = new();
}

/// <summary>A child of the receiver failed and waits, suspended, for a decision.</summary>
internal sealed record Failed(IInternalActorRef Child, Exception Cause, long Uid) : ISystemMessage;

/// <summary><paramref name="Watcher"/> wants to know when <paramref name="Watchee"/> (the receiver) stops.</summary>
internal sealed record Watch(IInternalActorRef Watchee, IInternalActorRef Watcher) : ISystemMessage;

/// <summary>Takes a <see cref="Watch"/> back.</summary>
internal sealed record Unwatch(IInternalActorRef Watchee, IInternalActorRef Watcher) : ISystemMessage;

/// <summary>Tells a parent or watcher (the receiver) that <paramref name="Actor"/> is gone.</summary>
/// <param name="Actor">The actor that stopped.</param>
/// <param name="ExistenceConfirmed">False when nobody knows whether it ever ran.</param>
/// <param name="AddressTerminated">True when its whole node was removed.</param>
internal sealed record DeathWatchNotification(IInternalActorRef Actor, bool ExistenceConfirmed, bool AddressTerminated) : ISystemMessage;

/// <summary>Work that must run as the actor: a continuation of an async handler.</summary>
internal abstract class ActorWork : ISystemMessage
{
    public abstract void Run(ActorCell cell);
}
