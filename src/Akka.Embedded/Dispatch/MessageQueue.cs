using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>
/// Unbounded queue for many producers and one consumer: a linked list whose head the producers exchange.
/// (Dmitry Vyukov's non-intrusive MPSC queue.) An empty queue is one small node.
/// </summary>
internal sealed class MessageQueue
{
    private Node _head;
    private Node _tail;

    public MessageQueue() => _head = _tail = new Node(null, null);

    /// <summary>
    /// Compares with the head, which <see cref="Enqueue"/> exchanges with a full fence: a producer that saw the mailbox
    /// scheduled is therefore seen by the consumer after it gave the mailbox up.
    /// </summary>
    public bool IsEmpty => Volatile.Read(ref _head) == Volatile.Read(ref _tail);

    public void Enqueue(object message, IActorRef? sender)
    {
        var node = new Node(message, sender);
        var previous = Interlocked.Exchange(ref _head, node);
        Volatile.Write(ref previous.Next, node);
    }

    public bool TryDequeue(out Envelope envelope)
    {
        var tail = _tail;
        var next = Volatile.Read(ref tail.Next);
        if (next is null)
        {
            if (Volatile.Read(ref _head) == tail)
            {
                envelope = default;
                return false;
            }

            // A producer is between its two steps.
            var spin = default(SpinWait);
            while ((next = Volatile.Read(ref tail.Next)) is null)
            {
                spin.SpinOnce();
            }
        }

        envelope = new Envelope(next.Message!, next.Sender);
        next.Message = null;
        next.Sender = null;
        Volatile.Write(ref _tail, next);
        return true;
    }

    private sealed class Node(object? message, IActorRef? sender)
    {
        public object? Message = message;
        public IActorRef? Sender = sender;
        public Node? Next;
    }
}
