using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private TerminationReason _termination;
    private Exception? _recreateCause;
    private ActorBase? _failedActor;

    /// <summary>Who failed: this actor or the child that made it fail; null while all is well.</summary>
    private IInternalActorRef? _perpetrator;
    private bool _isClaimable;

    /// <summary>Why the cell waits for the end of children.</summary>
    private enum TerminationReason
    {
        None,
        Recreation,
        Stop,
    }

    /// <summary>True once the actor is on its way to its end.</summary>
    public bool IsTerminating => _termination == TerminationReason.Stop;

    /// <summary>Ties a new instance to the cell that is making one.</summary>
    public static ActorCell ClaimCurrent(ActorBase actor)
    {
        if (Current is not { _isClaimable: true } cell)
        {
            throw new ActorInitializationException(
                $"You cannot create an instance of {actor.GetType()} explicitly using the constructor (new). Use ActorOf with Props.");
        }

        cell._isClaimable = false;
        cell.ResetBehavior(actor);
        return cell;
    }

    private void CreateActor()
    {
        try
        {
            var actor = NewActor();
            actor.AroundPreStart();
            RestartReceiveTimeout();
        }
        catch (Exception cause)
        {
            if (_actor is not null)
            {
                // It never started, so it gets no PostStop either.
                ActorEquipment.Detach(_actor);
                _actor = null;
            }

            if (cause is ActorInitializationException)
            {
                throw;
            }

            throw new ActorInitializationException(Self, "Exception during creation", cause);
        }
    }

    private ActorBase NewActor()
    {
        _isClaimable = true;
        try
        {
            var actor = Props.NewActor();
            if (!ReferenceEquals(actor.Cell, this))
            {
                throw new ActorInitializationException(Self, $"Props of {Self} gave an instance that belongs to {actor.Cell.Self}.");
            }

            ActorEquipment.Attach(this, actor);
            (actor as IInitializableActor)?.Init();
            _actor = actor;
            return actor;
        }
        finally
        {
            _isClaimable = false;
        }
    }

    /// <summary>The actor threw: hold everything below it and let the parent decide.</summary>
    private void HandleFailure(Exception cause)
    {
        if (_perpetrator is not null)
        {
            return;
        }

        try
        {
            Mailbox.Suspend();
            var failed = CurrentEnvelope.Message as Failed;
            _perpetrator = failed?.Child ?? Ref;
            SuspendChildren(except: failed?.Child);
            ParentRef.SendSystemMessage(new Failed(Ref, cause, Path.Uid));
        }
        catch (Exception fatal)
        {
            SystemImpl.EventStream.Publish(new Error(fatal, Path.ToString(), GetType(), "emergency stop: exception in failure handling"));
            StopAllChildren();
            FinishStop();
        }
    }

    private void OnChildFailed(Failed failed)
    {
        var before = CurrentEnvelope;
        CurrentEnvelope = new Envelope(failed, failed.Child);
        if (RecordOf(failed.Child) is { } record && record.Child.Path.Uid == failed.Uid)
        {
            var strategy = Props.SupervisorStrategy ?? _actor?.Strategy ?? SupervisorStrategy.DefaultStrategy;
            if (!strategy.HandleFailure(this, record, failed.Cause))
            {
                throw failed.Cause;
            }
        }

        CurrentEnvelope = before;
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren(except: null);
    }

    private void FaultResume(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            // It never came into being, so there is nothing to resume.
            RecreateFromNothing();
            return;
        }

        var perpetrator = causedByFailure is null ? null : _perpetrator;
        Mailbox.Resume();
        if (causedByFailure is not null)
        {
            _perpetrator = null;
            CurrentEnvelope = default;
        }

        ResumeChildren(causedByFailure, perpetrator);
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            RecreateFromNothing();
            return;
        }

        if (_termination != TerminationReason.None)
        {
            // Already on its way; only the count of suspensions must come out even.
            FaultResume(null);
            return;
        }

        var failed = _actor;
        try
        {
            failed.AroundPreRestart(cause, CurrentEnvelope.Message is Failed ? null : CurrentEnvelope.Message);
        }
        catch (Exception exception)
        {
            var wrapped = new PreRestartException(Self, exception, cause, CurrentEnvelope.Message);
            SystemImpl.EventStream.Publish(new Error(wrapped, Path.ToString(), failed.GetType(), exception.Message));
        }
        finally
        {
            ActorEquipment.Detach(failed);
            CurrentEnvelope = default;
        }

        _failedActor = failed;
        _recreateCause = cause;
        if (HasStoppingChildren())
        {
            _termination = TerminationReason.Recreation;
        }
        else
        {
            FinishRecreate();
        }
    }

    private void FinishRecreate()
    {
        var cause = _recreateCause!;
        var survivors = ChildRecords();
        _recreateCause = null;
        _termination = TerminationReason.None;
        _failedActor = null;
        _actor = null;
        try
        {
            Mailbox.Resume();
            _perpetrator = null;
            var fresh = NewActor();
            fresh.AroundPostRestart(cause, null);
            RestartReceiveTimeout();
            foreach (var record in survivors)
            {
                record.Child.SendSystemMessage(new Recreate(cause));
            }
        }
        catch (Exception exception)
        {
            HandleFailure(new PostRestartException(Self, exception, cause));
        }
    }

    private void RecreateFromNothing()
    {
        CancelReceiveTimeout();
        StopAllChildren();
        if (HasStoppingChildren())
        {
            _termination = TerminationReason.Recreation;
            return;
        }

        FinishRecreateFromNothing();
    }

    private void FinishRecreateFromNothing()
    {
        _termination = TerminationReason.None;
        Mailbox.Resume();
        _perpetrator = null;
        CreateActor();
    }

    private void OnChildRemoved()
    {
        if (_termination == TerminationReason.None || (_termination == TerminationReason.Recreation && HasStoppingChildren()))
        {
            return;
        }

        if (_termination == TerminationReason.Recreation)
        {
            if (_recreateCause is null)
            {
                FinishRecreateFromNothing();
            }
            else
            {
                FinishRecreate();
            }
        }
        else if (!HasChildren())
        {
            FinishStop();
        }
    }

    private void StopActor()
    {
        SetReceiveTimeout(null);
        UnwatchAll();
        var wasTerminating = IsTerminating;
        _termination = TerminationReason.Stop;
        lock (ChildrenLock)
        {
            _acceptsChildren = false;
        }

        StopAllChildren();
        if (!HasChildren())
        {
            FinishStop();
        }
        else if (!wasTerminating)
        {
            // No more user messages; failures from here on are nobody's business.
            Mailbox.Suspend();
            _perpetrator = Ref;
        }
    }

    private void FinishStop()
    {
        var actor = _actor;
        try
        {
            // While a restart waits for children, PreRestart has already done the clean-up.
            if (actor is not null && _failedActor is null)
            {
                actor.AroundPostStop();
            }
        }
        catch (Exception cause)
        {
            SystemImpl.EventStream.Publish(new Error(cause, Path.ToString(), actor!.GetType(), cause.Message));
        }
        finally
        {
            if (actor is not null && _failedActor is null)
            {
                ActorEquipment.Detach(actor);
            }

            CurrentEnvelope = default;
            Mailbox.Close();
            TellWatchers();
            UnwatchAll();
            _actor = null;
            _behavior = null;
            _behaviorsBelow = null;
        }
    }
}
