namespace Akka.Actor;

/// <summary>Keeps messages for later.</summary>
public interface IStash
{
    /// <summary>Number of messages kept.</summary>
    int Count { get; }

    /// <summary>True when none is kept.</summary>
    bool IsEmpty { get; }

    /// <summary>True when some are kept.</summary>
    bool NonEmpty { get; }

    /// <summary>True when no more can be kept.</summary>
    bool IsFull { get; }

    /// <summary>Most messages that can be kept; -1 for no limit.</summary>
    int Capacity { get; }

    /// <summary>Keeps the message that is being handled.</summary>
    /// <exception cref="IllegalActorStateException">The message was just kept already.</exception>
    void Stash();

    /// <summary>Puts the oldest message back, before all others in the mailbox.</summary>
    void Unstash();

    /// <summary>Puts all messages back, in their order, before all others in the mailbox.</summary>
    void UnstashAll();

    /// <summary>Puts the messages back that the predicate holds for; the others are dropped.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Takes all messages out and gives them.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Adds messages before those that are kept.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}

/// <summary>An actor with a stash.</summary>
public interface IActorStash
{
    /// <summary>The stash; set by the runtime after the constructor.</summary>
    IStash Stash { get; set; }
}

/// <summary>An actor with a stash that may have a limit.</summary>
public interface IWithUnrestrictedStash : IActorStash;

/// <summary>An actor with a stash without limit.</summary>
public interface IWithUnboundedStash : IWithUnrestrictedStash;

/// <summary>An actor with a stash.</summary>
public interface IWithStash : IWithUnrestrictedStash;

/// <summary>
/// The stash of one actor. A second one for the runtime's own use (a persistent actor stashes commands while it persists) is made with
/// <see cref="ActorCell.CreateStash"/>; whoever makes it puts its messages back before a restart or stop.
/// </summary>
internal sealed class ActorStash(ActorCell cell) : IStash
{
    private readonly LinkedList<Envelope> _kept = new();

    public int Count => _kept.Count;

    public bool IsEmpty => _kept.Count == 0;

    public bool NonEmpty => _kept.Count > 0;

    public bool IsFull => false;

    public int Capacity => -1;

    public void Stash()
    {
        var current = cell.CurrentEnvelope;
        if (current.Message is null)
        {
            throw new IllegalActorStateException("There is no message to stash: none is being handled.");
        }

        if (_kept.Last is { Value: var last } && ReferenceEquals(last.Message, current.Message) && ReferenceEquals(last.Sender, current.Sender)
            && cell.StashedMessageNumber == cell.MessageNumber)
        {
            throw new IllegalActorStateException($"Can't stash the same message {current.Message} more than once");
        }

        cell.StashedMessageNumber = cell.MessageNumber;
        _kept.AddLast(current);
    }

    public void Unstash()
    {
        if (_kept.First is { } first)
        {
            _kept.RemoveFirst();
            cell.Mailbox.Prepend([first.Value]);
        }
    }

    public void UnstashAll() => UnstashAll(_ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        if (_kept.Count == 0)
        {
            return;
        }

        var messages = ClearStash();
        cell.Mailbox.Prepend(messages.Where(predicate));
    }

    public IEnumerable<Envelope> ClearStash()
    {
        var messages = _kept.ToArray();
        _kept.Clear();
        return messages;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse())
        {
            _kept.AddFirst(envelope);
        }
    }
}
