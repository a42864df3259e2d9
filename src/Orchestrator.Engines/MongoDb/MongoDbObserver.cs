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
        var features = await calls.FeatureVersion(cancellationToken).ConfigureAwait(false);
        var notes = await NotesOfShard(cancellationToken).ConfigureAwait(false);
        var answersData = status is null or { MyState: MongoDbStates.Primary or MongoDbStates.Secondary };
        var disk = answersData ? await calls.Disk(cancellationToken).ConfigureAwait(false) : null;
        return Tell(
            version,
            Condition(status, version, compactions, [.. BackgroundWork(server), .. notes, OlderFeatures(features, version), member.Trouble]),
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

    /// <summary>What makes a compaction of a shard's member free less than it could.</summary>
    private async Task<IReadOnlyList<string>> NotesOfShard(CancellationToken cancellationToken)
    {
        if (!member.BelongsToShardedCluster || Set.Configuration.IsOfConfigServers)
        {
            return [];
        }

        var ranges = await member.Calls.RangesToDelete(cancellationToken).ConfigureAwait(false);
        return
        [
            member.ChunksAreMoving ? "the balancer moves chunks" : "",
            ranges > 0 ? $"{ranges} {(ranges == 1 ? "range" : "ranges")} of moved documents must still be deleted: a compaction after that frees more" : "",
        ];
    }

    /// <param name="status">Null outside of replica sets.</param>
    private (NodeState State, string Reason) Condition(
        MongoDbStatus? status, MongoDbVersion version, IReadOnlyList<MongoDbOperation> compactions, IReadOnlyList<string> notes)
    {
        if (status is null or { MyState: MongoDbStates.Primary or MongoDbStates.Secondary })
        {
            return compactions.Count > 0
                ? (NodeState.Compacting, Describe(compactions) + Followers(status, version))
                : (NodeState.Online, string.Join("; ", notes.Where(note => note.Length > 0)));
        }

        var self = status.Self;
        var state = self?.StateText is { Length: > 0 } text ? text : $"state {status.MyState}";
        var info = self?.Info is { Length: > 0 } said ? $": {said}" : "";
        return status.MyState switch
        {
            MongoDbStates.Recovering when compactions.Count > 0 && !version.StaysSecondary =>
                (NodeState.Recovering, $"{Describe(compactions)}, and is RECOVERING meanwhile, as MongoDB {version} does{Followers(status, version)}"),
            MongoDbStates.Recovering => (NodeState.Recovering, $"is RECOVERING{info}: it catches up, or is in maintenance mode"),
            MongoDbStates.Rollback => (NodeState.Recovering, $"is in ROLLBACK{info}"),
            MongoDbStates.Removed => (NodeState.Failed, "is no longer in the configuration of its replica set"),
            _ => (NodeState.Recovering, $"is in {state}{info}"),
        };
    }

    /// <summary>Members that replicate from one that stands still fall behind with it (chained replication).</summary>
    private string Followers(MongoDbStatus? status, MongoDbVersion version)
    {
        var followers = version.ReplicatesMeanwhile || status is null
            ? []
            : (Set.PrimaryStatus ?? status).Members.Where(row => row.SyncSource == member.Name).Select(row => row.Name).ToList();
        return followers.Count == 0
            ? ""
            : $"; {string.Join(", ", followers)} {(followers.Count == 1 ? "replicates from it and falls" : "replicate from it and fall")} behind too";
    }

    /// <summary>An upgrade that is not completed: options of the new version may be refused.</summary>
    private static string OlderFeatures(string features, MongoDbVersion version) =>
        features.Length > 0 && features != version.Feature ? $"its feature compatibility version is {features}" : "";

    private static IReadOnlyList<string> BackgroundWork(BsonDocument server) =>
        MongoDbAutoCompact.IsRunning(server) ? ["background compaction (autoCompact) is on"] : [];

    private static string Describe(IReadOnlyList<MongoDbOperation> compactions) =>
        $"compacts {string.Join(", ", compactions.Select(operation => $"{operation.Namespace} for {operation.Whose}"))}";
}
