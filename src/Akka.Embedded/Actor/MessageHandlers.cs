namespace Akka.Actor;

/// <summary>An actor that is to be initialized after its constructor, before <c>PreStart</c>.</summary>
internal interface IInitializableActor
{
    void Init();
}

/// <summary>
/// The typed handlers of one behaviour, tried in the order they were added. ReceiveActor's <c>Receive</c> methods and a persistent
/// actor's <c>Command</c> and <c>Recover</c> methods fill one each; <see cref="TryHandle"/> is the behaviour.
/// </summary>
internal sealed class MessageHandlers
{
    private readonly List<Handler> _handlers = [];
    private bool _handlesAll;

    /// <summary>False when no handler took the message.</summary>
    public bool TryHandle(object message)
    {
        foreach (var handler in _handlers)
        {
            if (handler.TryHandle(message))
            {
                return true;
            }
        }

        return false;
    }

    public void Add<T>(Action<T> handler, Predicate<T>? shouldHandle)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new ActionHandler<T>(handler, shouldHandle), typeof(T) == typeof(object) && shouldHandle is null);
    }

    public void Add<T>(Func<T, bool> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new FunctionHandler<T>(handler), handlesAll: false);
    }

    public void Add(Type messageType, Action<object> handler, Predicate<object>? shouldHandle)
    {
        ArgumentNullException.ThrowIfNull(messageType);
        ArgumentNullException.ThrowIfNull(handler);
        Add(
            new ActionHandler<object>(handler, message => messageType.IsInstanceOfType(message) && (shouldHandle is null || shouldHandle(message))),
            messageType == typeof(object) && shouldHandle is null);
    }

    public void Add(Type messageType, Func<object, bool> handler)
    {
        ArgumentNullException.ThrowIfNull(messageType);
        ArgumentNullException.ThrowIfNull(handler);
        Add(new FunctionHandler<object>(message => messageType.IsInstanceOfType(message) && handler(message)), handlesAll: false);
    }

    /// <summary>Adds an asynchronous handler: no other user message is handled until its task is done.</summary>
    public void AddAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);
    }

    /// <summary>Adds an asynchronous handler: no other user message is handled until its task is done.</summary>
    public void AddAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(messageType, message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);
    }

    private void Add(Handler handler, bool handlesAll)
    {
        if (_handlesAll)
        {
            throw new InvalidOperationException("A handler that catches all messages has been added. No handler can be added after that.");
        }

        _handlers.Add(handler);
        _handlesAll = handlesAll;
    }

    private abstract class Handler
    {
        public abstract bool TryHandle(object message);
    }

    private sealed class ActionHandler<T>(Action<T> handler, Predicate<T>? shouldHandle) : Handler
    {
        public override bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed)))
            {
                return false;
            }

            handler(typed);
            return true;
        }
    }

    private sealed class FunctionHandler<T>(Func<T, bool> handler) : Handler
    {
        public override bool TryHandle(object message) => message is T typed && handler(typed);
    }
}

/// <summary>Collects handlers while a constructor or a <c>Become</c> configures a behaviour.</summary>
internal sealed class HandlersUnderConstruction(string registrationMethods)
{
    private readonly Stack<MessageHandlers> _building = new();

    /// <summary>The behaviour that is being configured.</summary>
    /// <exception cref="InvalidOperationException">None is.</exception>
    public MessageHandlers Current => _building.Count > 0
        ? _building.Peek()
        : throw new InvalidOperationException($"You may only call {registrationMethods}-methods when constructing the actor and inside Become().");

    public void Begin() => _building.Push(new MessageHandlers());

    public MessageHandlers End() => _building.Pop();

    /// <summary>The behaviour that <paramref name="configure"/> registers.</summary>
    public Receive Build(Action configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Begin();
        try
        {
            configure();
        }
        catch
        {
            End();
            throw;
        }

        return End().TryHandle;
    }
}
