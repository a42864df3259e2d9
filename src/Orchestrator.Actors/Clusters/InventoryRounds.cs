using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Rounds of inventories under way: each goes on when every member that was reachable at its beginning has answered, or its time is over.
/// A plain class on the cluster actor's mailbox.
/// </summary>
internal sealed class InventoryRounds
{
    private const int MaxRounds = 100;

    private readonly Dictionary<long, Round> _rounds = [];
    private long _last;

    /// <summary>Why no further round can begin; null if one can.</summary>
    public RequestFailed? Refusal => _rounds.Count >= MaxRounds
        ? new RequestFailed(FailureCode.Unavailable, $"{MaxRounds} inventories are already in progress", "")
        : null;

    /// <summary>Begins a round. Members that are not reachable are not waited for.</summary>
    /// <param name="then">Is told which members have not answered, in the cluster's order.</param>
    /// <returns>The round's number.</returns>
    public long Begin(ClusterWatch watch, Action<IReadOnlyList<string>> then)
    {
        var members = watch.Nodes.ToList();
        var awaited = members.Where(watch.IsReachable).ToHashSet(StringComparer.Ordinal);
        _rounds[++_last] = new Round(members, awaited, [.. members.Except(awaited, StringComparer.Ordinal)], then);
        return _last;
    }

    /// <summary>Goes on with what has arrived; nothing happens if the round is over.</summary>
    public void Complete(long number)
    {
        if (_rounds.Remove(number, out var round))
        {
            round.Then([.. round.Members.Where(node => round.Awaited.Contains(node) || round.Missing.Contains(node))]);
        }
    }

    /// <summary>A member has given its inventory.</summary>
    /// <returns>The rounds in which nobody is waited for any longer.</returns>
    public IReadOnlyList<long> Answered(string node)
    {
        foreach (var round in _rounds.Values)
        {
            round.Missing.Remove(node);
            round.Awaited.Remove(node);
        }

        return Complete();
    }

    /// <summary>A member does not give its inventory: nobody needs to wait for it any longer.</summary>
    /// <returns>The rounds in which nobody is waited for any longer.</returns>
    public IReadOnlyList<long> Refused(string node)
    {
        foreach (var round in _rounds.Values.Where(round => round.Awaited.Remove(node)))
        {
            round.Missing.Add(node);
        }

        return Complete();
    }

    /// <summary>The rounds in which nobody is waited for any longer.</summary>
    public IReadOnlyList<long> Complete() => [.. _rounds.Where(entry => entry.Value.Awaited.Count == 0).Select(entry => entry.Key)];

    private sealed record Round(IReadOnlyList<string> Members, HashSet<string> Awaited, HashSet<string> Missing, Action<IReadOnlyList<string>> Then);
}
