using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>What somebody should be told of a node, run or no run: each has a name for its beginning and one for its end.</summary>
public static class NodeConditions
{
    /// <summary>Not heard of, or the whole cluster cannot be reached.</summary>
    public const string Unreachable = "node-unreachable";

    /// <summary>The node itself reports that it cannot serve.</summary>
    public const string Failed = "node-failed";

    /// <summary>Little free space on the disk that holds its data.</summary>
    public const string DiskLow = "disk-low";

    /// <summary>Collections that it cannot serve, beside others that it serves.</summary>
    public const string CollectionFailed = "collection-failed";

    /// <summary>Alarms of its engine; some make the whole cluster read-only.</summary>
    public const string AlarmRaised = "alarm-raised";

    /// <summary>It is no longer a member. This has no end.</summary>
    public const string Removed = "node-removed";

    private static readonly ImmutableDictionary<string, string> Ends = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create(Unreachable, "node-reachable"),
            KeyValuePair.Create(Failed, "node-recovered"),
            KeyValuePair.Create(DiskLow, "disk-ok"),
            KeyValuePair.Create(CollectionFailed, "collections-ok"),
            KeyValuePair.Create(AlarmRaised, "alarms-cleared"),
        ]);

    /// <summary>The names of all beginnings and ends.</summary>
    public static ImmutableSortedSet<string> Actions { get; } = [.. Ends.Keys, .. Ends.Values, Removed];

    /// <summary>Whether an entry of the audit trail tells of a condition, not of an order.</summary>
    public static bool IsCondition(AuditEntry entry) => entry.By == Supervisor && Actions.Contains(entry.Action);

    /// <summary>Whose name such an entry has.</summary>
    public const string Supervisor = "supervisor";

    /// <summary>What the beginning or the end of a condition is called.</summary>
    public static string ActionOf(NodeConditionChange change) => change.Holds || change.Condition == Removed ? change.Condition : Ends[change.Condition];

    /// <summary>What one look at a member shows: the conditions of which that can be told.</summary>
    /// <param name="holding">Those that hold already; a disk has to have a tenth more space before it counts as recovered.</param>
    /// <param name="diskLowShare">Free share below which a disk is nearly full; 0: never.</param>
    internal static IEnumerable<(string Condition, bool Holds)> Of(NodeObservation seen, Func<string, bool> holding, double diskLowShare)
    {
        yield return (Unreachable, seen.State == NodeState.Unreachable);
        if (seen.State == NodeState.Unreachable)
        {
            yield break;
        }

        yield return (Failed, seen.State == NodeState.Failed);
        if (seen.Disk.IsSeen && seen.Disk.TotalBytes > 0)
        {
            var limit = diskLowShare * seen.Disk.TotalBytes * (holding(DiskLow) ? 1.1 : 1);
            yield return (DiskLow, seen.Disk.FreeBytes < limit);
        }

        yield return (CollectionFailed, seen.FailedCollections.Count > 0);
        yield return (AlarmRaised, seen.Alarms.Count > 0);
    }

    /// <summary>What was seen, for people.</summary>
    internal static string Describe(string condition, bool holds, NodeObservation seen) => condition switch
    {
        DiskLow => $"{ByteText.Of(seen.Disk.FreeBytes)} of {ByteText.Of(seen.Disk.TotalBytes)} are free",
        CollectionFailed when holds => Text(seen.FailedCollections),
        CollectionFailed => "all are served",
        AlarmRaised when holds => string.Join(", ", seen.Alarms),
        AlarmRaised => "there are no alarms",
        _ when holds => seen.Reason,
        _ => $"it is {seen.State.ToText()}",
    };

    private static string Text(IReadOnlyList<FailedCollection> failed) =>
        string.Join("; ", failed.Take(5).Select(one => $"{one.Database}/{one.Collection}: {one.Reason}")) + (failed.Count > 5 ? $"; and {failed.Count - 5} more" : "");
}

/// <summary>Names a condition of a node.</summary>
/// <param name="Node">Empty for the whole cluster.</param>
public sealed record NodeConditionKey(string Cluster, string Node, string Condition);

/// <summary>A condition began or ended, and that lasted.</summary>
/// <param name="Node">Empty for the whole cluster.</param>
/// <param name="Detail">What was seen, for people.</param>
/// <param name="Since">Since when that was seen.</param>
public sealed record NodeConditionChange(string Cluster, string Node, string Condition, bool Holds, string Detail, DateTimeOffset Since);
