using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>The engine RavenDB, 5 and later; nodes and database groups are discovered.</summary>
public sealed class RavenDbProvider : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "ravendb",
        "RavenDB",
        "The document database, 5 and later: each database group of a cluster is a replica set, reached over HTTP.",
        RavenDbCapabilities.Instance,
        [
            new(
                RavenDbCapabilities.Compact,
                "Compacts indexes one by one, then the documents of the database, on one node at a time.",
                "While its documents are compacted the database is offline on that node, the other databases of the node serve; an index that is compacted answers no queries."),
            new(
                RavenDbCapabilities.Indexes,
                "Compacts indexes only.",
                "The database goes on serving; the index that is compacted answers no queries on that node."),
        ],
        [
            "A client certificate with the clearance Operator, where the cluster is secured.",
            "Another node with a copy of the database in good health: it serves while one copy is offline.",
            "Free disk space of the size of the data beside the files; RavenDB does not report it, so it is not checked.",
            "No other orchestrator on the cluster: RavenDB has no place for a lock. A compaction of documents that is at work is seen, and not ordered twice.",
        ]);

    public void CheckDefaults(IEngineSettings defaults) => RavenDbSettings.ReadDefaults(defaults);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) => RavenDbSettings.ReadCluster(cluster, defaults, name);
}
