namespace Orchestrator.Cluster.Tests;

/// <summary>A directory of its own, gone with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cluster-test-").FullName;

    public void Dispose() => TemporaryFiles.Delete(Path);
}
