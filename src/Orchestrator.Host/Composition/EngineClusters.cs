using Orchestrator.Core.Engines;
using Orchestrator.Engines.Etcd;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Composition;

/// <summary>The configured clusters of other engines, with their connections.</summary>
internal sealed class EngineClusters : IAsyncDisposable
{
    private EngineClusters(IReadOnlyList<IEngineCluster> all) => All = all;

    public IReadOnlyList<IEngineCluster> All { get; }

    /// <exception cref="ServeException">A certificate can no longer be read.</exception>
    public static EngineClusters Create(OrchestratorSettings settings, TimeProvider time)
    {
        var process = $"{Environment.MachineName}, process {Environment.ProcessId}";
        try
        {
            return new EngineClusters([.. settings.EtcdClusters.Select(options => new EtcdCluster(options, process, time))]);
        }
        catch (EngineException e)
        {
            throw new ServeException(e.Message, e);
        }
    }

    /// <summary>Gives claims back and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in All)
        {
            await cluster.DisposeAsync();
        }
    }
}
