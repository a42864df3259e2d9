using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>One look at a member.</summary>
internal sealed class MongoDbObserver(MongoDbMemberDriver member)
{
    private MongoDbSet Set => member.Set;

    private MongoDbMemberConfiguration? Configured => Set.Configuration.Find(member.Name);

    public async Task<MemberObservation> Look(CancellationToken cancellationToken)
    {
        var hello = await member.Identify(cancellationToken).ConfigureAwait(false);
        if (hello.IsArbiter)
        {
            // It has no data and knows no users: nothing else can be asked.
            return Tell(MongoDbVersion.Newest, (NodeState.Online, ""), MemberRole.Arbiter, Set.Term, hello.Primary) with { Version = "" };
        }

        var calls = member.Calls;
        var version = await calls.Version(cancellationToken).ConfigureAwait(false);
        var status = Set.IsReplicaSet ? await calls.Status(cancellationToken).ConfigureAwait(false) : null;
        if (status is not null)
        {
            Set.Learn(status);
        }

        var server = await calls.ServerStatus(cancellationToken).ConfigureAwait(false);
        var compactions = await calls.Compactions(cancellationToken).ConfigureAwait(false);
        var backup = server.GetValue("storageEngine", new BsonDocument()).AsBsonDocument.GetValue("backupCursorOpen", false).ToBoolean()
            || await calls.IsFsyncLocked(cancellationToken).ConfigureAwait(false);
        var answersData = status is null or { MyState: MongoDbStates.Primary or MongoDbStates.Secondary };
        var disk = answersData ? await calls.Disk(cancellationToken).ConfigureAwait(false) : null;
        return Tell(
            version,
            status is null ? Busy(compactions, server, member.Trouble) : Condition(status, version, compactions, server),
            status is null or { MyState: MongoDbStates.Primary } ? MemberRole.Primary : Configured is { Votes: 0 } ? MemberRole.Learner : MemberRole.Secondary,
            status?.Term ?? 0,
            status?.Primary?.Name ?? (status is null ? member.Name : "")) with
        {
            Lag = new ReplicationLag(0, status is null ? 0 : LagOf(status)),
            Disk = disk is { } space ? new DiskSpace(space.Free, space.Total) : DiskSpace.Unseen,
            BackupRunning = backup,
        };
    }

    private MemberObservation Tell(MongoDbVersion version, (NodeState State, string Reason) condition, MemberRole role, long term, string primary) =>
        new(condition.State, condition.Reason, role, term, primary, ReplicationLag.None, DiskSpace.Unseen, MongoDbCapabilities.Of(version, Set.IsReplicaSet))
        {
            Version = version.ToString(),
            CannotLead = Configured is { CanLead: false },
        };

    /// <summary>A delayed member is behind on purpose; what the primary knows goes before what the member knows.</summary>
    private double LagOf(MongoDbStatus own)
    {
        var lag = Set.PrimaryStatus?.LagOf(member.Name) ?? own.LagOf(member.Name) ?? 0;
        return Math.Max(0, lag - (Configured?.Delay.TotalSeconds ?? 0));
    }

    private (NodeState State, string Reason) Condition(
        MongoDbStatus status, MongoDbVersion version, IReadOnlyList<MongoDbOperation> compactions, BsonDocument server)
    {
        var self = status.Self;
        var state = self?.StateText is { Length: > 0 } text ? text : $"state {status.MyState}";
        var info = self?.Info is { Length: > 0 } said ? $": {said}" : "";
        return status.MyState switch
        {
            MongoDbStates.Primary or MongoDbStates.Secondary => Busy(compactions, server, member.Trouble),
            MongoDbStates.Recovering when compactions.Count > 0 && !version.StaysSecondary =>
                (NodeState.Recovering, $"{Describe(compactions)}, and is RECOVERING meanwhile, as MongoDB {version} does"),
            MongoDbStates.Recovering => (NodeState.Recovering, $"is RECOVERING{info}: it catches up, or is in maintenance mode"),
            MongoDbStates.Rollback => (NodeState.Recovering, $"is in ROLLBACK{info}"),
            MongoDbStates.Removed => (NodeState.Failed, "is no longer in the configuration of its replica set"),
            _ => (NodeState.Recovering, $"is in {state}{info}"),
        };
    }

    private static (NodeState State, string Reason) Busy(IReadOnlyList<MongoDbOperation> compactions, BsonDocument server, string trouble)
    {
        if (compactions.Count > 0)
        {
            return (NodeState.Compacting, Describe(compactions));
        }

        return (NodeState.Online, MongoDbAutoCompact.IsRunning(server) ? "background compaction (autoCompact) is on" : trouble);
    }

    private static string Describe(IReadOnlyList<MongoDbOperation> compactions) =>
        $"compacts {string.Join(", ", compactions.Select(operation => $"{operation.Namespace} for {operation.Whose}"))}";
}
