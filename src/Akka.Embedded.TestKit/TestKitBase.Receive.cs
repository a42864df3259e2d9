using System.Runtime.CompilerServices;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>The next message; null when none comes in time.</summary>
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        Wait(ReceiveOneAsync(max, cancellationToken));

    /// <summary>The next message; null when none comes in time.</summary>
    public async ValueTask<object?> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var envelope = await TakeOne(RemainingOrDilated(max), cancellationToken).ConfigureAwait(false);
        return envelope?.Message;
    }

    /// <summary>The next message with its sender; false when none comes in time.</summary>
    public bool TryReceiveOne(out MessageEnvelope envelope, TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var taken = Wait(TakeOne(RemainingOrDilated(max), cancellationToken));
        envelope = taken ?? NullMessageEnvelope.Instance;
        return taken is not null;
    }

    /// <summary>The next message, which stays in the queue; null when none comes in time.</summary>
    public object? PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) => Wait(PeekOneAsync(max, cancellationToken));

    /// <summary>The next message, which stays in the queue; null when none comes in time.</summary>
    public async ValueTask<object?> PeekOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var envelope = await _queue.Take(RemainingOrDilated(max), remove: false, cancellationToken).ConfigureAwait(false);
        return envelope?.Message;
    }

    /// <summary>That many messages.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveN(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>That many messages, within a time.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        ToList(ReceiveNAsync(numberOfMessages, max, cancellationToken));

    /// <summary>That many messages.</summary>
    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveNAsync(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>That many messages, within a time.</summary>
    public async IAsyncEnumerable<object> ReceiveNAsync(
        int numberOfMessages, TimeSpan max, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var limit = Dilated(max);
        var stop = Now + limit;
        for (var i = 0; i < numberOfMessages; i++)
        {
            var envelope = await TakeOne(Left(stop), cancellationToken).ConfigureAwait(false);
            if (envelope is null)
            {
                _assertions.Fail($"Timeout ({limit}) while expecting {numberOfMessages} messages. Only got {i} after {limit}.");
            }

            yield return envelope!.Message;
        }
    }

    /// <summary>Messages as long as the function makes something of them; the first that it makes null of stays in the queue.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max, Func<object, T?> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class => ReceiveWhile(filter, max, Timeout.InfiniteTimeSpan, msgs, cancellationToken);

    /// <summary>Messages as long as the function makes something of them; the first that it makes null of stays in the queue.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max, TimeSpan? idle, Func<object, T?> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class => ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    /// <summary>
    /// Messages as long as the function makes something of them; the first that it makes null of stays in the queue.
    /// </summary>
    /// <param name="filter">Makes the result from a message.</param>
    /// <param name="max">Longest time for all.</param>
    /// <param name="idle">Longest time for one.</param>
    /// <param name="msgs">Most messages.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T?> filter, TimeSpan? max = null, TimeSpan? idle = null, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class
    {
        var stop = Now + RemainingOrDilated(max);
        var result = new List<T>();
        while (result.Count < msgs)
        {
            var left = Left(stop);
            var wait = idle is { } given && given >= TimeSpan.Zero && given < left ? given : left;
            var envelope = Wait(_queue.Take(wait, remove: true, cancellationToken));
            if (envelope is null)
            {
                break;
            }

            if (filter(envelope.Message) is not { } made)
            {
                _queue.PutBack(envelope);
                break;
            }

            _lastMessage = envelope;
            result.Add(made);
        }

        return result;
    }

    private protected static T Wait<T>(ValueTask<T> task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return task.Result;
        }

        return task.AsTask().GetAwaiter().GetResult();
    }

    private static List<T> ToList<T>(IAsyncEnumerable<T> items)
    {
        return Collect().GetAwaiter().GetResult();

        async Task<List<T>> Collect()
        {
            var result = new List<T>();
            await foreach (var item in items.ConfigureAwait(false))
            {
                result.Add(item);
            }

            return result;
        }
    }

    private static TimeSpan Left(TimeSpan stop)
    {
        var left = stop - Now;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    private async ValueTask<MessageEnvelope?> TakeOne(TimeSpan max, CancellationToken token)
    {
        var envelope = await _queue.Take(max, remove: true, token).ConfigureAwait(false);
        _lastMessage = envelope ?? NullMessageEnvelope.Instance;
        return envelope;
    }
}
