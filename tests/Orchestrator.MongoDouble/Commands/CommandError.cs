using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>The server refuses a command. Code 0 for answers without one, as old versions give them.</summary>
internal sealed class CommandError(int code, string codeName, string message) : Exception(message)
{
    public int Code => code;

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Which state of the server it belongs to; null where it does not tell.</summary>
    public BsonDocument? TopologyVersion { get; init; }

    public BsonDocument ToBson()
    {
        var answer = new BsonDocument { { "ok", 0.0 }, { "errmsg", Message } };
        if (code != 0)
        {
            answer["code"] = code;
            answer["codeName"] = codeName;
        }

        if (Labels.Count > 0)
        {
            answer["errorLabels"] = new BsonArray(Labels);
        }

        if (TopologyVersion is not null)
        {
            answer["topologyVersion"] = TopologyVersion;
        }

        return answer;
    }

    public static CommandError Unauthorized(string database, string command) =>
        new(13, "Unauthorized", $"not authorized on {database} to execute command {{ {command}: ... }}");

    public static CommandError NoReplication() => new(76, "NoReplicationEnabled", "not running with --replSet");

    public static CommandError Missing(string ns) => new(26, "NamespaceNotFound", $"ns does not exist: {ns}");
}
