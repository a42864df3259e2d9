using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>
/// A scheduler whose time stands still until the test moves it. Used with
/// <c>akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"</c>; the test gets it from <c>(TestScheduler)Sys.Scheduler</c>.
/// </summary>
public class TestScheduler : IScheduler, IAdvancedScheduler
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Item, (DateTimeOffset Due, long Number)> _items = new();
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;
    private long _number;

    public TestScheduler(Config schedulerConfig, ILoggingAdapter log)
    {
        _start = TimeProvider.System.GetUtcNow();
        _now = _start;
    }

    /// <inheritdoc/>
    public IAdvancedScheduler Advanced => this;

    /// <inheritdoc/>
    public DateTimeOffset Now => TimeNow;

    /// <inheritdoc/>
    public TimeSpan MonotonicClock => TimeNow - _start;

    /// <inheritdoc/>
    public TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <summary>The virtual time.</summary>
    protected DateTimeOffset TimeNow
    {
        get
        {
            lock (_lock)
            {
                return _now;
            }
        }
    }

    /// <summary>Moves the time on and does what becomes due, in order.</summary>
    public void Advance(TimeSpan offset) => AdvanceTo(TimeNow + offset);

    /// <summary>Moves the time on and does what becomes due, in order.</summary>
    /// <exception cref="InvalidOperationException">The time given is before now.</exception>
    public void AdvanceTo(DateTimeOffset when)
    {
        if (when < TimeNow)
        {
            throw new InvalidOperationException("You can't reverse time...");
        }

        while (TakeDue(when) is { } item)
        {
            item.Action();
            if (item.Interval is { } interval)
            {
                Add(item with { Due = item.Due + interval });
            }
        }

        lock (_lock)
        {
            _now = when > _now ? when : _now;
        }
    }

    /// <inheritdoc/>
    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    /// <inheritdoc/>
    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        ScheduleOnce(delay, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    /// <inheritdoc/>
    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        ScheduleRepeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    /// <inheritdoc/>
    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) => Schedule(delay, null, action, cancelable);

    /// <inheritdoc/>
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) => ScheduleRepeatedly(initialDelay, interval, action, null);

    /// <inheritdoc/>
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Schedule(initialDelay, interval, action, cancelable);
    }

    private void Schedule(TimeSpan delay, TimeSpan? interval, Action action, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Add(new Item(TimeNow + delay, interval, action, cancelable));
    }

    private void Add(Item item)
    {
        lock (_lock)
        {
            _items.Enqueue(item, (item.Due, _number++));
        }
    }

    private Item? TakeDue(DateTimeOffset when)
    {
        lock (_lock)
        {
            while (_items.TryPeek(out var item, out _) && item.Due <= when)
            {
                _items.Dequeue();
                if (item.Cancelable?.IsCancellationRequested != true)
                {
                    _now = item.Due > _now ? item.Due : _now;
                    return item;
                }
            }

            return null;
        }
    }

    private sealed record Item(DateTimeOffset Due, TimeSpan? Interval, Action Action, ICancelable? Cancelable);
}
