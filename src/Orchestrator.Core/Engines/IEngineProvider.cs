using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>One engine: what it can do, and how its clusters are configured. The host knows a list of these and nothing else of engines.</summary>
public interface IEngineProvider
{
    /// <summary>What the engine is and can do.</summary>
    EngineDescription Description { get; }

    /// <summary>
    /// Whether it is the database that comes with the orchestrator: its nodes are processes of the orchestrator, automatic compaction covers
    /// it, and a cluster that names no engine has this one. Exactly one engine is.
    /// </summary>
    bool IsBuiltIn => false;

    /// <summary>Names of the sources of spans that the libraries of its driver have, beside those of HTTP.</summary>
    IReadOnlyList<string> TraceSources => [];

    /// <summary>Checks what holds for all clusters of the engine (<c>engines.NAME</c>), whether there is a cluster or not.</summary>
    void CheckDefaults(IEngineSettings defaults)
    {
    }

    /// <summary>Reads how one cluster is reached and treated. Errors stay with the settings.</summary>
    /// <param name="name">Name of the cluster.</param>
    /// <param name="cluster">Its section, <c>clusters.NAME</c>.</param>
    /// <param name="defaults">What holds for all clusters of the engine.</param>
    IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults);
}

/// <summary>How one cluster is reached and treated. May hold secrets: never to be logged but by its own text.</summary>
public interface IEngineOptions
{
    /// <summary>Name of the cluster.</summary>
    string Name { get; }

    /// <summary>Its replica sets as configured; none where they are discovered.</summary>
    IReadOnlyList<ReplicaSetDefinition> ReplicaSets => [];

    /// <summary>Connects to the cluster; null where its nodes are processes of the orchestrator and reached by messages.</summary>
    /// <exception cref="EngineException">Something that it needs, for example a certificate, cannot be read.</exception>
    IEngineCluster? Create(EngineContext context);
}

/// <summary>What the process gives to the clusters that it drives.</summary>
/// <param name="Process">Who this orchestrator is, for another one that finds its claim; for example host and process id.</param>
/// <param name="Time">The clock.</param>
public sealed record EngineContext(string Process, TimeProvider Time);
