namespace Akka.Actor;

/// <summary>Something that a message can be sent to.</summary>
public interface ICanTell
{
    /// <summary>Sends a message, fire and forget, at most once.</summary>
    /// <param name="message">The message; immutable, not null.</param>
    /// <param name="sender">Who gets the replies; <see cref="ActorRefs.NoSender"/> for nobody.</param>
    void Tell(object message, IActorRef? sender);
}

/// <summary>
/// Handle of an actor: can be kept, sent and compared, whether or not the actor still runs. Two refs are equal
/// when path and incarnation (uid) are.
/// </summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    /// <summary>Path of the actor, with its uid.</summary>
    ActorPath Path { get; }
}

/// <summary>Refs that are always there.</summary>
public static class ActorRefs
{
    /// <summary>A ref that drops every message; what a lookup without result gives.</summary>
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>Stands for "no sender"; replies to it become dead letters.</summary>
    public static readonly IActorRef? NoSender;
}

/// <summary>Sending with the current actor as the sender.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Sends a message; the sender is the actor whose code runs, or nobody outside of actors.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Sends a message on, with the sender of the message that is being handled.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Sender);
}
