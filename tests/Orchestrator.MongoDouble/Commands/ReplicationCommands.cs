using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>What a replica set tells of itself, and its maintenance.</summary>
internal static class ReplicationCommands
{
    public static void Register(Registration add)
    {
        add("replSetGetStatus", new CommandEntry("replSetGetStatus", new Version(0, 0), false, InSet(GetStatus)));
        add("replSetGetConfig", new CommandEntry("replSetGetConfig", new Version(3, 0), false, InSet(GetConfig)));
        add("replSetStepDown", new CommandEntry("replSetStateChange", new Version(0, 0), false, StepDown));
        add("replSetFreeze", new CommandEntry("replSetStateChange", new Version(0, 0), false, InSet(Freeze)));
        add("replSetMaintenance", new CommandEntry("replSetStateChange", new Version(0, 0), false, InSet(Maintain)));
    }

    public static BsonTimestamp Timestamp(DateTime time) => new((int)((DateTimeOffset)time).ToUnixTimeSeconds(), 1);

    private static Func<CommandContext, Task<BsonDocument>> InSet(Func<CommandContext, BsonDocument> run) => context =>
    {
        context.Set.Advance();
        return Task.FromResult(context.Set.IsReplicaSet ? run(context) : throw CommandError.NoReplication());
    };

    private static BsonDocument GetStatus(CommandContext context)
    {
        var (set, now) = (context.Set, TimeProvider.System.GetUtcNow().UtcDateTime);
        var status = new BsonDocument
        {
            { "set", set.Name },
            { "date", now },
            { "myState", context.Member.State },
            { "heartbeatIntervalMillis", 2000L },
        };
        if (context.Version.Since(3, 2))
        {
            status["term"] = set.Term;
        }

        if (context.Version.Since(4, 4))
        {
            var voters = set.Members.Sum(member => member.Options.Votes);
            status["majorityVoteCount"] = (voters / 2) + 1;
            status["votingMembersCount"] = voters;
            status["writableVotingMembersCount"] = set.Members.Where(member => !member.Options.IsArbiter).Sum(member => member.Options.Votes);
        }

        status["members"] = new BsonArray(set.Members.Select(member => Row(context, member, now)));
        return CommandContext.Ok(status);
    }

    private static BsonDocument Row(CommandContext context, DoubleMember member, DateTime now)
    {
        var state = member.State;
        var row = new BsonDocument
        {
            { "_id", member.Id },
            { "name", member.Name },
            { "health", member.IsRunning ? 1.0 : 0.0 },
            { "state", state },
            { "stateStr", MemberStates.Name(state) },
            { "uptime", (int)(now - member.StartedAt.UtcDateTime).TotalSeconds },
        };
        if (!member.Options.IsArbiter)
        {
            // A quiet set: what everybody has is a minute old, so that reading the clock twice gives the same.
            var last = context.Set.Id.CreationTime.AddMinutes(-1);
            var at = member.State == MemberStates.Primary ? last : last.AddSeconds(-member.LagSeconds - member.Options.DelaySeconds);
            row["optime"] = context.Version.Since(3, 2) ? new BsonDocument { { "ts", Timestamp(at) }, { "t", context.Set.Term } } : Timestamp(at);
            row["optimeDate"] = at;
        }

        if (member.SyncSource.Length > 0)
        {
            row[context.Version.Since(4, 4) ? "syncSourceHost" : "syncingTo"] = member.SyncSource;
        }

        if (member == context.Member)
        {
            row["self"] = true;
        }
        else
        {
            row["lastHeartbeat"] = now;
            row["pingMs"] = 0L;
            row["lastHeartbeatMessage"] = member.IsRunning ? "" : "Error connecting to " + member.Name;
        }

        return row;
    }

    private static BsonDocument GetConfig(CommandContext context) => CommandContext.Ok(new BsonDocument("config", Configuration(context)));

    public static BsonDocument Configuration(CommandContext context)
    {
        var delay = context.Version.Since(5, 0) ? "secondaryDelaySecs" : "slaveDelay";
        var config = new BsonDocument
        {
            { "_id", context.Set.Name },
            { "version", 1 },
            { "protocolVersion", 1L },
            { "members", new BsonArray(context.Set.Members.Select(member => new BsonDocument
                {
                    { "_id", member.Id },
                    { "host", member.Name },
                    { "arbiterOnly", member.Options.IsArbiter },
                    { "buildIndexes", true },
                    { "hidden", member.Options.IsHidden },
                    { "priority", member.Options.IsArbiter ? 0 : member.Options.Priority },
                    { "tags", new BsonDocument() },
                    { delay, (long)member.Options.DelaySeconds },
                    { "votes", member.Options.Votes },
                }))
            },
            { "settings", new BsonDocument
                {
                    { "chainingAllowed", true },
                    { "heartbeatIntervalMillis", 2000 },
                    { "heartbeatTimeoutSecs", 10 },
                    { "electionTimeoutMillis", 10000 },
                    { "replicaSetId", context.Set.Id },
                }
            },
        };
        if (context.Set.IsConfigServer)
        {
            config["configsvr"] = true;
        }

        return config;
    }

    private static async Task<BsonDocument> StepDown(CommandContext context)
    {
        if (!context.Set.IsReplicaSet)
        {
            throw CommandError.NoReplication();
        }

        context.Set.Advance();
        var seconds = context.Value.ToInt32();
        var catchUp = context.Int("secondaryCatchUpPeriodSecs", 10);
        if (seconds <= catchUp)
        {
            throw new CommandError(2, "BadValue", "stepdown period must be longer than secondaryCatchUpPeriodSecs");
        }

        await context.Set.StepDown(context.Member, seconds, catchUp, context.Flag("force"), context.Cancelled);
        if (!context.Version.Since(4, 2))
        {
            // Old versions close every connection, this one too.
            context.Member.CloseConnections(_ => true);
        }

        return CommandContext.Ok();
    }

    private static BsonDocument Freeze(CommandContext context)
    {
        var seconds = context.Value.ToInt32();
        if (context.Member.IsPrimaryOrStandalone)
        {
            throw new CommandError(95, "NotSecondary", "cannot freeze node when primary or running for election. state: Primary");
        }

        context.Member.FrozenUntil = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        if (seconds > 0)
        {
            return CommandContext.Ok();
        }

        context.Member.SteppedDownUntil = default;
        return CommandContext.Ok(new BsonDocument("info", "unfreezing"));
    }

    private static BsonDocument Maintain(CommandContext context)
    {
        if (context.Member.IsPrimaryOrStandalone)
        {
            throw new CommandError(95, "NotSecondary", "primaries can't modify maintenance mode");
        }

        var on = context.Value.ToBoolean();
        if (!on && context.Member.Maintenance == 0)
        {
            throw new CommandError(96, "OperationFailed", "already out of maintenance mode");
        }

        context.Member.Maintenance += on ? 1 : -1;
        context.Set.Changed();
        return CommandContext.Ok();
    }
}
