using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>The engine etcd, 3.4 and later; its members are discovered.</summary>
public sealed class EtcdProvider : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "etcd",
        "etcd",
        "The key-value store of Kubernetes and others, 3.4 and later, reached by the client URLs of its members.",
        EtcdCapabilities.Instance,
        [
            new(
                EtcdCapabilities.Defragment,
                "Writes the member's file anew without its free pages.",
                "The member answers neither reads nor writes until it is done; it cannot be stopped and tells no progress."),
        ],
        [
            "A user with the role root, where authentication is on.",
            "On each member free disk space for one copy of its live data; etcd does not tell its disk, so this is not checked.",
            "All members healthy, and a majority without the one that is defragmented.",
        ]);

    public void CheckDefaults(IEngineSettings defaults) => EtcdSettings.ReadDefaults(defaults);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults) => EtcdSettings.ReadCluster(cluster, defaults, name);
}
