using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Compares what the user may do with what runs need. The list is that of the role in <c>docs/engines/mongodb.md</c>.</summary>
internal static class MongoDbAccess
{
    private const string Cluster = "the cluster";

    private static readonly string[] OnCluster = ["replSetGetStatus", "replSetGetConfig", "replSetStateChange", "serverStatus", "listDatabases", "inprog", "killop"];
    private static readonly string[] OnDatabases = ["compact", "collStats", "listCollections"];
    private static readonly string[] OnClaims = ["find", "insert", "update", "remove"];

    /// <returns>What is missing on this member; of databases only those that exist.</returns>
    public static async Task<IReadOnlyList<AccessGap>> Check(
        string member, bool isReplicaSet, MongoDbCalls calls, MongoDbClusterOptions options, CancellationToken cancellationToken)
    {
        var answer = await calls.Admin(new BsonDocument { { "connectionStatus", 1 }, { "showPrivileges", true } }, cancellationToken).ConfigureAwait(false);
        var info = answer["authInfo"].AsBsonDocument;
        if (info["authenticatedUsers"].AsBsonArray.Count == 0)
        {
            return await IsOpen(calls, cancellationToken).ConfigureAwait(false) ? [] : [new AccessGap(member, Cluster, ["a user that logs in"])];
        }

        var privileges = info.GetValue("authenticatedUserPrivileges", new BsonArray()).AsBsonArray.Select(privilege => privilege.AsBsonDocument).ToList();
        var onCluster = OnCluster.Where(action => isReplicaSet || !action.StartsWith("replSet", StringComparison.Ordinal));
        List<AccessGap> gaps = [new(member, Cluster, [.. onCluster.Where(action => !Grants(privileges, action, IsCluster))])];
        foreach (var database in await DatabasesOf(calls, cancellationToken).ConfigureAwait(false))
        {
            gaps.Add(new(member, $"database {database}", [.. OnDatabases.Where(action => !Grants(privileges, action, resource => Covers(resource, database, "")))]));
        }

        gaps.Add(new(member, "database admin", Grants(privileges, "dbStats", resource => Covers(resource, "admin", "")) ? [] : ["dbStats"]));
        if (options.ClaimCollection.Split('.', 2) is [var claims, var collection])
        {
            gaps.Add(new(member, $"collection {options.ClaimCollection}", [.. OnClaims.Where(action => !Grants(privileges, action, resource => Covers(resource, claims, collection)))]));
        }

        return [.. gaps.Where(gap => gap.Actions.Count > 0)];
    }

    /// <summary>Whether the server does what nobody was asked for a password for.</summary>
    private static async Task<bool> IsOpen(MongoDbCalls calls, CancellationToken cancellationToken)
    {
        try
        {
            await calls.ServerStatus(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MongoDbRefusal refusal) when (refusal.IsDenial)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<string>> DatabasesOf(MongoDbCalls calls, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await calls.Databases(cancellationToken).ConfigureAwait(false)).Except(MongoDbInventory.SystemDatabases)];
        }
        catch (MongoDbRefusal refusal) when (refusal.IsDenial)
        {
            // That is among the gaps itself.
            return [];
        }
    }

    private static bool Grants(IEnumerable<BsonDocument> privileges, string action, Func<BsonDocument, bool> isFor) => privileges.Any(privilege =>
        privilege["actions"].AsBsonArray.Any(granted => granted == action || granted == "anyAction")
        && (privilege["resource"].AsBsonDocument is var resource && (resource.Contains("anyResource") || isFor(resource))));

    private static bool IsCluster(BsonDocument resource) => resource.Contains("cluster");

    /// <summary>An empty name stands for all; of collections for all but those of the system.</summary>
    private static bool Covers(BsonDocument resource, string database, string collection) =>
        resource.TryGetValue("db", out var db) && (db == "" || db == database)
        && resource.TryGetValue("collection", out var granted) && (granted == "" || granted == collection);
}
