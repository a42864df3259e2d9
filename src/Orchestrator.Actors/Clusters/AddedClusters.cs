using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Clusters that a process learns of while it runs, beside those of its configuration. The supervisor, where it runs in this process, looks here at each
/// tick: it connects to those that are new, and lets those go that are changed or withdrawn as soon as no run is active on them. Nothing of it is
/// stored: what they are told from is read again at each start. May be used from any thread.
/// </summary>
public sealed class AddedClusters : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AddedCluster, IEngineCluster> _connected = [];
    private readonly List<Task> _closing = [];
    private ImmutableDictionary<string, AddedCluster> _declared = ImmutableDictionary.Create<string, AddedCluster>(StringComparer.Ordinal);

    /// <summary>Those that are declared now, by name; another object when anything has changed.</summary>
    public ImmutableDictionary<string, AddedCluster> Declared => Volatile.Read(ref _declared);

    /// <summary>Adds a cluster or changes it; the same once more changes nothing.</summary>
    public void Declare(AddedCluster cluster) => ImmutableInterlocked.AddOrUpdate(
        ref _declared, cluster.Name, cluster, (_, former) => former.Fingerprint == cluster.Fingerprint ? former : cluster);

    public void Withdraw(string name) => ImmutableInterlocked.TryRemove(ref _declared, name, out _);

    /// <summary>Closes all connections and gives claims back.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Task> closing;
        lock (_lock)
        {
            closing = [.. _closing, .. _connected.Values.Select(engine => Close(engine, Task.CompletedTask))];
            _connected.Clear();
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }

    /// <summary>The cluster's connections: as long as they are not closed the same ones, in the next reign too, which so keeps the claims.</summary>
    /// <exception cref="EngineException">Something that it needs cannot be read.</exception>
    internal IEngineCluster Connect(AddedCluster cluster)
    {
        lock (_lock)
        {
            if (!_connected.TryGetValue(cluster, out var engine))
            {
                engine = cluster.Connect();
                _connected[cluster] = engine;
            }

            return engine;
        }
    }

    /// <summary>Closes a cluster's connections once nothing uses them any more.</summary>
    internal void Close(AddedCluster cluster, Task unused)
    {
        lock (_lock)
        {
            if (_connected.Remove(cluster, out var engine))
            {
                _closing.RemoveAll(earlier => earlier.IsCompleted);
                _closing.Add(Close(engine, unused));
            }
        }
    }

    private static async Task Close(IEngineCluster engine, Task unused)
    {
        await unused.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await engine.DisposeAsync().ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // A claim that cannot be given back ends by itself.
        }
    }
}

/// <summary>A cluster that was declared while the process runs.</summary>
/// <param name="definition">Its name and engine.</param>
/// <param name="fingerprint">Another one if anything about it is different.</param>
/// <param name="connect">Makes its connections.</param>
public sealed class AddedCluster(ClusterDefinition definition, string fingerprint, Func<IEngineCluster> connect)
{
    public string Name => definition.Name;

    public ClusterDefinition Definition => definition;

    internal string Fingerprint => fingerprint;

    internal IEngineCluster Connect() => connect();
}
