namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>The time of somebody who waits here is over.</summary>
internal sealed record CheckDeadlines : NodeInternal
{
    public static CheckDeadlines Instance { get; } = new();
}

/// <summary>One timer for all who wait: it sends <see cref="CheckDeadlines"/> at the earliest of their deadlines.</summary>
internal sealed class DeadlineTimer(ICollection collection)
{
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);
    private DateTimeOffset _next = DateTimeOffset.MaxValue;

    /// <summary>Somebody waits until then.</summary>
    public void At(DateTimeOffset deadline)
    {
        if (deadline >= _next)
        {
            return;
        }

        _next = deadline;
        var delay = deadline - collection.Now;
        collection.Timers.StartSingleTimer("deadlines", CheckDeadlines.Instance, delay > ShortestDelay ? delay : ShortestDelay);
    }

    /// <summary>The check has come; whoever waits on says so anew.</summary>
    public void Elapsed() => _next = DateTimeOffset.MaxValue;
}
