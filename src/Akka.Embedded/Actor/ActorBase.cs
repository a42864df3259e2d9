using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Base of all actors: state with one message handled at a time. Made only by <c>ActorOf</c>, never with <c>new</c>.
/// </summary>
public abstract class ActorBase
{
    private readonly ActorCell _cell;
    private SupervisorStrategy? _strategy;

    /// <exception cref="ActorInitializationException">Not called by <c>ActorOf</c>.</exception>
    protected ActorBase()
    {
        _cell = ActorCell.ClaimCurrent(this);
    }

    /// <summary>A behaviour that handles nothing.</summary>
    private protected static Receive EmptyReceive { get; } = _ => false;

    /// <summary>Context of the actor whose code runs.</summary>
    /// <exception cref="NotSupportedException">No actor is running here, for example after an await outside of ReceiveAsync.</exception>
    protected static IActorContext Context => ActorCell.CurrentOrThrow();

    /// <summary>This actor.</summary>
    protected IActorRef Self => _cell.Self;

    /// <summary>Sender of the message that is being handled; the dead letters when there is none.</summary>
    protected IActorRef Sender => ActorCell.CurrentOrThrow().Sender;

    /// <summary>The cell; also set while the constructor runs.</summary>
    internal ActorCell Cell => _cell;

    /// <summary>The strategy, asked for once per instance.</summary>
    internal SupervisorStrategy Strategy => _strategy ??= SupervisorStrategy() ?? Actor.SupervisorStrategy.DefaultStrategy;

    /// <summary>Called by the runtime in place of <see cref="PostRestart"/>.</summary>
    public virtual void AroundPostRestart(Exception cause, object? message) => PostRestart(cause);

    /// <summary>Called by the runtime in place of <see cref="PostStop"/>.</summary>
    public virtual void AroundPostStop() => PostStop();

    /// <summary>Called by the runtime in place of <see cref="PreRestart"/>.</summary>
    public virtual void AroundPreRestart(Exception cause, object? message) => PreRestart(cause, message);

    /// <summary>Called by the runtime in place of <see cref="PreStart"/>.</summary>
    public virtual void AroundPreStart() => PreStart();

    internal bool InvokeReceive(Receive behaviour, object message) => AroundReceive(behaviour, message);

    internal bool InvokeInitialReceive(object message) => Receive(message);

    /// <summary>Hands a message to the behaviour, and what that does not handle to <see cref="Unhandled"/>.</summary>
    protected virtual bool AroundReceive(Receive receive, object message)
    {
        var handled = receive(message);
        if (!handled)
        {
            Unhandled(message);
        }

        return handled;
    }

    /// <summary>The first behaviour; false for a message that it does not handle.</summary>
    protected abstract bool Receive(object message);

    /// <summary>
    /// Called for a message that the behaviour does not handle: throws <see cref="DeathPactException"/> for
    /// <see cref="Terminated"/>, publishes an <see cref="UnhandledMessage"/> for everything else.
    /// </summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
        {
            throw new DeathPactException(terminated.ActorRef);
        }

        _cell.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>Replaces the behaviour.</summary>
    private protected void Become(Receive receive) => Context.Become(receive);

    /// <summary>Puts a behaviour on top of the present one.</summary>
    private protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    /// <summary>Goes back to the behaviour below.</summary>
    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    /// <summary>Sets or (null) clears the receive timeout.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => Context.SetReceiveTimeout(timeout);

    /// <summary>How failures of children are handled.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    /// <summary>Called when the actor starts, and by the default <see cref="PostRestart"/>.</summary>
    protected virtual void PreStart()
    {
    }

    /// <summary>Called after the actor has stopped, and by the default <see cref="PreRestart"/>.</summary>
    protected virtual void PostStop()
    {
    }

    /// <summary>Called on the failed instance before it is replaced; by default stops all children and calls <see cref="PostStop"/>.</summary>
    /// <param name="reason">The failure.</param>
    /// <param name="message">The message during which it happened, or null.</param>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (var child in _cell.GetChildren())
        {
            _cell.Unwatch(child);
            _cell.Stop(child);
        }

        PostStop();
    }

    /// <summary>Called on the fresh instance; by default calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();
}

/// <summary>An actor with one method for all messages.</summary>
public abstract class UntypedActor : ActorBase
{
    protected UntypedActor()
    {
    }

    /// <summary>Context of the actor whose code runs.</summary>
    protected static new IUntypedActorContext Context => ActorCell.CurrentOrThrow();

    /// <summary>Handles a message; one that is not handled must be given to <see cref="ActorBase.Unhandled"/>.</summary>
    protected abstract void OnReceive(object message);

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Replaces the behaviour.</summary>
    protected void Become(UntypedReceive receive) => Context.Become(receive);

    /// <summary>Puts a behaviour on top of the present one.</summary>
    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);

    /// <summary>Runs asynchronous work; the actor handles no other user message until it is done.</summary>
    protected void RunTask(Func<Task> action) => ActorTaskScheduler.RunTask(action);

    /// <summary>Runs work as <see cref="RunTask(Func{Task})"/> does.</summary>
    private protected void RunTask(Action action) => ActorTaskScheduler.RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });
}
