using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>What a node that looks for a cluster does next.</summary>
internal abstract record SeedJoinStep
{
    /// <summary>Ask the seed node whether it is in a cluster.</summary>
    internal sealed record Ask(Address Seed) : SeedJoinStep;

    /// <summary>Join the cluster of this node.</summary>
    internal sealed record JoinTo(Address Seed) : SeedJoinStep;

    /// <summary>Found a new cluster: only ever the first seed node, after it has asked all others.</summary>
    internal sealed record Found : SeedJoinStep;
}

/// <summary>
/// The search for a cluster by seed nodes. The first seed node founds a cluster when every other seed node has said
/// that it is in none, or has not answered for the seed-node timeout (unless the node knows of a cluster already); the other seed nodes ask for ever. So one list
/// of seed nodes leads to one cluster, unless the first seed starts while it is cut off from all others.
/// </summary>
internal sealed class SeedJoin
{
    /// <summary>Time between two rounds of questions in milliseconds.</summary>
    private const long AskEveryMs = 500;

    private readonly ImmutableList<Address> _others;
    private readonly bool _isFirst;
    private readonly long _patienceMs;
    private ImmutableHashSet<Address> _silent;
    private long _nextAskMs;
    private long _lastTickMs;
    private long _waitedMs;
    private bool _done;

    /// <summary>Starts the search.</summary>
    /// <param name="self">The node's own address.</param>
    /// <param name="seeds">The seed nodes in their configured order.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="seedNodeTimeoutMs">How long the first seed node waits for answers.</param>
    /// <param name="knowsCluster">
    /// True when an earlier search has found a cluster: then silence does not count as "there is none".
    /// </param>
    public SeedJoin(Address self, IReadOnlyList<Address> seeds, long nowMs, long seedNodeTimeoutMs, bool knowsCluster)
    {
        _others = seeds.Where(s => !s.Equals(self)).Distinct().ToImmutableList();
        _silent = [.. _others];
        _isFirst = seeds.Count > 0 && seeds[0].Equals(self);
        _patienceMs = knowsCluster ? long.MaxValue : seedNodeTimeoutMs;
        _nextAskMs = nowMs;
        _lastTickMs = nowMs;
    }

    /// <summary>Asks again when it is time; founds a cluster when nobody has one.</summary>
    public IReadOnlyList<SeedJoinStep> Tick(long nowMs)
    {
        if (_done)
        {
            return [];
        }

        // Time in which this process was frozen is no time in which others could have answered.
        _waitedMs += Math.Min(nowMs - _lastTickMs, AskEveryMs);
        _lastTickMs = nowMs;
        if (_isFirst && (_silent.IsEmpty || _waitedMs >= _patienceMs))
        {
            _done = true;
            return [new SeedJoinStep.Found()];
        }

        if (nowMs < _nextAskMs)
        {
            return [];
        }

        _nextAskMs = nowMs + AskEveryMs;
        return [.. _others.Select(s => new SeedJoinStep.Ask(s))];
    }

    /// <summary>A seed node is in a cluster.</summary>
    public IReadOnlyList<SeedJoinStep> Acknowledged(Address seed)
    {
        if (_done)
        {
            return [];
        }

        _done = true;
        return [new SeedJoinStep.JoinTo(seed)];
    }

    /// <summary>A seed node is in no cluster.</summary>
    public IReadOnlyList<SeedJoinStep> Declined(Address seed, long nowMs)
    {
        _silent = _silent.Remove(seed);
        return Tick(nowMs);
    }
}
