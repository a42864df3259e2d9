namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan _defaultInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs an assertion again and again until it holds; fails with its last exception when the time is over.</summary>
    /// <param name="assertion">Throws as long as it does not hold.</param>
    /// <param name="duration">How long to try; null for the default.</param>
    /// <param name="interval">Time between tries; null for ten milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitAssertAsync(assertion, duration, interval, cancellationToken).GetAwaiter().GetResult();

    /// <summary>As <see cref="AwaitAssert"/>.</summary>
    public Task AwaitAssertAsync(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitAssertAsync(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            duration,
            interval,
            cancellationToken);

    /// <summary>As <see cref="AwaitAssert"/>.</summary>
    public async Task AwaitAssertAsync(
        Func<Task> assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var stop = Now + RemainingOrDilated(duration);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await assertion().ConfigureAwait(false);
                return;
            }
            catch (Exception cause) when (cause is not OperationCanceledException && Now < stop)
            {
                await Pause(interval, stop, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, null, null, null, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, interval, message, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, null, null, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, message, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, null, null, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, null, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <summary>Waits until a condition holds; fails when the time is over.</summary>
    public async Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        if (!await Holds(conditionIsFulfilled, limit, interval, cancellationToken).ConfigureAwait(false))
        {
            _assertions.Fail($"Timeout {limit} expired while waiting for condition{(message is null ? "" : ": " + message)}");
        }
    }

    /// <summary>Waits until a condition holds; false when the time is over.</summary>
    public bool AwaitConditionNoThrow(
        Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitConditionNoThrowAsync(conditionIsFulfilled, max, interval, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Waits until a condition holds; false when the time is over.</summary>
    public Task<bool> AwaitConditionNoThrowAsync(
        Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        Holds(() => Task.FromResult(conditionIsFulfilled()), Dilated(max), interval, cancellationToken);

    private static async Task<bool> Holds(Func<Task<bool>> condition, TimeSpan max, TimeSpan? interval, CancellationToken token)
    {
        var stop = Now + max;
        while (!await condition().ConfigureAwait(false))
        {
            token.ThrowIfCancellationRequested();
            if (Now >= stop)
            {
                return false;
            }

            await Pause(interval, stop, token).ConfigureAwait(false);
        }

        return true;
    }

    private static Task Pause(TimeSpan? interval, TimeSpan stop, CancellationToken token)
    {
        var left = Left(stop);
        var pause = interval ?? _defaultInterval;
        return Task.Delay(pause < left ? pause : left, token);
    }
}
