using Orchestrator.Core.Engines;

namespace Orchestrator.Host.Composition;

/// <summary>The configured clusters that this process drives, with their connections.</summary>
internal sealed class EngineClusters : IAsyncDisposable
{
    private EngineClusters(IReadOnlyList<IEngineCluster> all) => All = all;

    public IReadOnlyList<IEngineCluster> All { get; }

    /// <param name="unexpected">Is told what no driver should throw, for the log.</param>
    /// <exception cref="ServeException">Something that a cluster needs, for example a certificate, can no longer be read.</exception>
    public static EngineClusters Create(IReadOnlyList<IEngineOptions> clusters, TimeProvider time, Action<string, Exception>? unexpected = null)
    {
        var context = new EngineContext($"{Environment.MachineName}, process {Environment.ProcessId}", time);
        try
        {
            return new EngineClusters([.. clusters
                .Select(options => options.Create(context))
                .OfType<IEngineCluster>()
                .Select(cluster => new CheckedCluster(cluster, unexpected ?? ((_, _) => { })))]);
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
