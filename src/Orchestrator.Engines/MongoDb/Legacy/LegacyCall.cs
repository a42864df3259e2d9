using MongoDB.Bson;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>A command as an old server understands it: the same one, or a query in its place, whose answer gets the shape of the command's.</summary>
/// <param name="Collection">Full name of what is queried; <c>DATABASE.$cmd</c> for commands.</param>
internal sealed record LegacyCall(string Collection, BsonDocument Body, Func<IReadOnlyList<BsonDocument>, BsonDocument> Shape)
{
    private const string Commands = ".$cmd";

    // Wire versions by what they brought (specifications of MongoDB's drivers: wire version features).
    private const int ListsCollections = 3;
    private const int Finds = 4;
    private const int HasCollectionStage = 5;
    private const int HasMessages = 6;

    public bool IsCommand => Collection.EndsWith(Commands, StringComparison.Ordinal);

    public string Database => Collection[..Collection.IndexOf('.')];

    /// <summary>Whether one document is the whole answer; else it may come in batches.</summary>
    public bool IsSingle => IsCommand || Collection.Contains(Commands + ".sys.", StringComparison.Ordinal);

    /// <summary>Whether it goes as OP_MSG; else as OP_QUERY.</summary>
    public bool IsMessage(int wire) => IsCommand && wire >= HasMessages;

    public static LegacyCall Of(string database, BsonDocument command, int wire)
    {
        var (name, value) = (command.GetElement(0).Name, command.GetElement(0).Value);
        return name switch
        {
            "hello" => Command(database, new BsonDocument("isMaster", 1)),
            "currentOp" when wire < Finds => Query("admin.$cmd.sys.inprog", WithoutName(command), Single),
            "killOp" when wire < Finds => Query("admin.$cmd.sys.killop", new BsonDocument("op", command["op"]), Single),
            "replSetGetConfig" when wire < ListsCollections => Query("local.system.replset", [], Configuration),
            "listCollections" when wire < ListsCollections => Query($"{database}.system.namespaces", [], found => Collections(database, found)),
            "find" when wire < Finds => Query($"{database}.{value}", command["filter"].AsBsonDocument, found => Cursor($"{database}.{value}", found)),
            "aggregate" => Aggregate(database, command, wire),
            _ => Command(database, command),
        };
    }

    private static LegacyCall Aggregate(string database, BsonDocument command, int wire) => command["pipeline"][0].AsBsonDocument.GetElement(0).Name switch
    {
        "$currentOp" when wire < HasMessages => Of("admin", new BsonDocument("currentOp", 1), wire) with
        {
            Shape = found => Cursor("admin.$cmd", Single(found)["inprog"].AsBsonArray.Select(operation => operation.AsBsonDocument).Where(IsCompaction)),
        },
        "$collStats" when wire < HasCollectionStage => Command(database, new BsonDocument("collStats", command[0])) with
        {
            Shape = found => Cursor($"{database}.{command[0]}", [new BsonDocument("storageStats", found[0])]),
        },
        _ => Command(database, command),
    };

    private static LegacyCall Command(string database, BsonDocument command) => new(database + Commands, command, Single);

    private static LegacyCall Query(string collection, BsonDocument filter, Func<IReadOnlyList<BsonDocument>, BsonDocument> shape) => new(collection, filter, shape);

    private static BsonDocument WithoutName(BsonDocument command) => new(command.Skip(1));

    private static BsonDocument Single(IReadOnlyList<BsonDocument> found) => found.Count > 0 ? found[0] : [];

    private static BsonDocument Configuration(IReadOnlyList<BsonDocument> found) => found.Count > 0
        ? new BsonDocument("config", found[0])
        : throw new MongoDbRefusal(94, "local.system.replset is empty: the replica set is not initiated");

    /// <summary>Names come with their database; those with a dollar sign are the files of indexes.</summary>
    private static BsonDocument Collections(string database, IReadOnlyList<BsonDocument> found) => Cursor(
        $"{database}.system.namespaces",
        found.Select(entry => entry["name"].AsString[(database.Length + 1)..])
            .Where(name => !name.Contains('$', StringComparison.Ordinal))
            .Select(name => new BsonDocument("name", name)));

    private static bool IsCompaction(BsonDocument operation) =>
        operation.GetValue("command", operation.GetValue("query", BsonNull.Value)) is BsonDocument command && command.Contains("compact");

    private static BsonDocument Cursor(string ns, IEnumerable<BsonDocument> documents) => new(
        "cursor", new BsonDocument { { "id", 0L }, { "ns", ns }, { "firstBatch", new BsonArray(documents) } });
}
