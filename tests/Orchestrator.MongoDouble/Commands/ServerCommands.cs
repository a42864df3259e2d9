using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>What a server tells of itself.</summary>
internal static class ServerCommands
{
    private static readonly Version Any = new(0, 0);

    public static void Register(Registration add)
    {
        Answer("ping", "", _ => []);
        Answer("endSessions", "", _ => []);
        Answer("killCursors", "", _ => []);
        Answer("buildInfo", "", context => new BsonDocument
        {
            { "version", context.Version.Text },
            { "versionArray", new BsonArray([context.Version.Number.Major, context.Version.Number.Minor, context.Version.Number.Build, 0]) },
            { "storageEngines", new BsonArray([context.Member.StorageEngine]) },
            { "bits", 64 },
            { "maxBsonObjectSize", 16 << 20 },
            { "modules", new BsonArray() },
        });
        Answer("serverStatus", "serverStatus", ServerStatus);
        Answer("getParameter", "getParameter", context => context.Command.Contains("featureCompatibilityVersion")
            ? new BsonDocument("featureCompatibilityVersion", new BsonDocument("version", context.Member.Features))
            : []);
        Answer("getCmdLineOpts", "getCmdLineOpts", context => new BsonDocument
        {
            { "argv", new BsonArray(["mongod"]) },
            { "parsed", new BsonDocument("net", new BsonDocument("port", context.Member.Port)) },
        });
        Answer("connPoolStats", "connPoolStats", context => new BsonDocument("totalInUse", context.Member.ConnectionCount));
        Answer("hostInfo", "hostInfo", context => new BsonDocument("system", new BsonDocument("hostname", context.Member.Name)));
        Answer("getLog", "getLog", _ => new BsonDocument { { "totalLinesWritten", 0 }, { "log", new BsonArray() } });
        Answer("connectionStatus", "", ConnectionStatus);
        Answer("listShards", "listShards", context => context.Set.Shards.Count == 0
            ? throw new CommandError(59, "CommandNotFound", "no such command: 'listShards'")
            : new BsonDocument("shards", new BsonArray(context.Set.Shards.Select(shard => new BsonDocument
            {
                { "_id", shard.Name },
                { "host", shard.ConnectionString },
                { "state", 1 },
            }))));
        Answer("balancerStatus", "", context => context.Set.Shards.Count == 0
            ? throw new CommandError(59, "CommandNotFound", "no such command: 'balancerStatus'")
            : new BsonDocument { { "mode", "full" }, { "inBalancerRound", context.Set.MovesChunks }, { "numBalancerRounds", 7L } });
        Answer("fsync", "fsync", Lock);
        Answer("fsyncUnlock", "fsync", context =>
        {
            context.Member.FsyncLocked = false;
            return new BsonDocument("lockCount", 0);
        });

        void Answer(string name, string action, Func<CommandContext, BsonDocument> tell) =>
            add(name, new CommandEntry(action, Any, false, context => Task.FromResult(CommandContext.Ok(tell(context)))));
    }

    private static BsonDocument ServerStatus(CommandContext context)
    {
        var member = context.Member;
        var status = new BsonDocument
        {
            { "host", member.Name },
            { "version", context.Version.Text },
            { "process", "mongod" },
            { "pid", (long)Environment.ProcessId },
            { "uptime", (TimeProvider.System.GetUtcNow() - member.StartedAt).TotalSeconds },
            { "localTime", TimeProvider.System.GetUtcNow().UtcDateTime },
        };
        if (context.Set.ConfigServers is { } config)
        {
            status["process"] = "mongos";
            status["sharding"] = new BsonDocument("configsvrConnectionString", config.ConnectionString);
        }

        if (context.Version.Since(3, 0))
        {
            status["storageEngine"] = new BsonDocument { { "name", member.StorageEngine }, { "backupCursorOpen", member.BackupCursorOpen } };
        }

        if (member.StorageEngine == "wiredTiger")
        {
            var compacting = member.Operations.Count(operation => operation.Command.Contains("compact"));
            status["wiredTiger"] = new BsonDocument("session", new BsonDocument("table compact running", compacting));
            if (context.Version.Since(8, 0))
            {
                status["wiredTiger"].AsBsonDocument["background-compact"] = new BsonDocument("background compact running", member.AutoCompact is null ? 0 : 1);
            }
        }

        return status;
    }

    private static BsonDocument ConnectionStatus(CommandContext context)
    {
        var user = context.Set.Users.GetValueOrDefault(context.Connection.User);
        var info = new BsonDocument
        {
            { "authenticatedUsers", new BsonArray(user is null ? [] : [new BsonDocument { { "user", user.Name }, { "db", "admin" } }]) },
            { "authenticatedUserRoles", new BsonArray(user is { Actions: null } ? [new BsonDocument { { "role", "root" }, { "db", "admin" } }] : []) },
        };
        if (context.Flag("showPrivileges") && user is not null)
        {
            var actions = new BsonArray(user.Actions ?? Actions.All);
            info["authenticatedUserPrivileges"] = new BsonArray(
            [
                new BsonDocument { { "resource", new BsonDocument { { "db", "" }, { "collection", "" } } }, { "actions", actions } },
                new BsonDocument { { "resource", new BsonDocument("cluster", true) }, { "actions", actions } },
            ]);
        }

        return new BsonDocument("authInfo", info);
    }

    private static BsonDocument Lock(CommandContext context)
    {
        context.Member.FsyncLocked = context.Flag("lock");
        return new BsonDocument("lockCount", context.Member.FsyncLocked ? 1 : 0);
    }
}

/// <summary>The privilege actions that commands of the double need.</summary>
internal static class Actions
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>
    {
        "replSetGetStatus", "replSetGetConfig", "replSetStateChange", "listDatabases", "listCollections", "collStats", "dbStats", "listIndexes", "compact", "inprog", "killop",
        "serverStatus", "getParameter", "getCmdLineOpts", "connPoolStats", "hostInfo", "getLog", "fsync", "find", "insert", "update", "remove", "listShards", "getShardMap",
    };
}
