using Akka.Actor;

namespace Akka.Persistence;

/// <summary>
/// A persistent actor whose handlers are registered by message type: <c>Recover</c> in the constructor, <c>Command</c> there and
/// in <c>Become</c>. The first one that matches handles the message.
/// </summary>
public abstract class ReceivePersistentActor : UntypedPersistentActor, IInitializableActor
{
    private readonly HandlersUnderConstruction _commands = new("Command");
    private readonly HandlersUnderConstruction _recovers = new("Recover");
    private MessageHandlers? _recover;

    /// <summary>Derived constructors register the handlers.</summary>
    protected ReceivePersistentActor()
    {
        _commands.Begin();
        _recovers.Begin();
    }

    void IInitializableActor.Init()
    {
        _recover = _recovers.End();
        Cell.Become(_commands.End().TryHandle);
    }

    /// <inheritdoc />
    protected sealed override void OnCommand(object message) =>
        throw new NotSupportedException("The handlers of a ReceivePersistentActor are registered.");

    /// <inheritdoc />
    protected sealed override void OnRecover(object message)
    {
        if (!_recover!.TryHandle(message))
        {
            Unhandled(message);
        }
    }

    /// <summary>Replaces the command handlers by those that <paramref name="configure"/> registers.</summary>
    private protected void Become(Action configure) => Cell.Become(_commands.Build(configure));

    /// <summary>Puts the command handlers that <paramref name="configure"/> registers on top of the present ones.</summary>
    protected void BecomeStacked(Action configure) => Cell.BecomeStacked(_commands.Build(configure));

    /// <summary>Handles replayed messages of a type, optionally only those that the predicate holds for.</summary>
    protected void Recover<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => _recovers.Current.Add(handler, shouldHandle);

    /// <summary>Handles replayed messages of a type that the predicate holds for.</summary>
    private protected void Recover<T>(Predicate<T> shouldHandle, Action<T> handler) => _recovers.Current.Add(handler, shouldHandle);

    /// <summary>Handles replayed messages of a type; a handler that returns false passes the message on to the next one.</summary>
    protected void Recover<T>(Func<T, bool> handler) => _recovers.Current.Add(handler);

    /// <summary>Handles every replayed message; no <c>Recover</c> handler can be added after it.</summary>
    private protected void RecoverAny(Action<object> handler) => _recovers.Current.Add(handler, null);

    /// <summary>Handles commands of a type, optionally only those that the predicate holds for.</summary>
    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => _commands.Current.Add(handler, shouldHandle);

    /// <summary>Handles commands of a type that the predicate holds for.</summary>
    protected void Command<T>(Predicate<T> shouldHandle, Action<T> handler) => _commands.Current.Add(handler, shouldHandle);

    /// <summary>Handles commands of a type; a handler that returns false passes the command on to the next one.</summary>
    private protected void Command<T>(Func<T, bool> handler) => _commands.Current.Add(handler);

    /// <summary>Handles every command; no <c>Command</c> handler can be added after it.</summary>
    protected void CommandAny(Action<object> handler) => _commands.Current.Add(handler, null);

    /// <summary>Handles commands asynchronously: until the task is done the actor handles no other message.</summary>
    protected void CommandAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        _commands.Current.Add<T>(message => RunTask(() => handler(message)), shouldHandle);

    /// <summary>Handles commands that the predicate holds for asynchronously.</summary>
    private protected void CommandAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => CommandAsync(handler, shouldHandle);

    /// <summary>Handles every command asynchronously; no <c>Command</c> handler can be added after it.</summary>
    private protected void CommandAnyAsync(Func<object, Task> handler) => CommandAsync(handler);
}
