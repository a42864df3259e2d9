using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Tests.Contract;

/// <summary>Gives a node a command and waits for its answer.</summary>
/// <param name="cancellationToken">Ends the waiting; the node may have the command all the same.</param>
internal delegate Task<object> AskNode(string node, INodeCommand command, CancellationToken cancellationToken);

/// <summary>A cluster of the embedded engine, whose nodes are told by the messages that each <c>/user/node</c> takes.</summary>
/// <param name="definition">Its replica sets, as configured.</param>
/// <param name="epoch">The reign in which it is driven: nodes refuse what comes from a lower one, so no further claim is needed.</param>
/// <param name="patience">How long a node may take to answer.</param>
internal sealed class EmbeddedCluster(ClusterDefinition definition, long epoch, AskNode ask, TimeSpan patience, TimeProvider time) : IEngineCluster
{
    public string Name => definition.Name;

    public string Engine => definition.Engine;

    public EngineCapabilities Capabilities => EmbeddedCapabilities.Instance;

    public TimeSpan? Settle => null;

    public TimeSpan DiscoverInterval { get; } = TimeSpan.FromSeconds(10);

    public TimeSpan RenewInterval { get; } = TimeSpan.FromMinutes(1);

    /// <summary>The members are those of the configuration; only their addresses are asked for. Whoever does not answer has none.</summary>
    public async Task<EngineTopology> Discover(CancellationToken cancellationToken)
    {
        var names = definition.ReplicaSets.SelectMany(set => set.Members).Distinct(StringComparer.Ordinal);
        var found = await Task.WhenAll(names.Select(async name => (name, await AddressOf(name, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        return new EngineTopology(definition.ReplicaSets, found.ToDictionary(StringComparer.Ordinal));
    }

    public IEngineMember Member(string name) => Driver(name);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) => Task.FromResult("");

    public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private EmbeddedMember Driver(string name) => new(name, epoch, ask, patience, time);

    private async Task<string> AddressOf(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await Driver(name).Look(cancellationToken).ConfigureAwait(false)).Address;
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return "";
        }
    }
}
