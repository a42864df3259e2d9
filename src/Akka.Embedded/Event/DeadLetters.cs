using Akka.Actor;

namespace Akka.Event;

/// <summary>A message that makes no noise when it becomes a dead letter.</summary>
public interface IDeadLetterSuppression;

/// <summary>A message that was not handled.</summary>
public abstract class AllDeadLetters : IWrappedMessage
{
    protected AllDeadLetters(object message, IActorRef sender, IActorRef recipient)
    {
        Message = message;
        Sender = sender;
        Recipient = recipient;
    }

    /// <summary>The message.</summary>
    public object Message { get; }

    /// <summary>Who sent it.</summary>
    public IActorRef Sender { get; }

    /// <summary>Who was to get it.</summary>
    public IActorRef Recipient { get; }

    public override string ToString() => $"{GetType().Name} from {Sender} to {Recipient}: <{Message}>";
}

/// <summary>A message to an actor that is not there; published to the event stream.</summary>
public sealed class DeadLetter : AllDeadLetters
{
    public DeadLetter(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}

/// <summary>As <see cref="DeadLetter"/> for a message that makes no noise.</summary>
public sealed class SuppressedDeadLetter : AllDeadLetters
{
    public SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}

/// <summary>A message that the actor has no handler for; published to the event stream.</summary>
public sealed class UnhandledMessage : AllDeadLetters
{
    public UnhandledMessage(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}

/// <summary>Logs dead letters, up to <c>akka.log-dead-letters</c> of them.</summary>
internal sealed class DeadLetterListener : UntypedActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly int _limit;
    private int _count;

    public DeadLetterListener(int limit)
    {
        _limit = limit;
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        if (message is not DeadLetter letter)
        {
            return;
        }

        _count++;
        var last = _count >= _limit;
        _log.Info(
            "Message [{0}] from [{1}] to [{2}] was not delivered. [{3}] dead letters encountered{4}. This logging can be turned off or adjusted " +
            "with configuration settings 'akka.log-dead-letters' and 'akka.log-dead-letters-during-shutdown'.",
            letter.Message.GetType().Name,
            letter.Sender.Path,
            letter.Recipient.Path,
            _count,
            last ? ", no more dead letters will be logged" : "");
        if (last)
        {
            Context.System.EventStream.Unsubscribe(Self);
        }
    }
}

/// <summary>Logs unhandled messages at debug level, when <c>akka.actor.debug.unhandled</c> is on.</summary>
internal sealed class UnhandledMessageLogger : MinimalActorRef
{
    private readonly ActorSystemImpl _system;
    private readonly ActorPath _path;

    public UnhandledMessageLogger(ActorSystemImpl system)
    {
        _system = system;
        _path = system.Provider.RootPath / "unhandledMessageLogger";
    }

    public override ActorPath Path => _path;

    internal override IActorRefProvider ProviderInternal => _system.Provider;

    internal override void TellInternal(object message, IActorRef? sender)
    {
        if (message is UnhandledMessage unhandled)
        {
            _system.EventStream.Publish(new Debug(
                unhandled.Recipient.Path.ToString(), unhandled.Recipient.GetType(), $"Unhandled message from {unhandled.Sender.Path} : {unhandled.Message}"));
        }
    }
}
