using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Counts the events that filters choose while an action runs.</summary>
internal sealed class EventFilterApplier(TestKitBase testKit, ActorSystem system, IReadOnlyList<EventFilterRule> filters) : IEventFilterApplier
{
    public EventFilterFactory And => new(testKit, system, filters);

    private TimeSpan Leeway => testKit.TestKitSettings.TestEventFilterLeeway;

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, Leeway, action, cancellationToken);

    public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout, Wrap(action), cancellationToken).GetAwaiter().GetResult();

    public T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, Leeway, func, cancellationToken);

    public T Expect<T>(int expectedCount, TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout, () => Task.FromResult(func()), cancellationToken).GetAwaiter().GetResult();

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, Leeway, actionAsync, cancellationToken);

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, TimeSpan? timeout, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout ?? Leeway, actionAsync, cancellationToken);

    public Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout, Wrap(action), cancellationToken);

    public Task<T> ExpectAsync<T>(int expectedCount, Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, Leeway, func, cancellationToken);

    public async Task<T> ExpectAsync<T>(int expectedCount, TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default)
    {
        var count = 0;
        void OnMatch() => Interlocked.Increment(ref count);
        using var installed = Install(OnMatch);
        var result = await func();
        var limit = testKit.Dilated(timeout);
        var seen = await testKit.AwaitConditionNoThrowAsync(() => Volatile.Read(ref count) >= expectedCount, timeout, null, cancellationToken)
            .ConfigureAwait(false);
        var actual = Volatile.Read(ref count);
        if (!seen)
        {
            testKit.Fail($"Timeout ({limit}) while waiting for messages. Only received {actual}/{expectedCount} messages that matched filter [{Describe()}]");
        }

        if (actual > expectedCount)
        {
            testKit.Fail($"Expected {expectedCount} messages, but received {actual} that matched filter [{Describe()}]");
        }

        return result;
    }

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) => Expect(1, action, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) => Expect(1, timeout, action, cancellationToken);

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default) => Expect(1, func, cancellationToken);

    public T ExpectOne<T>(TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default) => Expect(1, timeout, func, cancellationToken);

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) => ExpectAsync(1, actionAsync, cancellationToken);

    public Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        ExpectAsync(1, timeout, action, cancellationToken);

    public Task<T> ExpectOneAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default) => ExpectAsync(1, func, cancellationToken);

    public Task<T> ExpectOneAsync<T>(TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        ExpectAsync(1, timeout, func, cancellationToken);

    public IUnmutableFilter Mute() => Install(() => { });

    public void Mute(Action action, CancellationToken cancellationToken = default)
    {
        using var installed = Install(() => { });
        action();
    }

    public T Mute<T>(Func<T> func, CancellationToken cancellationToken = default)
    {
        using var installed = Install(() => { });
        return func();
    }

    public async Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default)
    {
        using var installed = Install(() => { });
        await action();
    }

    public async Task<T> MuteAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default)
    {
        using var installed = Install(() => { });
        return await func();
    }

    private static Func<Task<bool>> Wrap(Action action) => () =>
    {
        action();
        return Task.FromResult(true);
    };

    private static Func<Task<bool>> Wrap(Func<Task> action) => async () =>
    {
        await action();
        return true;
    };

    private string Describe() => string.Join(", ", filters);

    private Installed Install(Action onMatch)
    {
        foreach (var filter in filters)
        {
            filter.Matched += onMatch;
        }

        system.EventStream.Publish(new InstallFilters(filters));
        return new Installed(system, filters, onMatch);
    }

    private sealed class Installed(ActorSystem system, IReadOnlyList<EventFilterRule> filters, Action onMatch) : IUnmutableFilter
    {
        public void Unmute()
        {
            system.EventStream.Publish(new RemoveFilters(filters));
            foreach (var filter in filters)
            {
                filter.Matched -= onMatch;
            }
        }

        public void Dispose() => Unmute();
    }
}
