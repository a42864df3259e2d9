using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What a node is seen to do, from everything it knows of itself. Pure.</summary>
internal static class NodeCondition
{
    /// <summary>The node's state and, unless it is online, the reason.</summary>
    /// <param name="collections">All collections that the catalog names, and the catalog itself.</param>
    /// <param name="leaseLost">Whether it is primary and had no contact with a majority for its lease time.</param>
    /// <param name="compactions">Its compactions.</param>
    /// <param name="closed">The database that is closed while it is compacted; empty for none.</param>
    public static (NodeState State, string Reason) Of(
        MemberState member,
        IReadOnlyCollection<CollectionReport> collections,
        bool leaseLost,
        CompactionLedger compactions,
        string closed = "")
    {
        if (collections.FirstOrDefault(collection => collection.Condition == CollectionCondition.Failed) is { } failed)
        {
            return (NodeState.Failed, $"{failed.Name} {failed.Reason}");
        }

        if (member.Condition is { State: not NodeState.Online } condition)
        {
            return condition;
        }

        if (closed.Length > 0)
        {
            return (NodeState.Offline, $"database {closed} is closed while {compactions.Running[0].Progress.Unit} is compacted for run {compactions.Running[0].Ticket.RunId}");
        }

        if (leaseLost)
        {
            return (NodeState.Recovering, "is primary, but has had no contact with a majority for its lease time");
        }

        if (collections.FirstOrDefault(collection => collection.Condition != CollectionCondition.Ready) is { } busy)
        {
            return (NodeState.Recovering, $"{busy.Name} {busy.Reason}");
        }

        return compactions.Running.Count > 0
            ? (NodeState.Compacting, $"compacts {compactions.Running[0].Progress.Unit} for run {compactions.Running[0].Ticket.RunId}")
            : (NodeState.Online, "");
    }

    /// <summary>How far the node is behind its primary.</summary>
    public static ReplicationLag Lag(IReadOnlyCollection<CollectionReport> collections, DateTimeOffset now)
    {
        var behind = collections.Where(collection => !collection.CaughtUp).ToList();
        return behind.Count == 0
            ? ReplicationLag.None
            : new ReplicationLag(
                behind.Sum(collection => collection.Lag),
                Math.Max(0, behind.Max(collection => (now - collection.CaughtUpAt).TotalSeconds)));
    }

    /// <summary>What the member's place in its replica set means for its collections.</summary>
    /// <param name="writes">Whether it takes writes now.</param>
    /// <param name="servesReads">Whether it serves reads as primary now.</param>
    public static CollectionDuty Duty(MemberState member, WritePermission writes, bool servesReads) => member switch
    {
        AppointedMember follower when MemberServing.ConfirmsTo(follower, follower.Term) =>
            new CollectionDuty.Follow(follower.PromisedTerm, writes, follower.Appointment),
        CatchingUpMember catching => new CollectionDuty.CatchUp(catching.PromisedTerm, writes, catching.Appointment),
        AppointedMember primary when MemberServing.ServesFeed(primary, primary.Term) =>
            new CollectionDuty.Lead(primary.PromisedTerm, writes, servesReads, primary.Appointment),
        _ => new CollectionDuty.Idle(member.PromisedTerm, member.Term, writes),
    };
}
