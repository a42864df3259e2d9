using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails unless the next message is of the type and comes from the sender.</summary>
    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgFromAsync<T>(sender, duration, hint, cancellationToken));

    /// <summary>Fails unless the next message is equal to the given one and comes from the sender.</summary>
    public T ExpectMsgFrom<T>(IActorRef sender, T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgFromAsync(sender, message, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message comes from the sender and the predicate holds for it.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgFromAsync(sender, isMessage, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message comes from the sender and passes the assertion.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgFromAsync(sender, assertMessage, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message is of the type and comes from the sender.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>((_, actual) => AssertSender(sender, actual, hint), duration, hint, cancellationToken);

    /// <summary>Fails unless the next message is equal to the given one and comes from the sender.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            (actual, actualSender) =>
            {
                AssertSender(sender, actualSender, hint);
                _assertions.AssertEqual(message, actual, WithHint(hint, "Unexpected message"));
            },
            timeout,
            hint,
            cancellationToken);

    /// <summary>Fails unless the next message comes from the sender and the predicate holds for it.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            (actual, actualSender) =>
            {
                AssertSender(sender, actualSender, hint);
                _assertions.AssertTrue(isMessage(actual), WithHint(hint, $"The message does not match: {actual}"));
            },
            timeout,
            hint,
            cancellationToken);

    /// <summary>Fails unless the next message comes from the sender and passes the assertion.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            (actual, actualSender) =>
            {
                AssertSender(sender, actualSender, hint);
                assertMessage(actual);
            },
            timeout,
            hint,
            cancellationToken);

    private void AssertSender(IActorRef expected, IActorRef actual, string? hint) =>
        _assertions.AssertTrue(expected.Equals(actual), WithHint(hint, $"Sender does not match. Got a message from sender {actual}. But expected {expected}"));
}
