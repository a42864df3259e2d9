using MongoDB.Bson;
using Orchestrator.MongoDouble.Wire;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>One command, who sent it and to whom.</summary>
internal sealed record CommandContext(DoubleMember Member, DoubleConnection Connection, WireMessage Request, CancellationToken Cancelled)
{
    public BsonDocument Command => Request.Body;

    public string Name => Command.ElementCount > 0 ? Command.GetElement(0).Name : "";

    public BsonValue Value => Command.GetElement(0).Value;

    public string Database => Request.Database;

    public DoubleReplicaSet Set => Member.Set;

    public DoubleVersion Version => Member.Version;

    public bool Flag(string name) => Command.TryGetValue(name, out var value) && value.ToBoolean();

    public int Int(string name, int otherwise) => Command.TryGetValue(name, out var value) ? value.ToInt32() : otherwise;

    public static BsonDocument Ok(BsonDocument? answer = null) => (answer ?? []).Set("ok", 1.0);

    /// <summary>A cursor that is exhausted by its first batch.</summary>
    public static BsonDocument Cursor(string ns, IEnumerable<BsonDocument> documents) => Ok(new BsonDocument("cursor", new BsonDocument
    {
        { "id", 0L },
        { "ns", ns },
        { "firstBatch", new BsonArray(documents) },
    }));
}
