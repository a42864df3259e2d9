using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>Queries that old clients send in place of commands that old servers do not have.</summary>
internal static class OldQueries
{
    public static IReadOnlyList<BsonDocument> Answer(CommandContext context)
    {
        if (context.Version.Since(5, 1))
        {
            return [new BsonDocument("$err", "OP_QUERY is no longer supported").Add("code", 5739101)];
        }

        return context.Request.Collection switch
        {
            "admin.$cmd.sys.inprog" => [Allowed(context, "inprog", () => OperationCommands.CurrentOp(context))],
            "admin.$cmd.sys.killop" => [Allowed(context, "killop", () => OperationCommands.KillOp(context.Member, context.Command["op"].ToInt32()))],
            "local.system.replset" when context.Set.IsReplicaSet => [ReplicationCommands.Configuration(context)],
            var ns when ns.EndsWith(".system.namespaces", StringComparison.Ordinal) => Namespaces(context),
            var ns => DocumentCommands.Query(context, ns),
        };
    }

    private static BsonDocument Allowed(CommandContext context, string action, Func<BsonDocument> answer)
    {
        CommandTable.Authorize(context, action);
        return answer();
    }

    private static List<BsonDocument> Namespaces(CommandContext context) =>
    [
        .. context.Member.Collections.Values
            .Where(collection => collection.Database == context.Database)
            .OrderBy(collection => collection.Name, StringComparer.Ordinal)
            .SelectMany(collection => collection.Indexes.Keys
                .Select(index => new BsonDocument("name", $"{collection.Namespace}.${index}"))
                .Prepend(new BsonDocument("name", collection.Namespace))),
    ];
}
