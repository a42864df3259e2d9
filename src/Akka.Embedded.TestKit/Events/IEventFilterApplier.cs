namespace Akka.TestKit;

/// <summary>Uses filters while an action runs. Expect waits for <c>akka.test.filter-leeway</c> unless a timeout is given.</summary>
public interface IEventFilterApplier
{
    /// <summary>Adds another filter: an event counts when one of them chooses it.</summary>
    EventFilterFactory And { get; }

    /// <summary>Fails unless that many events come.</summary>
    void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    T Expect<T>(int expectedCount, TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, TimeSpan? timeout, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    Task<T> ExpectAsync<T>(int expectedCount, Func<Task<T>> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless that many events come.</summary>
    Task<T> ExpectAsync<T>(int expectedCount, TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    void ExpectOne(Action action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    T ExpectOne<T>(TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    Task<T> ExpectOneAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default);

    /// <summary>Fails unless one event comes.</summary>
    Task<T> ExpectOneAsync<T>(TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default);

    /// <summary>Keeps the events from being printed until the result is told to unmute.</summary>
    IUnmutableFilter Mute();

    /// <summary>Keeps the events from being printed while the action runs.</summary>
    void Mute(Action action, CancellationToken cancellationToken = default);

    /// <summary>Keeps the events from being printed while the function runs.</summary>
    T Mute<T>(Func<T> func, CancellationToken cancellationToken = default);

    /// <summary>Keeps the events from being printed while the action runs.</summary>
    Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default);

    /// <summary>Keeps the events from being printed while the function runs.</summary>
    Task<T> MuteAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default);
}

/// <summary>Muted events.</summary>
public interface IUnmutableFilter : IDisposable
{
    /// <summary>Lets them be printed again.</summary>
    void Unmute();
}
