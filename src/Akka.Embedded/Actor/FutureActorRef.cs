using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// The sender of a question: the first message that comes completes the task. It gets a path under <c>/temp</c>, and can be
/// found there, as soon as somebody looks at its path (as a remote question does).
/// </summary>
internal sealed class FutureActorRef<T>(ActorSystemImpl system) : MinimalActorRef, ITempActorRef
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorPath? _path;
    private IInternalActorRef? _watchee;

    public Task<T> Result => _result.Task;

    public override ActorPath Path
    {
        get
        {
            if (Volatile.Read(ref _path) is { } path)
            {
                return path;
            }

            path = system.Provider.TempPath();
            if (Interlocked.CompareExchange(ref _path, path, null) is { } other)
            {
                return other;
            }

            system.ProviderImpl.RegisterTempActor(this, path);
            if (_result.Task.IsCompleted)
            {
                system.ProviderImpl.UnregisterTempActor(path);
            }

            return path;
        }
    }

    internal override IActorRefProvider ProviderInternal => system.Provider;

    internal override IInternalActorRef ParentInternal => system.ProviderImpl.TempContainer;

    internal override bool IsTerminatedInternal => _result.Task.IsCompleted;

    public void Fail(Exception cause)
    {
        if (_result.TrySetException(cause))
        {
            Forget();
        }
    }

    public void Cancel(CancellationToken token)
    {
        if (_result.TrySetCanceled(token))
        {
            Forget();
        }
    }

    /// <summary>Also completes, with a <see cref="Terminated"/>, when the actor stops.</summary>
    public void CompleteWhenStopped(IInternalActorRef watchee)
    {
        _watchee = watchee;
        watchee.SendSystemMessage(new Watch(watchee, this));
    }

    internal override void TellInternal(object message, IActorRef? sender)
    {
        var first = message switch
        {
            T result => _result.TrySetResult(result),
            Status.Failure failure => _result.TrySetException(failure.Cause ?? new TaskCanceledException("The question was answered with a failure.")),
            _ => _result.TrySetException(new ArgumentException(
                $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]")),
        };
        if (first)
        {
            Forget();
        }
        else
        {
            system.DeadLetters.Tell(new Event.DeadLetter(message, sender ?? system.DeadLetters, this), sender);
        }
    }

    internal override void SendSystemMessageInternal(ISystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification notification:
                TellInternal(new Terminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated), notification.Actor);
                break;
            case Watch watch when watch.Watchee.Equals(this) && IsTerminatedInternal:
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(this, ExistenceConfirmed: true, AddressTerminated: false));
                break;
        }
    }

    private void Forget()
    {
        if (Volatile.Read(ref _path) is { } path)
        {
            system.ProviderImpl.UnregisterTempActor(path);
        }

        _watchee?.SendSystemMessage(new Unwatch(_watchee, this));
    }
}

/// <summary>A ref under <c>/temp</c>.</summary>
internal interface ITempActorRef;
