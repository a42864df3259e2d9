using Akka.Event;

namespace Akka.Actor;

/// <summary>The real scheduler: a timer of a <see cref="TimeProvider"/> for each thing to do.</summary>
internal sealed class TimeProviderScheduler(TimeProvider time, Func<ILoggingAdapter> log) : IScheduler, IAdvancedScheduler, IDisposable
{
    private readonly long _start = time.GetTimestamp();
    private volatile bool _stopped;

    public IAdvancedScheduler Advanced => this;

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeSpan MonotonicClock => time.GetElapsedTime(_start);

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Schedule(delay, null, () => receiver.Tell(message, sender), cancelable);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Schedule(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) => Schedule(delay, null, action, cancelable);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Schedule(initialDelay, interval, action, cancelable);

    /// <summary>Nothing fires any more.</summary>
    public void Dispose() => _stopped = true;

    private void Schedule(TimeSpan delay, TimeSpan? interval, Action action, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (interval is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(interval));
        }

        if (_stopped || cancelable?.IsCancellationRequested == true)
        {
            return;
        }

        new Entry(this, action, cancelable, isPeriodic: interval is not null).Start(delay, interval);
    }

    private sealed class Entry(TimeProviderScheduler owner, Action action, ICancelable? cancelable, bool isPeriodic)
    {
        private ITimer? _timer;
        private volatile bool _done;

        public void Start(TimeSpan delay, TimeSpan? interval)
        {
            // The actor that schedules is nothing the timer's callback should see: no execution context flows.
            using var noFlow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _timer = owner.CreateTimer(Fire, delay, interval ?? Timeout.InfiniteTimeSpan);
            if (cancelable is Cancelable own)
            {
                own.OnCancel(Release);
            }

            if (_done)
            {
                Release();
            }
        }

        private void Fire()
        {
            if (owner._stopped || _done || cancelable?.IsCancellationRequested == true)
            {
                Release();
                return;
            }

            if (!isPeriodic)
            {
                Release();
            }

            try
            {
                action();
            }
            catch (Exception cause)
            {
                owner.LogFailure(cause);
            }
        }

        private void Release()
        {
            _done = true;
            _timer?.Dispose();
        }
    }

    private ITimer CreateTimer(Action callback, TimeSpan delay, TimeSpan interval) =>
        time.CreateTimer(static state => ((Action)state!)(), callback, delay, interval);

    private void LogFailure(Exception cause) => log().Error(cause, "A scheduled action failed: {0}", cause.Message);
}
