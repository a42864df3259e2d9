namespace Orchestrator.Host.Http.Limits;

/// <summary>
/// Gives memory back to the system after large bodies: the runtime alone keeps what it has once needed for as long as nothing else needs it.
/// Looks every <see cref="Interval"/>, and only while no request holds a body, since the collection stops the process for a moment.
/// </summary>
internal sealed class HeldMemory(RequestLimits limits, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private const long WorthIt = 64 << 20;
    private long _before;

    /// <summary>Whether enough came and went since the last time; the next question is about what comes from now on.</summary>
    public bool IsWorthIt()
    {
        var taken = limits.Bodies.TakenInAll;
        if (limits.Bodies.Held > 0 || taken - _before < WorthIt)
        {
            return false;
        }

        _before = taken;
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (IsWorthIt())
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // A server that cannot start ends this before the host is stopping, and the host would log it as a failure.
        }
    }
}
