using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>The engine Milvus, with REST v2; the cluster compacts by itself, collection by collection.</summary>
public sealed class MilvusProvider : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "milvus",
        "Milvus",
        "The vector database, 2.5 and later: the cluster as a whole is one member that serves while its collections are compacted.",
        MilvusCapabilities.Instance,
        [
            new(
                MilvusCapabilities.Compact,
                "Merges small segments of a collection and drops its deleted rows.",
                "The collection goes on serving. Rows deleted within Milvus's common.retentionDuration stay. Old segments leave the object storage only with Milvus's own garbage collection later."),
        ],
        [
            "A user or an API key with the privileges Compaction, GetStatistics, DescribeCollection and Query (and Flush for the option flush), where authorization is on.",
            "Space in the object storage for the new segments beside the old ones.",
            "No other orchestrator on the cluster: Milvus has no place for a lock. It compacts no segment twice at the same time.",
            "dataCoord.enableCompaction = true in Milvus, as it is by default.",
        ]);

    public void CheckDefaults(IEngineSettings defaults) => MilvusSettings.ReadDefaults(defaults);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) => MilvusSettings.ReadCluster(cluster, defaults, name);
}
