namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private TimeSpan? _end;

    /// <summary>Time left of the enclosing <c>Within</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TimeSpan Remaining => _end is { } end ? Left(end) : throw new InvalidOperationException(@"Remaining may not be called outside of ""within""");

    /// <summary>Time left of the enclosing <c>Within</c>, or the default for one message.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(TestKitSettings.SingleExpectDefault));

    /// <summary>Time left of the enclosing <c>Within</c>, or the given time, or the default for one message.</summary>
    public TimeSpan RemainingOrDilated(TimeSpan? duration) => duration is { } given ? Dilated(given) : RemainingOrDefault;

    /// <summary>Fails when the action takes longer; Expect calls in it wait at most for what is left.</summary>
    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    /// <summary>Fails when the action takes longer or not as long.</summary>
    public void Within(
        TimeSpan min, TimeSpan max, Action action, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(
            min,
            max,
            () =>
            {
                action();
                return true;
            },
            hint,
            epsilonValue,
            cancellationToken);

    /// <summary>Fails when the function takes longer.</summary>
    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <summary>Fails when the function takes longer or not as long.</summary>
    public T Within<T>(
        TimeSpan min, TimeSpan max, Func<T> function, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(min, max, () => Task.FromResult(function()), hint, epsilonValue, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Fails when the action takes longer.</summary>
    public Task WithinAsync(TimeSpan max, Func<Task> actionAsync, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, actionAsync, null, epsilonValue, cancellationToken);

    /// <summary>Fails when the action takes longer or not as long.</summary>
    public Task WithinAsync(
        TimeSpan min, TimeSpan max, Func<Task> actionAsync, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(
            min,
            max,
            async () =>
            {
                await actionAsync();
                return true;
            },
            hint,
            epsilonValue,
            cancellationToken);

    /// <summary>Fails when the function takes longer.</summary>
    public Task<T> WithinAsync<T>(TimeSpan max, Func<Task<T>> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <summary>Fails when the function takes longer or not as long.</summary>
    public async Task<T> WithinAsync<T>(
        TimeSpan min, TimeSpan max, Func<Task<T>> function, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        var start = Now;
        var limit = Dilated(max);
        var before = _end;
        var end = start + limit;
        _end = before is { } outer && outer < end ? outer : end;
        T result;
        try
        {
            result = await function().WaitAsync(limit + (epsilonValue ?? TimeSpan.FromSeconds(1)) + limit, cancellationToken);
        }
        finally
        {
            _end = before;
        }

        var elapsed = Now - start;
        var epsilon = epsilonValue ?? TimeSpan.Zero;
        var suffix = hint is null ? "" : $" [{hint}]";
        _assertions.AssertTrue(elapsed + epsilon >= min, $"Failed: Block took {elapsed}, should have at least been {min}{suffix}");
        _assertions.AssertTrue(elapsed <= limit + epsilon, $"Failed: Block took {elapsed}, exceeding {limit}{suffix}");
        return result;
    }

    /// <summary>Time left of the enclosing <c>Within</c>, or the given time.</summary>
    protected TimeSpan RemainingOr(TimeSpan duration) => _end is { } end ? Left(end) : duration;
}
