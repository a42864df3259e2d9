namespace Orchestrator.Cluster.Tests;

/// <summary>Real data from npm; see tests/data/package.json.</summary>
internal static class TestData
{
    /// <summary>The file movies.json of the package vega-datasets.</summary>
    public static string Movies()
    {
        Installed.RequireNpm("vega-datasets");
        return Path.Combine(Installed.NpmPackage("vega-datasets"), "data", "movies.json");
    }
}
