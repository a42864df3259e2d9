using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads clusters that are declared outside of the configuration, as if they stood in it: by the same engines, over the same defaults.</summary>
internal sealed class DeclaredClusters(ConfigurationSources sources, EngineProviders engines)
{
    /// <param name="name">Name of the cluster.</param>
    /// <param name="section">The fields of its section <c>clusters.NAME</c>, as HOCON.</param>
    /// <param name="files">The directory in which files are that the section names; others are refused.</param>
    /// <param name="problem">Everything that is wrong, with the settings below the section; empty if nothing is.</param>
    /// <returns>The cluster, or null.</returns>
    public ConfiguredCluster? Read(string name, string section, string files, out string problem)
    {
        if (sources.Merged.HasPath(SettingNames.Join(["orchestrator", "clusters", name])))
        {
            problem = $"the configuration has a cluster {name} too; one of the two needs another name";
            return null;
        }

        var path = SettingNames.Join(["orchestrator", "clusters", name]);
        var declared = ConfigurationSources.Parse($"{path} {{\n{section}\n}}", name);
        var reader = new SettingsReader(declared with { Merged = declared.File.WithFallback(sources.Merged) }, files);
        var root = reader.Section("orchestrator");
        var cluster = ClusterBinder.ReadCluster(root.Section("clusters"), root.Section("engines"), engines, name);
        if (cluster.Engine.IsBuiltIn)
        {
            root.Section("clusters", name).Fail(
                "engine", $"expected an engine whose members are servers of their own: a cluster of {cluster.Engine.Description.Name} must be in the configuration of all its nodes", 0);
        }

        problem = string.Join("; ", reader.Errors
            .Concat(UnknownSettings.Find(declared, reader))
            .Select(error => $"{Below(error.Path, path)}: {error.Problem}")
            .Distinct(StringComparer.Ordinal));
        return problem.Length == 0 ? cluster : null;
    }

    private static string Below(string path, string section) =>
        path.StartsWith($"{section}.", StringComparison.Ordinal) ? path[(section.Length + 1)..] : path;
}
