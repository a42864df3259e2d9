using MongoDB.Bson;
using Orchestrator.MongoDouble.Wire;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>hello, and logging in.</summary>
internal static class HelloCommands
{
    private static readonly Version Any = new(0, 0);

    public static void Register(Registration add)
    {
        add("hello", new CommandEntry("", new Version(4, 4, 2), false, Run));
        add("isMaster", new CommandEntry("", Any, false, Run));
        add("saslStart", new CommandEntry("", new Version(3, 0), false, SaslStart));
        add("saslContinue", new CommandEntry("", new Version(3, 0), false, SaslContinue));
        add("authenticate", new CommandEntry("", Any, false, AuthenticateByCertificate));
        add("logout", new CommandEntry("", Any, false, context => Task.FromResult(CommandContext.Ok())));
    }

    public static async Task<BsonDocument> Run(CommandContext context)
    {
        context.Set.Advance();
        if (context.Command.TryGetValue("topologyVersion", out var known)
            && known["processId"] == context.Member.ProcessId && known["counter"].ToInt64() >= context.Set.Counter)
        {
            await context.Set.AwaitChange(TimeSpan.FromMilliseconds(context.Int("maxAwaitTimeMS", 0)), context.Cancelled);
            context.Set.Advance();
        }

        return Tell(context);
    }

    private static BsonDocument Tell(CommandContext context)
    {
        var (member, set, version) = (context.Member, context.Set, context.Version);
        var isPrimary = member.IsPrimaryOrStandalone;
        var answer = new BsonDocument { { context.Name == "hello" ? "isWritablePrimary" : "ismaster", isPrimary } };
        if (version.Since(4, 4))
        {
            answer["topologyVersion"] = new BsonDocument { { "processId", member.ProcessId }, { "counter", set.Counter } };
            answer["helloOk"] = true;
        }

        if (set.Shards.Count > 0)
        {
            answer["msg"] = "isdbgrid";
        }

        if (set.IsReplicaSet)
        {
            TellSet(answer, member, set, isPrimary);
        }

        var mechanisms = context.Command.GetValue("saslSupportedMechs", "").AsString;
        if (mechanisms.Length > 0 && set.Users.ContainsKey(mechanisms.Split('.', 2)[^1]))
        {
            answer["saslSupportedMechs"] = new BsonArray(ScramConversation.Mechanisms);
        }

        answer.AddRange(new BsonDocument
        {
            { "maxBsonObjectSize", 16 << 20 },
            { "maxMessageSizeBytes", 48_000_000 },
            { "maxWriteBatchSize", 100_000 },
            { "localTime", TimeProvider.System.GetUtcNow().UtcDateTime },
            { "connectionId", context.Connection.Id },
            { "minWireVersion", 0 },
            { "maxWireVersion", version.MaxWire },
            { "readOnly", false },
        });
        if (version.Since(3, 6))
        {
            answer["logicalSessionTimeoutMinutes"] = 30;
        }

        return CommandContext.Ok(answer);
    }

    private static void TellSet(BsonDocument answer, DoubleMember member, DoubleReplicaSet set, bool isPrimary)
    {
        var shown = set.Members.Where(other => !other.Options.IsHidden).ToList();
        answer.AddRange(new BsonDocument
        {
            { "hosts", Names(shown.Where(other => !other.Options.IsArbiter && other.Options.Priority > 0)) },
            { "passives", Names(shown.Where(other => !other.Options.IsArbiter && other.Options.Priority <= 0)) },
            { "arbiters", Names(shown.Where(other => other.Options.IsArbiter)) },
            { "setName", set.Name },
            { "setVersion", 1 },
            { "secondary", member.State == MemberStates.Secondary },
            { "me", member.Name },
        });
        if (member.Options.IsArbiter)
        {
            answer["arbiterOnly"] = true;
        }

        if (member.Options.IsHidden)
        {
            answer["hidden"] = true;
            answer["passive"] = true;
        }

        if (set.Primary is { } primary)
        {
            answer["primary"] = primary.Name;
        }

        if (isPrimary)
        {
            answer["electionId"] = new ObjectId($"7fffffff{set.Term:x16}");
        }

        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        answer["lastWrite"] = new BsonDocument
        {
            { "opTime", new BsonDocument { { "ts", ReplicationCommands.Timestamp(now) }, { "t", set.Term } } },
            { "lastWriteDate", now },
        };
    }

    private static BsonArray Names(IEnumerable<DoubleMember> members) => new(members.Select(member => member.Name));

    private static Task<BsonDocument> SaslStart(CommandContext context)
    {
        var mechanism = context.Command["mechanism"].AsString;
        if (!ScramConversation.Mechanisms.Contains(mechanism))
        {
            throw Refusal();
        }

        context.Connection.Conversation = new ScramConversation(
            mechanism,
            user => context.Member.Options.IsArbiter ? null : context.Set.Users.GetValueOrDefault(user)?.Password);
        return SaslContinue(context);
    }

    private static Task<BsonDocument> SaslContinue(CommandContext context)
    {
        var conversation = context.Connection.Conversation ?? throw Refusal();
        var wasDone = conversation.IsDone;
        var answer = conversation.Next(context.Command["payload"].AsByteArray) ?? throw Refusal();
        if (conversation.IsDone)
        {
            context.Connection.User = conversation.User;
        }

        var skips = context.Command.TryGetValue("options", out var options) && options.AsBsonDocument.GetValue("skipEmptyExchange", false).ToBoolean();
        return Task.FromResult(CommandContext.Ok(new BsonDocument
        {
            { "conversationId", 1 },
            { "done", conversation.IsDone && (wasDone || skips || context.Name == "saslContinue" && context.Version.Since(4, 4)) },
            { "payload", answer },
        }));
    }

    private static Task<BsonDocument> AuthenticateByCertificate(CommandContext context)
    {
        var name = context.Connection.CertificateName;
        if (context.Command.GetValue("mechanism", "").AsString != "MONGODB-X509" || name.Length == 0 || !context.Set.Users.ContainsKey(name))
        {
            throw Refusal();
        }

        context.Connection.User = name;
        return Task.FromResult(CommandContext.Ok(new BsonDocument { { "dbname", "$external" }, { "user", name } }));
    }

    private static CommandError Refusal() => new(18, "AuthenticationFailed", "Authentication failed.");
}
