using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the clusters: the engine of each, which then reads the rest.</summary>
internal static class ClusterBinder
{
    /// <param name="defaults">The section with what holds for all clusters of an engine.</param>
    public static IReadOnlyList<ConfiguredCluster> ReadClusters(SettingsReader clusters, SettingsReader defaults, EngineProviders engines)
    {
        foreach (var engine in engines.List)
        {
            engine.CheckDefaults(defaults.Section(engine.Description.Name));
        }

        return [.. clusters.Keys().Select(name => ReadCluster(clusters, defaults, engines, name))];
    }

    /// <summary>Checks that the node of this process is where the clusters say it is.</summary>
    public static void CheckMembership(SettingsReader node, OrchestratorSettings settings)
    {
        if (!settings.Roles.Node || settings.Clusters.Count == 0 || settings.Node.Node.Length == 0)
        {
            return;
        }

        var cluster = settings.Definitions.FirstOrDefault(candidate => candidate.Name == settings.Node.Cluster);
        if (cluster is null)
        {
            node.Fail("cluster", $"expected one of the clusters {Names(settings.Definitions.Select(known => known.Name))}, found \"{settings.Node.Cluster}\"", 0);
            return;
        }

        var set = cluster.ReplicaSets.FirstOrDefault(candidate => candidate.Name == settings.Node.ReplicaSet);
        if (set is null)
        {
            node.Fail("replica-set", cluster.ReplicaSets.Count > 0
                ? $"expected one of the replica sets {Names(cluster.ReplicaSets.Select(known => known.Name))} of cluster {cluster.Name}, found \"{settings.Node.ReplicaSet}\""
                : $"expected a replica set of cluster {cluster.Name}, which names none, found \"{settings.Node.ReplicaSet}\"", 0);
        }
        else if (set.Members.Count > 0 && !set.Members.Contains(settings.Node.Node))
        {
            node.Fail("name", $"expected one of the members {Names(set.Members)} of replica set {set.Name}, found \"{settings.Node.Node}\"", 0);
        }
    }

    public static ConfiguredCluster ReadCluster(SettingsReader clusters, SettingsReader defaults, EngineProviders engines, string name)
    {
        if (PlainName.Check(name) is { } problem)
        {
            clusters.Fail(name, problem, 0);
        }

        var cluster = clusters.Section(name);
        var engine = cluster.Choice("engine", engines.List.ToDictionary(known => known.Description.Name), engines.BuiltIn);
        return new ConfiguredCluster(engine, engine.Read(name, cluster, defaults.Section(engine.Description.Name)));
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}

/// <summary>A configured cluster: its engine, and how that reaches and treats it.</summary>
internal sealed record ConfiguredCluster(IEngineProvider Engine, IEngineOptions Options)
{
    public ClusterDefinition Definition { get; } = new(Options.Name, Engine.Description.Name, Options.ReplicaSets);
}
