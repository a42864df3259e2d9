namespace Akka.TestKit;

/// <summary>Messages between a test actor and its test, with waiting in real time.</summary>
internal sealed class TestMessageQueue
{
    private readonly Lock _lock = new();
    private readonly LinkedList<MessageEnvelope> _messages = new();
    private TaskCompletionSource _arrived = NewSignal();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _messages.Count;
            }
        }
    }

    public void Enqueue(MessageEnvelope message)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            _messages.AddLast(message);
            arrived = _arrived;
        }

        arrived.TrySetResult();
    }

    /// <summary>Puts back what was taken out.</summary>
    public void PutBack(MessageEnvelope message)
    {
        lock (_lock)
        {
            _messages.AddFirst(message);
        }
    }

    /// <summary>The next message, or null after <paramref name="max"/> (negative: never).</summary>
    public async ValueTask<MessageEnvelope?> Take(TimeSpan max, bool remove, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (max >= TimeSpan.Zero)
        {
            limit.CancelAfter(max);
        }

        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                if (_messages.First is { } first)
                {
                    if (remove)
                    {
                        _messages.RemoveFirst();
                    }

                    return first.Value;
                }

                if (_arrived.Task.IsCompleted)
                {
                    _arrived = NewSignal();
                }

                arrived = _arrived.Task;
            }

            try
            {
                await arrived.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
