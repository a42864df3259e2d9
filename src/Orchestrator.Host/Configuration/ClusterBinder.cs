using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the clusters with their replica sets and members.</summary>
internal static class ClusterBinder
{
    /// <summary>Name of the engine whose members are discovered.</summary>
    public const string Etcd = "etcd";

    private const int MaxNameLength = 63;
    private const int MaxMembers = 99;
    private static readonly Dictionary<string, string> _engines = new() { ["embedded"] = "embedded", [Etcd] = Etcd };

    /// <param name="etcd">Receives how the clusters with that engine are reached; their replica sets are discovered.</param>
    public static IReadOnlyList<ClusterDefinition> ReadClusters(SettingsReader clusters, SettingsReader engines, List<EtcdClusterOptions> etcd)
    {
        var definitions = new List<ClusterDefinition>();
        foreach (var name in clusters.Keys())
        {
            if (CheckName(name) is { } problem)
            {
                clusters.Fail(name, problem, 0);
            }

            var cluster = clusters.Section(name);
            var engine = cluster.Choice("engine", _engines, "embedded");
            if (engine == Etcd)
            {
                etcd.Add(EtcdBinder.ReadCluster(cluster, engines.Section(Etcd), name));
                definitions.Add(new ClusterDefinition(name, engine, []));
            }
            else
            {
                definitions.Add(ReadCluster(cluster, name, engine));
            }
        }

        return definitions;
    }

    /// <summary>Whether a name can stand in addresses, files and logs.</summary>
    /// <returns>The problem, or null.</returns>
    public static string? CheckName(string name) =>
        name.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"expected a name of 1 to {MaxNameLength} letters, digits, '-', '_' and '.' that begins with a letter or digit, found \"{name}\"";

    /// <summary>Checks that the node of this process is where the clusters say it is.</summary>
    public static void CheckMembership(SettingsReader node, OrchestratorSettings settings)
    {
        if (!settings.Roles.Node || settings.Clusters.Count == 0 || settings.Node.Name.Length == 0)
        {
            return;
        }

        var cluster = settings.Clusters.FirstOrDefault(candidate => candidate.Name == settings.Node.Cluster);
        if (cluster is null)
        {
            node.Fail("cluster", $"expected one of the clusters {Names(settings.Clusters.Select(known => known.Name))}, found \"{settings.Node.Cluster}\"", 0);
            return;
        }

        var set = cluster.ReplicaSets.FirstOrDefault(candidate => candidate.Name == settings.Node.ReplicaSet);
        if (set is null)
        {
            node.Fail("replica-set", $"expected one of the replica sets {Names(cluster.ReplicaSets.Select(known => known.Name))} of cluster {cluster.Name}, found \"{settings.Node.ReplicaSet}\"", 0);
        }
        else if (set.Members.Count > 0 && !set.Members.Contains(settings.Node.Name))
        {
            node.Fail("name", $"expected one of the members {Names(set.Members)} of replica set {set.Name}, found \"{settings.Node.Name}\"", 0);
        }
    }

    private static ClusterDefinition ReadCluster(SettingsReader cluster, string name, string engine)
    {
        var sets = cluster.Section("replica-sets");
        var definitions = sets.Keys().Select(set => ReadReplicaSet(sets, set)).ToList();
        if (definitions.Count == 0)
        {
            cluster.Fail("replica-sets", "expected at least one replica set, as in replica-sets.rs-1.members = [node-1, node-2, node-3]", 0);
        }

        var twice = definitions.SelectMany(set => set.Members).GroupBy(member => member, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            cluster.Fail("replica-sets", $"expected each node in one replica set, found \"{twice.Key}\" in {twice.Count()}", 0);
        }

        return new ClusterDefinition(name, engine, definitions);
    }

    private static ReplicaSetDefinition ReadReplicaSet(SettingsReader sets, string name)
    {
        if (CheckName(name) is { } problem)
        {
            sets.Fail(name, problem, 0);
        }

        var set = sets.Section(name);
        var members = set.TextList("members", CheckName);
        if (set.Has("members") && members.Count > MaxMembers)
        {
            set.Fail("members", $"expected at most {MaxMembers} members, found {members.Count}", 0);
        }
        else if (set.Has("members") && members.Count == 0 && !set.Errors.Any(error => error.Path.EndsWith($"{SettingNames.Join([name])}.members", StringComparison.Ordinal)))
        {
            set.Fail("members", "expected at least one member, found none", 0);
        }

        return new ReplicaSetDefinition(name, members);
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
