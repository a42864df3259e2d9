using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>
/// Queue and turn of one actor. Many threads put messages in; at most one at a time takes them out (the Scheduled bit),
/// system messages first, then at most <see cref="Dispatcher.Throughput"/> user messages before other actors get the thread.
/// An idle mailbox holds no thread.
/// </summary>
internal sealed class Mailbox(ActorCell cell, Dispatcher dispatcher) : IThreadPoolWorkItem
{
    private const int Scheduled = 1;
    private const int Closed = 2;
    private const int OneSuspension = 4;

    private readonly MessageQueue _queue = new();
    private SystemMessageNode? _system;
    private Stack<Envelope>? _prepended;

    /// <summary>Bit 0: scheduled, bit 1: closed, the rest: number of suspensions.</summary>
    private int _status;

    public bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    public bool IsSuspended => Volatile.Read(ref _status) >= OneSuspension;

    private bool HasUserMessages => !_queue.IsEmpty || _prepended is { Count: > 0 };

    public void Post(object message, IActorRef? sender)
    {
        if (IsClosed)
        {
            cell.ToDeadLetters(new Envelope(message, sender));
            return;
        }

        _queue.Enqueue(message, sender);
        if (IsClosed)
        {
            // Closed meanwhile: whoever sees the message last hands it to the dead letters.
            DrainToDeadLetters();
        }
        else
        {
            TrySchedule();
        }
    }

    public void PostSystem(ISystemMessage message)
    {
        var node = new SystemMessageNode(message);
        while (true)
        {
            var head = Volatile.Read(ref _system);
            if (ReferenceEquals(head, SystemMessageNode.Closed))
            {
                cell.DeadSystemMessage(message);
                return;
            }

            node.Next = head;
            if (Interlocked.CompareExchange(ref _system, node, head) == head)
            {
                TrySchedule();
                return;
            }
        }
    }

    /// <summary>Puts messages before all others, in the given order. Only from the actor itself.</summary>
    public void Prepend(IEnumerable<Envelope> messages)
    {
        _prepended ??= new Stack<Envelope>();
        foreach (var message in messages.Reverse())
        {
            _prepended.Push(message);
        }
    }

    /// <summary>Stops the handling of user messages until as many calls of <see cref="Resume"/> have followed.</summary>
    public void Suspend() => Interlocked.Add(ref _status, OneSuspension);

    public void Resume()
    {
        if (IsSuspended)
        {
            Interlocked.Add(ref _status, -OneSuspension);
        }
    }

    /// <summary>Ends the mailbox: what is in it and what still comes goes to the dead letters. Only from the actor itself.</summary>
    public void Close()
    {
        Interlocked.Or(ref _status, Closed);
        var left = SystemMessageNode.Reverse(Interlocked.Exchange(ref _system, SystemMessageNode.Closed));
        for (; left is not null; left = left.Next)
        {
            cell.DeadSystemMessage(left.Message);
        }

        DrainToDeadLetters();
    }

    void IThreadPoolWorkItem.Execute()
    {
        var previous = ActorCell.Current;
        ActorCell.Current = cell;
        try
        {
            ProcessSystemMessages();
            ProcessUserMessages();
        }
        finally
        {
            ActorCell.Current = previous;
            Interlocked.And(ref _status, ~Scheduled);
            TrySchedule(fairly: true);
        }
    }

    private void ProcessUserMessages()
    {
        for (var left = dispatcher.Throughput; left > 0 && (Volatile.Read(ref _status) & ~Scheduled) == 0; left--)
        {
            Envelope message;
            if (_prepended is { Count: > 0 })
            {
                message = _prepended.Pop();
            }
            else if (!_queue.TryDequeue(out message))
            {
                return;
            }

            cell.Invoke(message);
            if (Volatile.Read(ref _system) is not null)
            {
                ProcessSystemMessages();
            }
        }
    }

    private void ProcessSystemMessages()
    {
        while (Volatile.Read(ref _system) is not null && !IsClosed)
        {
            var next = SystemMessageNode.Reverse(Interlocked.Exchange(ref _system, null));
            for (; next is not null; next = next.Next)
            {
                if (IsClosed)
                {
                    cell.DeadSystemMessage(next.Message);
                }
                else
                {
                    cell.InvokeSystem(next.Message);
                }
            }
        }
    }

    private void TrySchedule(bool fairly = false)
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & (Scheduled | Closed)) != 0)
            {
                return;
            }

            var hasWork = Volatile.Read(ref _system) is not null || (status < OneSuspension && HasUserMessages);
            if (!hasWork)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _status, status | Scheduled, status) == status)
            {
                dispatcher.Execute(this, fairly);
                return;
            }
        }
    }

    private void DrainToDeadLetters()
    {
        lock (_queue)
        {
            while (_prepended is { Count: > 0 })
            {
                cell.ToDeadLetters(_prepended.Pop());
            }

            while (_queue.TryDequeue(out var message))
            {
                cell.ToDeadLetters(message);
            }
        }
    }
}

/// <summary>A link of the stack of system messages that wait.</summary>
internal sealed class SystemMessageNode(ISystemMessage message)
{
    /// <summary>In place of the stack once the mailbox is closed.</summary>
    public static readonly SystemMessageNode Closed = new(Terminate.Instance);

    public ISystemMessage Message { get; } = message;

    public SystemMessageNode? Next { get; set; }

    /// <summary>The stack's messages in the order they were sent.</summary>
    public static SystemMessageNode? Reverse(SystemMessageNode? head)
    {
        SystemMessageNode? reversed = null;
        while (head is not null && !ReferenceEquals(head, Closed))
        {
            (head.Next, reversed, head) = (reversed, head, head.Next);
        }

        return reversed;
    }
}
