using Akka.Actor;

namespace Akka.Persistence;

public abstract partial class Eventsourced
{
    private readonly IStash _internalStash;
    private IStash _userStash;
    private RecoveryRun? _recoveryRun;
    private bool _taskRunning;
    private bool _handling;

    // A held-back command is first in the mailbox; a second one would overtake it. Signals come behind it.
    private bool _released;

    /// <inheritdoc />
    public override void AroundPreStart()
    {
        base.AroundPreStart();
        StartRecovery();
    }

    /// <inheritdoc />
    public override void AroundPostRestart(Exception reason, object? message)
    {
        base.AroundPostRestart(reason, message);
        StartRecovery();
    }

    /// <inheritdoc />
    public override void AroundPreRestart(Exception cause, object? message)
    {
        _recoveryRun?.Cancel();
        try
        {
            _userStash.UnstashAll();
            _internalStash.UnstashAll();
        }
        finally
        {
            var handled = message switch
            {
                EntryDone done => done.Entry.Event,
                PersistenceSignal => null,
                _ => message,
            };
            base.AroundPreRestart(cause, handled);
        }
    }

    /// <inheritdoc />
    public override void AroundPostStop()
    {
        _recoveryRun?.Cancel();
        try
        {
            // Back into the mailbox, whose rest becomes dead letters.
            _userStash.UnstashAll();
            _internalStash.UnstashAll();
        }
        finally
        {
            base.AroundPostStop();
        }
    }

    /// <inheritdoc />
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (message is PersistenceSignal signal)
        {
            if (ReferenceEquals(signal.Owner, this))
            {
                Handle(signal);
            }
            return true;
        }
        _released = false;
        if (IsRecovering || _stashingHandlers > 0)
        {
            _internalStash.Stash();
            return true;
        }
        var failed = true;
        _handling = true;
        try
        {
            var handled = base.AroundReceive(receive, message);
            failed = false;
            return handled;
        }
        finally
        {
            _handling = false;
            AfterHandler(failed);
        }
    }

    /// <summary>
    /// Runs an asynchronous handler: no other message is handled until it has ended, and what it persists is written then.
    /// </summary>
    private protected void RunTask(Func<Task> action)
    {
        _taskRunning = true;
        ActorTaskScheduler.RunTask(async () =>
        {
            var failed = true;
            try
            {
                await action();
                failed = false;
            }
            finally
            {
                _taskRunning = false;
                if (!_handling)
                {
                    AfterHandler(failed);
                }
            }
        });
    }

    private void StartRecovery()
    {
        if (string.IsNullOrEmpty(PersistenceId))
        {
            throw new InvalidOperationException($"{GetType().Name}.PersistenceId is null or empty.");
        }
        _recoveryRun = new RecoveryRun(this, Self, Recovery, Plugins);
        _recoveryRun.Start();
    }

    private void Handle(PersistenceSignal signal)
    {
        switch (signal)
        {
            case SnapshotLoaded loaded:
                var offer = new SnapshotOffer(loaded.Snapshot.Metadata, loaded.Snapshot.Snapshot);
                Replay(offer, loaded.Snapshot.Metadata.SequenceNr);
                break;
            case EventsReplayed replayed:
                foreach (var item in replayed.Events)
                {
                    if (!Replay(item.Payload, item.SequenceNr))
                    {
                        return;
                    }
                }
                replayed.Handled.SetResult();
                break;
            case ReplayFinished finished:
                FinishRecovery(finished.HighestSequenceNr);
                break;
            case RecoveryFailed failed:
                FailRecovery(failed.Cause, null);
                break;
            default:
                HandleWriteSignal(signal);
                break;
        }
    }

    private bool Replay(object message, long sequenceNr)
    {
        LastSequenceNr = sequenceNr;
        try
        {
            base.AroundReceive(ReceiveRecover, message);
            return true;
        }
        catch (Exception error)
        {
            FailRecovery(error, message);
            return false;
        }
    }

    private void FinishRecovery(long highestSequenceNr)
    {
        LastSequenceNr = Math.Max(LastSequenceNr, highestSequenceNr);
        _lastAssigned = LastSequenceNr;
        OnReplaySuccess();
        IsRecovering = false;
        var failed = true;
        try
        {
            base.AroundReceive(ReceiveRecover, RecoveryCompleted.Instance);
            failed = false;
        }
        finally
        {
            AfterHandler(failed);
        }
    }

    private void FailRecovery(Exception cause, object? message)
    {
        _recoveryRun?.Cancel();
        try
        {
            OnRecoveryFailure(cause, message);
        }
        finally
        {
            Context.Stop(Self);
        }
    }

    /// <summary>
    /// Hands over what the handler persisted. Commands that were held back come one by one: the next one is given back to the
    /// mailbox only when nothing forbids handling it, so that each is moved a bounded number of times. After a failure all are
    /// given back, in their order: the next incarnation has another stash.
    /// </summary>
    private void AfterHandler(bool failed)
    {
        if (_taskRunning)
        {
            return;
        }
        WriteCollected();
        if (failed)
        {
            _internalStash.UnstashAll();
        }
        else if (_stashingHandlers == 0 && !_released && _internalStash.NonEmpty)
        {
            _released = true;
            _internalStash.Unstash();
        }
    }
}
