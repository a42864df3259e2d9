using Akka.Dispatch;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    /// <summary>Whom this actor watches, with the message to send in place of Terminated (null for Terminated).</summary>
    private Dictionary<IActorRef, object?>? _watching;
    private HashSet<IActorRef>? _watchedBy;

    /// <summary>Stopped actors whose Terminated is in the mailbox; an unwatch takes it back.</summary>
    private Dictionary<IActorRef, object?>? _terminatedQueued;

    public IActorRef Watch(IActorRef subject) => StartWatch(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return StartWatch(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        var watchee = subject.AsInternal();
        if (watchee.Equals(Self))
        {
            return subject;
        }

        if (_watching?.Remove(watchee) == true)
        {
            watchee.SendSystemMessage(new Unwatch(watchee, Ref));
        }

        _terminatedQueued?.Remove(watchee);
        return subject;
    }

    private IActorRef StartWatch(IActorRef subject, object? message)
    {
        var watchee = subject.AsInternal();
        if (watchee.Equals(Self))
        {
            return subject;
        }

        _watching ??= [];
        if (_watching.TryGetValue(watchee, out var before))
        {
            if (!Equals(before, message))
            {
                throw new InvalidOperationException(
                    $"{subject} is watched already with {before ?? "Terminated"}; unwatch it first to watch it with {message ?? "Terminated"}.");
            }

            return subject;
        }

        _watching.Add(watchee, message);
        watchee.SendSystemMessage(new Watch(watchee, Ref));
        return subject;
    }

    private void AddWatcher(Watch watch)
    {
        if (watch.Watchee.Equals(Self) && !watch.Watcher.Equals(Self))
        {
            (_watchedBy ??= []).Add(watch.Watcher);
        }
    }

    private void RemoveWatcher(Unwatch unwatch)
    {
        if (unwatch.Watchee.Equals(Self))
        {
            _watchedBy?.Remove(unwatch.Watcher);
        }
    }

    private void OnDeathWatchNotification(DeathWatchNotification notification)
    {
        // The child's name is free before anybody hears of its end.
        var removed = RemoveChild(notification.Actor);
        if (_watching is not null && _watching.Remove(notification.Actor, out var message) && _termination != TerminationReason.Stop)
        {
            var terminated = new Terminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated);
            (_terminatedQueued ??= [])[notification.Actor] = message;
            Ref.Tell(terminated, notification.Actor);
        }

        if (removed is not null)
        {
            OnChildRemoved();
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message))
        {
            return;
        }

        if (message is null)
        {
            ReceiveMessage(terminated);
            return;
        }

        CurrentEnvelope = new Envelope(message, CurrentEnvelope.Sender);
        ReceiveMessage(message);
    }

    private void TellWatchers()
    {
        var notification = new DeathWatchNotification(Ref, ExistenceConfirmed: true, AddressTerminated: false);

        // The parent first, so that the name tends to be free when watchers hear of the end.
        ParentRef.SendSystemMessage(notification);
        foreach (var watcher in _watchedBy ?? [])
        {
            if (!watcher.Equals(ParentRef))
            {
                watcher.AsInternal().SendSystemMessage(notification);
            }
        }

        _watchedBy = null;
    }

    private void UnwatchAll()
    {
        foreach (var watchee in _watching?.Keys ?? Enumerable.Empty<IActorRef>())
        {
            watchee.AsInternal().SendSystemMessage(new Unwatch(watchee.AsInternal(), Ref));
        }

        _watching = null;
        _terminatedQueued = null;
    }
}
