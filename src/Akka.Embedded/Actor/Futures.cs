namespace Akka.Actor;

/// <summary>Asking: sending a message and getting the answer as a task.</summary>
public static class Futures
{
    /// <summary>See <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/>; any answer will do.</summary>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<object>(message, timeout, CancellationToken.None);

    /// <summary>See <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/>; any answer will do.</summary>
    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    /// <summary>See <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/>; any answer will do.</summary>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    /// <summary>See <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/>.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<T>(message, timeout, CancellationToken.None);

    /// <summary>See <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/>.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<T>(message, null, cancellationToken);

    /// <summary>
    /// Sends a message; the first answer is the result. An answer of another type fails with <see cref="ArgumentException"/>, a
    /// <see cref="Status.Failure"/> with its cause.
    /// </summary>
    /// <param name="self">Whom to ask.</param>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long to wait; null for <c>akka.actor.ask-timeout</c>.</param>
    /// <param name="cancellationToken">Gives up: the task is cancelled.</param>
    /// <exception cref="AskTimeoutException">No answer in time.</exception>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<T>(_ => message, timeout, cancellationToken);

    /// <summary>As <see cref="Ask{T}(ICanTell, object, TimeSpan?, CancellationToken)"/> with a message that holds the ref to answer to.</summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var system = SystemOf(self);
        timeout ??= system.Settings.AskTimeout;
        var future = new FutureActorRef<T>(system);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var message = messageFactory(future);
        CompleteOnTimeout(future, timeout.Value, cancellationToken);
        self.Tell(message, future);
        return future.Result;
    }

    private static void CompleteOnTimeout<T>(FutureActorRef<T> future, TimeSpan timeout, CancellationToken token)
    {
        // Real time, whatever the scheduler's clock does: the caller of Ask is outside of the actors.
        var timer = timeout >= TimeSpan.Zero
            ? TimeProvider.System.CreateTimer(_ => future.Fail(new AskTimeoutException($"Timeout after {timeout} seconds")), null, timeout, Timeout.InfiniteTimeSpan)
            : null;

        var registration = token.CanBeCanceled ? token.Register(() => future.Cancel(token)) : default;
        if (timer is null && !token.CanBeCanceled)
        {
            return;
        }

        future.Result.ContinueWith(
            _ =>
            {
                timer?.Dispose();
                registration.Unregister();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static ActorSystemImpl SystemOf(ICanTell target)
    {
        var actor = target as IActorRef ?? (target as ActorSelection)?.Anchor;
        return actor is IInternalActorRef and not Nobody && ((IInternalActorRef)actor).Provider is ActorRefProvider provider ? provider.System
            : ActorCell.Current?.SystemImpl
            ?? throw new ArgumentException("Unable to resolve the actor system of the target Actor.", nameof(target));
    }
}

/// <summary>Stopping with an answer.</summary>
public static class GracefulStopSupport
{
    /// <summary>As <see cref="GracefulStop(IActorRef, TimeSpan, object)"/> with <see cref="PoisonPill"/>.</summary>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>Sends a message that makes the actor stop, and waits for its end.</summary>
    /// <returns>True when the actor has stopped.</returns>
    /// <exception cref="TaskCanceledException">The actor was still running after the timeout.</exception>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var watchee = target.AsInternal();
        if (watchee.IsTerminated)
        {
            return true;
        }

        var system = ((ActorRefProvider)watchee.Provider).System;
        var future = new FutureActorRef<Terminated>(system);
        future.CompleteWhenStopped(watchee);
        using var timer = TimeProvider.System.CreateTimer(_ => future.Cancel(CancellationToken.None), null, timeout, Timeout.InfiniteTimeSpan);
        target.Tell(stopMessage, ActorRefs.NoSender);
        var terminated = await future.Result.ConfigureAwait(false);
        return terminated.ActorRef.Path.Equals(target.Path);
    }
}
