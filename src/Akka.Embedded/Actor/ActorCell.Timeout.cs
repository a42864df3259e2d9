namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private ReceiveTimeoutState? _timeout;

    public TimeSpan? ReceiveTimeout => _timeout?.Duration;

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        if (timeout is { } duration && duration <= TimeSpan.Zero)
        {
            throw new ArgumentException($"A receive timeout must be longer than zero; it is {duration}.", nameof(timeout));
        }

        CancelReceiveTimeout();
        _timeout = timeout is null ? null : new ReceiveTimeoutState(timeout.Value);
        RestartReceiveTimeout();
    }

    private void CancelReceiveTimeout()
    {
        if (_timeout is { Pending: { } pending } state)
        {
            pending.Cancel();
            state.Pending = null;
        }
    }

    private void RestartReceiveTimeout()
    {
        if (_timeout is { } state && _actor is not null)
        {
            state.Pending?.Cancel();
            state.Pending = SystemImpl.Scheduler.ScheduleTellOnceCancelable(state.Duration, Ref, Actor.ReceiveTimeout.Instance, null);
        }
    }

    private sealed class ReceiveTimeoutState(TimeSpan duration)
    {
        public TimeSpan Duration { get; } = duration;

        public ICancelable? Pending { get; set; }
    }
}
