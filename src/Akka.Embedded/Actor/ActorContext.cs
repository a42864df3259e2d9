namespace Akka.Actor;

/// <summary>Handles a message; false when it is not for this behaviour.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message of an <see cref="UntypedActor"/>.</summary>
public delegate void UntypedReceive(object message);

/// <summary>Makes and finds actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Creates a child.</summary>
    /// <param name="props">How to make the actor.</param>
    /// <param name="name">Unique among the siblings; null for a generated one.</param>
    /// <exception cref="InvalidActorNameException">The name is not valid or in use.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>The actors at a path, which may hold the wildcards <c>*</c> and <c>?</c>.</summary>
    ActorSelection ActorSelection(ActorPath actorPath);

    /// <summary>The actors at an absolute or relative path, which may hold the wildcards <c>*</c> and <c>?</c>.</summary>
    ActorSelection ActorSelection(string actorPath);
}

/// <summary>Watches the life of other actors.</summary>
public interface ICanWatch
{
    /// <summary>Sends <see cref="Terminated"/> once when the subject stops, or at once when it has stopped already.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/> with a message of one's own in place of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Ends the watch; a <see cref="Terminated"/> that waits in the mailbox is dropped.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor sees of its surroundings. Only usable while the actor handles a message.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    /// <summary>The actor.</summary>
    IActorRef Self { get; }

    /// <summary>How the actor was made.</summary>
    Props Props { get; }

    /// <summary>Sender of the message that is being handled; the dead letters when there is none.</summary>
    IActorRef Sender { get; }

    /// <summary>The actor system.</summary>
    ActorSystem System { get; }

    /// <summary>The actor's supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>The receive timeout, or null when there is none.</summary>
    TimeSpan? ReceiveTimeout { get; }

    /// <summary>Replaces the behaviour.</summary>
    void Become(Receive receive);

    /// <summary>Puts a behaviour on top of the present one.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Goes back to the behaviour below.</summary>
    void UnbecomeStacked();

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    /// <summary>All children.</summary>
    IEnumerable<IActorRef> GetChildren();

    /// <summary>
    /// Sends <see cref="Actor.ReceiveTimeout"/> whenever no message came for that long, until set to null.
    /// </summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Stops a child, or the actor itself, after the message it is handling.</summary>
    void Stop(IActorRef child);
}

/// <summary>Context of an <see cref="UntypedActor"/>.</summary>
public interface IUntypedActorContext : IActorContext
{
    /// <summary>Replaces the behaviour.</summary>
    void Become(UntypedReceive receive);

    /// <summary>Puts a behaviour on top of the present one.</summary>
    void BecomeStacked(UntypedReceive receive);
}

/// <summary>Shorter ways to make and find actors.</summary>
public static class ActorRefFactoryExtensions
{
    /// <summary>Creates a child of a class with a constructor without arguments.</summary>
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);

    /// <summary>The actors at a path from a ref.</summary>
    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath) => new(anchorRef, actorPath);
}
