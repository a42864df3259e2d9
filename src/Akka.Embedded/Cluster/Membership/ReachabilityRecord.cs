namespace Akka.Cluster.Membership;

/// <summary>One member (the observer) speaking of another (the subject).</summary>
internal readonly record struct ReachabilityKey(UniqueAddress Observer, UniqueAddress Subject) : IComparable<ReachabilityKey>
{
    public int CompareTo(ReachabilityKey other)
    {
        var byObserver = Observer.CompareTo(other.Observer);
        return byObserver != 0 ? byObserver : Subject.CompareTo(other.Subject);
    }
}

/// <summary>
/// What the observer said last. Only the observer writes the record, with a rising version, so that the
/// higher version is the newer statement.
/// </summary>
internal readonly record struct ReachabilityRecord(bool Unreachable, long Version);
