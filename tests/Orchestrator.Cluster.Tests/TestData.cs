using System.Runtime.CompilerServices;

namespace Orchestrator.Cluster.Tests;

/// <summary>Real data from npm; see tests/data/package.json.</summary>
internal static class TestData
{
    /// <summary>The file movies.json of the package vega-datasets. The test is skipped without it, unless it is required.</summary>
    public static string Movies()
    {
        var package = Environment.GetEnvironmentVariable("VEGA_DATASETS") is { Length: > 0 } set
            ? set
            : Path.GetFullPath(Path.Combine(Here(), "..", "data", "node_modules", "vega-datasets"));
        var file = Path.Combine(package, "data", "movies.json");
        var isRequired = (Environment.GetEnvironmentVariable("ORCHESTRATOR_REQUIRE") ?? "").Split(',').Contains("npm");
        if (!File.Exists(file))
        {
            Assert.False(isRequired, $"{file} is missing: npm ci --prefix tests/data");
        }

        Skip.IfNot(File.Exists(file), $"{file} is missing: npm ci --prefix tests/data");
        return file;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
