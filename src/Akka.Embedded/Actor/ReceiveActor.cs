namespace Akka.Actor;

/// <summary>
/// An actor whose handlers are registered by message type, in the constructor or in <c>Become</c>. The first one that matches
/// handles the message; a message that none matches is unhandled.
/// </summary>
public abstract class ReceiveActor : UntypedActor, IInitializableActor
{
    private readonly HandlersUnderConstruction _building = new("Receive");

    private MessageHandlers? _initial;

    protected ReceiveActor() => _building.Begin();

    void IInitializableActor.Init()
    {
        _initial = _building.End();
        Cell.ReplaceInitialBehavior(_initial.TryHandle);
    }

    protected sealed override void OnReceive(object message)
    {
        if (!_initial!.TryHandle(message))
        {
            Unhandled(message);
        }
    }

    /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> registers.</summary>
    protected void Become(Action configure) => Cell.Become(_building.Build(configure));

    /// <summary>Puts the handlers that <paramref name="configure"/> registers on top of the present behaviour.</summary>
    protected void BecomeStacked(Action configure) => Cell.BecomeStacked(_building.Build(configure));

    /// <summary>Handles messages of a type, optionally only those that the predicate holds for.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => _building.Current.Add(handler, shouldHandle);

    /// <summary>Handles messages of a type that the predicate holds for.</summary>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => _building.Current.Add(handler, shouldHandle);

    /// <summary>Handles messages of a type; a handler that returns false passes the message on to the next one.</summary>
    protected void Receive<T>(Func<T, bool> handler) => _building.Current.Add(handler);

    /// <summary>As <see cref="Receive{T}(Action{T}, Predicate{T})"/> for a type known at run time.</summary>
    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        _building.Current.Add(messageType, handler, shouldHandle);

    /// <summary>As <see cref="Receive{T}(Predicate{T}, Action{T})"/> for a type known at run time.</summary>
    private protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) =>
        _building.Current.Add(messageType, handler, shouldHandle);

    /// <summary>As <see cref="Receive{T}(Func{T, bool})"/> for a type known at run time.</summary>
    private protected void Receive(Type messageType, Func<object, bool> handler) => _building.Current.Add(messageType, handler);

    /// <summary>Handles messages asynchronously: until the task is done the actor handles no other user message.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) => _building.Current.AddAsync(handler, shouldHandle);

    /// <summary>Handles messages asynchronously: until the task is done the actor handles no other user message.</summary>
    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => _building.Current.AddAsync(handler, shouldHandle);

    /// <summary>As <see cref="ReceiveAsync{T}(Func{T, Task}, Predicate{T})"/> for a type known at run time.</summary>
    private protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        _building.Current.AddAsync(messageType, handler, shouldHandle);

    /// <summary>As <see cref="ReceiveAsync{T}(Predicate{T}, Func{T, Task})"/> for a type known at run time.</summary>
    private protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        _building.Current.AddAsync(messageType, handler, shouldHandle);

    /// <summary>Handles every message; no handler can be added after it.</summary>
    protected void ReceiveAny(Action<object> handler) => _building.Current.Add(handler, null);

    /// <summary>Handles every message asynchronously; no handler can be added after it.</summary>
    private protected void ReceiveAnyAsync(Func<object, Task> handler) => _building.Current.AddAsync(handler, null);
}
