namespace Akka.Actor;

/// <summary>A cancelable that a scheduler can call off after a delay.</summary>
public class Cancelable : ICancelable, IDisposable
{
    private readonly IActionScheduler? _scheduler;
    private CancellationTokenSource? _source;
    private volatile bool _canceled;
    private Action? _onCancel;

    public Cancelable(IScheduler scheduler)
        : this(scheduler.Advanced)
    {
    }

    public Cancelable(IScheduler scheduler, TimeSpan delay)
        : this(scheduler.Advanced, delay)
    {
    }

    public Cancelable(IScheduler scheduler, int millisecondsDelay)
        : this(scheduler.Advanced, TimeSpan.FromMilliseconds(millisecondsDelay))
    {
    }

    public Cancelable(IActionScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        _scheduler = scheduler;
    }

    public Cancelable(IActionScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    private Cancelable() => _canceled = true;

    /// <inheritdoc/>
    public bool IsCancellationRequested => _canceled;

    /// <inheritdoc/>
    public CancellationToken Token
    {
        get
        {
            if (Volatile.Read(ref _source) is null)
            {
                Interlocked.CompareExchange(ref _source, new CancellationTokenSource(), null);
                if (_canceled)
                {
                    _source.Cancel();
                }
            }

            return _source!.Token;
        }
    }

    /// <summary>True after <see cref="Dispose()"/>.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>One that is called off from the start.</summary>
    public static ICancelable CreateCanceled() => new Cancelable();

    /// <inheritdoc/>
    public void Cancel() => Cancel(throwOnFirstException: false);

    /// <inheritdoc/>
    public void Cancel(bool throwOnFirstException)
    {
        _canceled = true;
        Interlocked.Exchange(ref _onCancel, null)?.Invoke();
        if (!IsDisposed)
        {
            Volatile.Read(ref _source)?.Cancel(throwOnFirstException);
        }
    }

    /// <inheritdoc/>
    public void CancelAfter(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (delay == TimeSpan.Zero)
        {
            Cancel();
            return;
        }

        _scheduler?.ScheduleOnce(delay, Cancel);
    }

    /// <inheritdoc/>
    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets what frees the scheduler's resources when it is called off; runs it at once if it was already.</summary>
    internal void OnCancel(Action release)
    {
        Volatile.Write(ref _onCancel, release);
        if (_canceled)
        {
            Interlocked.Exchange(ref _onCancel, null)?.Invoke();
        }
    }

    private protected virtual void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            IsDisposed = true;
            _source?.Dispose();
        }
    }
}
