using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// The runtime's side of one actor: instance, behaviour, current message, children, watches and timers. All of it is only
/// touched by the thread that has the mailbox's turn, except where a comment says otherwise. Parts:
/// this file (messages), .Behavior, .Children, .DeathWatch, .Lifecycle (create, restart, stop), .Timeout.
/// </summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    private ActorBase? _actor;
    private ActorTaskScheduler? _taskScheduler;

    public ActorCell(ActorSystemImpl system, LocalActorRef self, Props props, Dispatcher dispatcher, IInternalActorRef parent)
    {
        SystemImpl = system;
        Ref = self;
        Props = props;
        ParentRef = parent;
        Mailbox = new Mailbox(this, dispatcher);
    }

    /// <summary>The cell whose actor runs on this thread, or null.</summary>
    [field: ThreadStatic]
    public static ActorCell? Current { get; set; }

    public ActorSystemImpl SystemImpl { get; }

    public LocalActorRef Ref { get; }

    public Mailbox Mailbox { get; }

    public Props Props { get; }

    public IInternalActorRef ParentRef { get; }

    /// <summary>The instance; null before creation, between restarts and after the stop.</summary>
    public ActorBase? Instance => _actor;

    public IActorRef Self => Ref;

    public ActorSystem System => SystemImpl;

    public IActorRef Parent => ParentRef;

    /// <summary>The message that is being handled; default between messages.</summary>
    public Envelope CurrentEnvelope { get; set; }

    /// <summary>The message of the last asynchronous handler, restored for its continuations.</summary>
    public Envelope AsyncEnvelope { get; private set; }

    public IActorRef Sender => CurrentEnvelope.Sender ?? SystemImpl.DeadLetters;

    public ActorTaskScheduler TaskScheduler
    {
        get
        {
            AsyncEnvelope = CurrentEnvelope;
            return _taskScheduler ??= new ActorTaskScheduler(this);
        }
    }

    /// <summary>Number of the user message that is being handled.</summary>
    public long MessageNumber { get; private set; }

    /// <summary>Number of the message that was stashed last.</summary>
    public long StashedMessageNumber { get; set; } = -1;

    /// <summary>Class of the actor.</summary>
    public Type ActorType => _actor?.GetType() ?? Props.Type;

    private ActorPath Path => Ref.Path;

    /// <exception cref="NotSupportedException">No actor runs on this thread.</exception>
    public static ActorCell CurrentOrThrow() => Current ?? throw new NotSupportedException(
        "There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    /// <summary>A stash of this actor; see <see cref="ActorStash"/>.</summary>
    public IStash CreateStash() => new ActorStash(this);

    public ActorSelection ActorSelection(ActorPath actorPath) => ActorSelections.Select(SystemImpl, actorPath);

    public ActorSelection ActorSelection(string actorPath) => ActorSelections.Select(SystemImpl, Self, actorPath);

    /// <summary>Handles a user message; called by the mailbox.</summary>
    public void Invoke(Envelope envelope)
    {
        var message = envelope.Message;
        var resetsTimeout = _timeout is not null && message is not INotInfluenceReceiveTimeout;
        try
        {
            if (resetsTimeout)
            {
                CancelReceiveTimeout();
            }

            if (message is TimerMessage timer)
            {
                if (timer.Scheduler.Intercept(timer) is not { } timed)
                {
                    return;
                }

                message = timed;
                envelope = new Envelope(message, envelope.Sender);
            }

            CurrentEnvelope = envelope;
            MessageNumber++;
            if (message is IAutoReceivedMessage automatic)
            {
                AutoReceive(automatic);
            }
            else
            {
                ReceiveMessage(message);
            }

            CurrentEnvelope = default;
        }
        catch (Exception cause)
        {
            HandleFailure(cause);
        }
        finally
        {
            if (resetsTimeout)
            {
                RestartReceiveTimeout();
            }
        }
    }

    /// <summary>Handles a message of the runtime; called by the mailbox.</summary>
    public void InvokeSystem(ISystemMessage message)
    {
        try
        {
            switch (message)
            {
                case Create:
                    CreateActor();
                    break;
                case ActorWork work:
                    RunWork(work);
                    break;
                case Terminate:
                    StopActor();
                    break;
                case DeathWatchNotification notification:
                    OnDeathWatchNotification(notification);
                    break;
                case Watch watch:
                    AddWatcher(watch);
                    break;
                case Unwatch unwatch:
                    RemoveWatcher(unwatch);
                    break;
                case Failed failed:
                    OnChildFailed(failed);
                    break;
                case Suspend:
                    FaultSuspend();
                    break;
                case Resume resume:
                    FaultResume(resume.CausedByFailure);
                    break;
                case Recreate recreate:
                    FaultRecreate(recreate.Cause);
                    break;
                default:
                    throw new NotSupportedException($"Unknown system message {message.GetType()}.");
            }
        }
        catch (Exception cause)
        {
            HandleFailure(cause);
        }
    }

    /// <summary>A user message that comes too late. From any thread.</summary>
    public void ToDeadLetters(Envelope envelope)
    {
        var message = envelope.Message is TimerMessage timer ? timer.Message : envelope.Message;
        SystemImpl.DeadLetters.Tell(
            message is AllDeadLetters ? message : new DeadLetter(message, envelope.Sender ?? SystemImpl.DeadLetters, Ref), envelope.Sender);
    }

    /// <summary>A system message that comes too late: a watch gets its answer, the rest means nothing any more. From any thread.</summary>
    public void DeadSystemMessage(ISystemMessage message)
    {
        if (message is Watch watch && watch.Watchee.Equals(Ref) && !watch.Watcher.Equals(Ref))
        {
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(Ref, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }

    private void RunWork(ActorWork work)
    {
        var before = CurrentEnvelope;
        work.Run(this);
        CurrentEnvelope = before;
    }

    private void AutoReceive(IAutoReceivedMessage message)
    {
        switch (message)
        {
            case Terminated terminated:
                OnTerminated(terminated);
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case PoisonPill:
                Ref.Stop();
                break;
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, Self), Self);
                break;
            case ActorSelectionMessage selected:
                Actor.ActorSelection.Deliver(Ref, CurrentEnvelope.Sender, selected);
                break;
            default:
                ReceiveMessage(message);
                break;
        }
    }
}
