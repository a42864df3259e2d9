namespace Akka.Actor;

/// <summary>Treats only the child that failed.</summary>
public class OneForOneStrategy : SupervisorStrategy, IEquatable<OneForOneStrategy>
{
    private readonly IDecider _decider;

    /// <param name="maxNrOfRetries">Restarts of one child within the time range; null or negative for no limit.</param>
    /// <param name="withinTimeRange">The time range; null for "ever".</param>
    /// <param name="localOnlyDecider">Chooses the directive.</param>
    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(maxNrOfRetries, withinTimeRange, Actor.Decider.From(localOnlyDecider))
    {
    }

    /// <param name="maxNrOfRetries">Restarts of one child within the time range; null or negative for no limit.</param>
    /// <param name="withinTimeRange">The time range; null for "ever".</param>
    /// <param name="decider">Chooses the directive.</param>
    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, (int?)withinTimeRange?.TotalMilliseconds ?? -1, decider)
    {
    }

    /// <param name="maxNrOfRetries">Restarts of one child within the time range; negative for no limit.</param>
    /// <param name="withinTimeMilliseconds">The time range; negative for "ever".</param>
    /// <param name="localOnlyDecider">Chooses the directive.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    internal OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(maxNrOfRetries, withinTimeMilliseconds, Actor.Decider.From(localOnlyDecider), loggingEnabled)
    {
    }

    /// <param name="maxNrOfRetries">Restarts of one child within the time range; negative for no limit.</param>
    /// <param name="withinTimeMilliseconds">The time range; negative for "ever".</param>
    /// <param name="decider">Chooses the directive.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    public OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
    {
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRangeMilliseconds = withinTimeMilliseconds;
        _decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    /// <summary>No limit of restarts.</summary>
    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider)
    {
    }

    /// <summary>No limit of restarts.</summary>
    internal OneForOneStrategy(Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(-1, -1, localOnlyDecider, loggingEnabled)
    {
    }

    /// <summary>No limit of restarts.</summary>
    public OneForOneStrategy(IDecider decider)
        : this(-1, -1, decider)
    {
    }

    /// <summary>Restarts of one child within the time range; negative for no limit.</summary>
    internal int MaxNumberOfRetries { get; }

    /// <summary>The time range in milliseconds; negative for "ever".</summary>
    internal int WithinTimeRangeMilliseconds { get; }

    /// <inheritdoc/>
    public override IDecider Decider => _decider;

    public bool Equals(OneForOneStrategy? other) =>
        other is not null && MaxNumberOfRetries == other.MaxNumberOfRetries &&
        WithinTimeRangeMilliseconds == other.WithinTimeRangeMilliseconds && Equals(_decider, other._decider);

    public override bool Equals(object? obj) => Equals(obj as OneForOneStrategy);

    public override int GetHashCode() => HashCode.Combine(MaxNumberOfRetries, WithinTimeRangeMilliseconds, _decider);

    internal override void Process(ActorCell supervisor, bool restart, ChildRecord failed, Exception cause)
    {
        if (restart && MayRestart(failed, MaxNumberOfRetries, WithinTimeRangeMilliseconds, supervisor.System.Scheduler.MonotonicClock))
        {
            Restart(failed, cause, suspendFirst: false);
        }
        else
        {
            supervisor.Stop(failed.Child);
        }
    }

    /// <inheritdoc/>
    protected override Directive Handle(IActorRef child, Exception exception) => _decider.Decide(exception);
}

/// <summary>Treats all children when one of them fails.</summary>
public class AllForOneStrategy : SupervisorStrategy, IEquatable<AllForOneStrategy>
{
    private readonly IDecider _decider;

    /// <param name="maxNrOfRetries">Restarts of a child within the time range; null or negative for no limit.</param>
    /// <param name="withinTimeRange">The time range; null for "ever".</param>
    /// <param name="localOnlyDecider">Chooses the directive.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(maxNrOfRetries, withinTimeRange, Actor.Decider.From(localOnlyDecider))
    {
    }

    /// <param name="maxNrOfRetries">Restarts of a child within the time range; null or negative for no limit.</param>
    /// <param name="withinTimeRange">The time range; null for "ever".</param>
    /// <param name="decider">Chooses the directive.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, (int?)withinTimeRange?.TotalMilliseconds ?? -1, decider)
    {
    }

    /// <param name="maxNrOfRetries">Restarts of a child within the time range; negative for no limit.</param>
    /// <param name="withinTimeMilliseconds">The time range; negative for "ever".</param>
    /// <param name="localOnlyDecider">Chooses the directive.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    internal AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(maxNrOfRetries, withinTimeMilliseconds, Actor.Decider.From(localOnlyDecider), loggingEnabled)
    {
    }

    /// <param name="maxNrOfRetries">Restarts of a child within the time range; negative for no limit.</param>
    /// <param name="withinTimeMilliseconds">The time range; negative for "ever".</param>
    /// <param name="decider">Chooses the directive.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
    {
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRangeMilliseconds = withinTimeMilliseconds;
        _decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    /// <summary>No limit of restarts.</summary>
    internal AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider)
    {
    }

    /// <summary>No limit of restarts.</summary>
    public AllForOneStrategy(IDecider decider)
        : this(-1, -1, decider)
    {
    }

    /// <summary>Restarts of a child within the time range; negative for no limit.</summary>
    internal int MaxNumberOfRetries { get; }

    /// <summary>The time range in milliseconds; negative for "ever".</summary>
    internal int WithinTimeRangeMilliseconds { get; }

    /// <inheritdoc/>
    public override IDecider Decider => _decider;

    public bool Equals(AllForOneStrategy? other) =>
        other is not null && MaxNumberOfRetries == other.MaxNumberOfRetries &&
        WithinTimeRangeMilliseconds == other.WithinTimeRangeMilliseconds && Equals(_decider, other._decider);

    public override bool Equals(object? obj) => Equals(obj as AllForOneStrategy);

    public override int GetHashCode() => HashCode.Combine(MaxNumberOfRetries, WithinTimeRangeMilliseconds, _decider);

    internal override void Process(ActorCell supervisor, bool restart, ChildRecord failed, Exception cause)
    {
        var children = supervisor.ChildRecords();
        var now = supervisor.System.Scheduler.MonotonicClock;
        if (restart && Array.TrueForAll(children, child => MayRestart(child, MaxNumberOfRetries, WithinTimeRangeMilliseconds, now)))
        {
            foreach (var child in children)
            {
                Restart(child, cause, suspendFirst: child != failed);
            }
        }
        else
        {
            foreach (var child in children)
            {
                supervisor.Stop(child.Child);
            }
        }
    }

    /// <inheritdoc/>
    protected override Directive Handle(IActorRef child, Exception exception) => _decider.Decide(exception);
}
