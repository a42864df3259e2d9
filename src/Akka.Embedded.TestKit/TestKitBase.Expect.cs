using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails unless the next message is of the type.</summary>
    public T ExpectMsg<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync<T>(duration, hint, cancellationToken));

    /// <summary>Fails unless the next message is equal to the given one.</summary>
    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(message, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type and the predicate holds for it.</summary>
    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(isMessage, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type and passes the assertion.</summary>
    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(assert, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type and the function holds for it and its sender.</summary>
    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(isMessageAndSender, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type and passes the assertion together with its sender.</summary>
    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(assertMessageAndSender, timeout, hint, cancellationToken));

    /// <summary>Fails unless the comparer takes the next message for equal to the given one.</summary>
    public T ExpectMsg<T>(
        T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAsync(expected, comparer, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>((_, _) => { }, duration, hint, cancellationToken);

    /// <summary>Fails unless the next message is equal to the given one.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>((actual, _) => _assertions.AssertEqual(message, actual, WithHint(hint, "Unexpected message")), timeout, hint, cancellationToken);

    /// <summary>Fails unless the next message is of the type and the predicate holds for it.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            (actual, _) => _assertions.AssertTrue(isMessage(actual), WithHint(hint, $"Got a message of the expected type <{typeof(T)}> that does not match: {actual}")),
            timeout,
            hint,
            cancellationToken);

    /// <summary>Fails unless the next message is of the type and passes the assertion.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T> assert, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>((actual, _) => assert(actual), timeout, hint, cancellationToken);

    /// <summary>Fails unless the next message is of the type and the function holds for it and its sender.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            (actual, sender) => _assertions.AssertTrue(
                isMessageAndSender(actual, sender), WithHint(hint, $"Got a message of the expected type <{typeof(T)}> that does not match: {actual} from {sender}")),
            timeout,
            hint,
            cancellationToken);

    /// <summary>Fails unless the next message is of the type and passes the assertion together with its sender.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect(assertMessageAndSender, timeout, hint, cancellationToken);

    /// <summary>Fails unless the comparer takes the next message for equal to the given one.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>((actual, _) => _assertions.AssertEqual(expected, actual, comparer, WithHint(hint, "Unexpected message")), timeout, hint, cancellationToken);

    private static string WithHint(string? hint, string text) => string.IsNullOrEmpty(hint) ? text : $"{text} ({hint})";

    private async ValueTask<T> Expect<T>(Action<T, IActorRef> check, TimeSpan? timeout, string? hint, CancellationToken token)
    {
        var limit = RemainingOrDilated(timeout);
        var envelope = await TakeOne(limit, token).ConfigureAwait(false);
        if (envelope is null)
        {
            _assertions.Fail(WithHint(hint, $"Failed: Timeout {limit} while waiting for a message of type {typeof(T)}"));
        }

        if (envelope!.Message is not T message)
        {
            _assertions.Fail(WithHint(
                hint, $"Failed: Expected a message of type {typeof(T)}, but received {{{envelope.Message}}} (type {envelope.Message.GetType()}) instead from {envelope.Sender}"));
            return default!;
        }

        check(message, envelope.Sender);
        return message;
    }
}
