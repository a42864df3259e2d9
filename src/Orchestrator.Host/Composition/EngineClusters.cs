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
        try
        {
            return new EngineClusters([.. clusters
                .Select(options => Connect(options, time, unexpected ?? ((_, _) => { })))
                .OfType<IEngineCluster>()]);
        }
        catch (EngineException e)
        {
            throw new ServeException(e.Message, e);
        }
    }

    /// <summary>Connects to one; null where its nodes are processes of the orchestrator.</summary>
    /// <exception cref="EngineException">Something that it needs, for example a certificate, cannot be read.</exception>
    public static IEngineCluster? Connect(IEngineOptions cluster, TimeProvider time, Action<string, Exception> unexpected) =>
        cluster.Create(new EngineContext($"{Environment.MachineName}, process {Environment.ProcessId}", time)) is { } connected
            ? new CheckedCluster(connected, unexpected)
            : null;

    /// <summary>Gives claims back and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in All)
        {
            await cluster.DisposeAsync();
        }
    }
}
