using MongoDB.Bson;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Who a server says it is.</summary>
internal sealed class MongoDbHello(BsonDocument answer)
{
    public string Set => answer.GetValue("setName", "").AsString;

    /// <summary>Its name in the configuration of its set; empty outside of one.</summary>
    public string Me => answer.GetValue("me", "").AsString;

    public bool IsPrimary => answer.GetValue("isWritablePrimary", answer.GetValue("ismaster", false)).ToBoolean();

    public bool IsSecondary => answer.GetValue("secondary", false).ToBoolean();

    public bool IsArbiter => answer.GetValue("arbiterOnly", false).ToBoolean();

    public bool IsRouter => answer.GetValue("msg", "") == "isdbgrid";

    /// <summary>It waits to be made a member of a replica set.</summary>
    public bool IsUninitiated => answer.GetValue("isreplicaset", false).ToBoolean();

    public string Primary => answer.GetValue("primary", "").AsString;

    public DateTime LocalTime => answer["localTime"].ToUniversalTime();
}

/// <summary>What a member knows of its set's members.</summary>
internal sealed class MongoDbStatus(BsonDocument answer)
{
    public int MyState => answer["myState"].ToInt32();

    /// <summary>0 where the version or the protocol of the set has none.</summary>
    public long Term => Math.Max(0, answer.GetValue("term", 0).ToInt64());

    public IReadOnlyList<MongoDbStatusRow> Members { get; } =
        [.. answer["members"].AsBsonArray.Select(row => new MongoDbStatusRow(row.AsBsonDocument))];

    public MongoDbStatusRow? Self => Members.FirstOrDefault(row => row.IsSelf);

    public MongoDbStatusRow? Primary => Members.FirstOrDefault(row => row.State == MongoDbStates.Primary);

    public MongoDbStatusRow? Find(string name) => Members.FirstOrDefault(row => row.Name == name);

    /// <summary>Seconds that a member is behind the primary; null where this status does not tell.</summary>
    public double? LagOf(string name)
    {
        if (Primary is not { OptimeDate: { } first } primary || Find(name) is not { OptimeDate: { } own } row)
        {
            return null;
        }

        // Clocks may differ; the same operation is the same operation.
        return row.Optime == primary.Optime ? 0 : Math.Max(0, (first - own).TotalSeconds);
    }
}

/// <summary>One member in the view of another.</summary>
internal sealed class MongoDbStatusRow(BsonDocument row)
{
    public string Name => row["name"].AsString;

    public int State => row["state"].ToInt32();

    public string StateText => row.GetValue("stateStr", "").AsString;

    public bool IsHealthy => row.GetValue("health", 1).ToDouble() > 0;

    public bool IsSelf => row.GetValue("self", false).ToBoolean();

    public string Info => row.GetValue("infoMessage", row.GetValue("errmsg", "")).ToString() ?? "";

    public string SyncSource => row.GetValue("syncSourceHost", row.GetValue("syncingTo", "")).AsString;

    public BsonValue? Optime => row.GetValue("optime", BsonNull.Value);

    public DateTime? OptimeDate => row.TryGetValue("optimeDate", out var date) ? date.ToUniversalTime() : null;
}

/// <summary>States of members, as MongoDB numbers them.</summary>
internal static class MongoDbStates
{
    public const int Primary = 1;
    public const int Secondary = 2;
    public const int Recovering = 3;
    public const int Rollback = 9;
    public const int Removed = 10;
}

/// <summary>The configuration of a replica set.</summary>
internal sealed record MongoDbSetConfiguration(string Name, IReadOnlyList<MongoDbMemberConfiguration> Members, TimeSpan ElectionTimeout)
{
    /// <summary>Whether the set keeps what a sharded cluster knows of itself.</summary>
    public bool IsOfConfigServers { get; init; }

    public static MongoDbSetConfiguration Of(BsonDocument config)
    {
        var settings = config.GetValue("settings", new BsonDocument()).AsBsonDocument;
        return new MongoDbSetConfiguration(
            config["_id"].AsString,
            [.. config["members"].AsBsonArray.Select(member => MongoDbMemberConfiguration.Of(member.AsBsonDocument))],
            TimeSpan.FromMilliseconds(settings.GetValue("electionTimeoutMillis", 10000).ToInt64()))
        {
            IsOfConfigServers = config.GetValue("configsvr", false).ToBoolean(),
        };
    }

    public MongoDbMemberConfiguration? Find(string name) => Members.FirstOrDefault(member => member.Name == name);
}

/// <summary>How a member stands in its set.</summary>
/// <param name="Delay">How far it stays behind on purpose.</param>
internal sealed record MongoDbMemberConfiguration(string Name, bool IsArbiter, bool IsHidden, double Priority, int Votes, TimeSpan Delay)
{
    public bool CanLead => !IsArbiter && Priority > 0;

    /// <summary>Why it never becomes primary, for people.</summary>
    public string WhyNotLead => IsArbiter ? "it is an arbiter" : IsHidden ? "it is hidden" : Delay > TimeSpan.Zero ? "it is delayed" : "its priority is 0";

    public static MongoDbMemberConfiguration Of(BsonDocument member) => new(
        member["host"].AsString,
        member.GetValue("arbiterOnly", false).ToBoolean(),
        member.GetValue("hidden", false).ToBoolean(),
        member.GetValue("priority", 1).ToDouble(),
        member.GetValue("votes", 1).ToInt32(),
        TimeSpan.FromSeconds(member.GetValue("secondaryDelaySecs", member.GetValue("slaveDelay", 0)).ToInt64()));
}

/// <summary>A compaction at work on a server.</summary>
internal sealed class MongoDbOperation(BsonDocument operation)
{
    private BsonDocument Command => operation.GetValue("command", operation.GetValue("query", new BsonDocument())).AsBsonDocument;

    /// <summary>As MongoDB gives it: a number, or a text from a mongos.</summary>
    public BsonValue Id => operation["opid"];

    public string Collection => Command.GetValue("compact", "").AsString;

    public string Database => operation.GetValue("ns", "").AsString.Split('.')[0];

    public string Namespace => $"{Database}.{Collection}";

    /// <summary>How far it is, 0 to 1, where the server tells.</summary>
    public double Fraction => operation.GetValue("progress", BsonNull.Value) is BsonDocument { ElementCount: > 0 } progress && progress["total"].ToDouble() > 0
        ? progress["done"].ToDouble() / progress["total"].ToDouble()
        : 0;

    public TimeSpan Runs => operation.TryGetValue("microsecs_running", out var micro)
        ? TimeSpan.FromMicroseconds(micro.ToInt64())
        : TimeSpan.FromSeconds(operation.GetValue("secs_running", 0).ToInt64());

    /// <summary>Whether it is of one attempt of a run of an orchestrator.</summary>
    public bool IsOf(CompactionTicket ticket) => Command.GetValue("comment", BsonNull.Value) is BsonDocument comment
        && comment.GetValue(MongoDbComment.Field, BsonNull.Value) == TicketJobId.TextOf(ticket);

    /// <summary>Who began it, as far as its comment tells.</summary>
    public string Whose => Command.GetValue("comment", BsonNull.Value) is BsonDocument comment && comment.TryGetValue(MongoDbComment.Field, out var ticket)
        ? $"the orchestrator's run {ticket}"
        : "somebody else";
}
