using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>The engine CouchDB; nodes, databases and shards are discovered.</summary>
public sealed class CouchDbProvider : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "couchdb",
        "CouchDB",
        "The document database with an HTTP API, 1.2 to 3.x: clusters and single nodes. Every shard range is a replica set, named database@range.",
        CouchDbCapabilities.Instance,
        [
            new(
                CouchDbCapabilities.Compact,
                "Writes one copy of a shard on one node anew without old revisions.",
                "The copy goes on serving reads and writes; it needs disk space and I/O, and cannot be stopped."),
        ],
        [
            "A server administrator, where authentication is on.",
            "On each node free disk space for one more copy of the live data of the largest shard; CouchDB does not tell its disk.",
            "All copies of a shard range healthy before one of them is compacted.",
        ]);

    public void CheckDefaults(IEngineSettings defaults) => CouchDbSettings.ReadDefaults(defaults);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) => CouchDbSettings.ReadCluster(cluster, defaults, name);
}
