using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The engine MongoDB, 2.6 and later; members are discovered.</summary>
public sealed class MongoDbProvider : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "mongodb",
        "MongoDB",
        "The document database, 2.6 and later: replica sets, sharded clusters and single servers, reached by a connection string.",
        MongoDbCapabilities.Instance,
        [
            new(
                MongoDbCapabilities.Compact,
                "Moves the blocks of a collection and its indexes to the front of their files and gives the rest back.",
                "The member goes on serving; before 4.4.9 and 5.0.3 it is RECOVERING, and before 4.4.17, 5.0.12 and 6.0.2 it does not replicate."),
        ],
        [
            "A user with the custom role that docs/engines/mongodb.md shows, where authorization is on.",
            "A majority of the voting members healthy and caught up before a primary steps down.",
            "No disk space beside the files; no backup running, since it would keep the freed blocks.",
        ]);

    public IReadOnlyList<string> TraceSources => [MongoTelemetry.ActivitySourceName];

    public void CheckDefaults(IEngineSettings defaults) => MongoDbSettings.ReadDefaults(defaults);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) => MongoDbSettings.ReadCluster(cluster, defaults, name);
}
