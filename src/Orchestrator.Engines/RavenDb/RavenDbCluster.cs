using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.RavenDb;

/// <summary>A RavenDB cluster. Each database group, and each shard of a sharded database, is a replica set named like it; members are nodes by their tags.</summary>
public sealed class RavenDbCluster : IEngineCluster
{
    private readonly RavenDbClusterOptions _options;
    private readonly EngineHttp _http;
    private readonly RavenDbRoster _roster;
    private readonly IReadOnlyList<RavenDbCalls> _endpoints;

    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public RavenDbCluster(RavenDbClusterOptions options, TimeProvider time)
    {
        _options = options;
        _http = new EngineHttp(options.Tls);
        _roster = new RavenDbRoster(options, time, Connect);
        _endpoints = [.. options.Endpoints.Select(endpoint => Connect("endpoint", endpoint))];
    }

    public string Name => _options.Name;

    public string Engine => "ravendb";

    public EngineCapabilities Capabilities => RavenDbCapabilities.Instance;

    public TimeSpan? Settle => _options.Settle;

    public TimeSpan DiscoverInterval => _options.DiscoverInterval;

    public TimeSpan RenewInterval => TimeSpan.FromMinutes(1);

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) => RavenDbErrors.Explain($"discovering {Name}", _options, async () =>
    {
        var (topology, databases) = await Ask(cancellationToken).ConfigureAwait(false);
        var urls = UrlsOf(topology);
        _roster.Update(urls);
        var sets = databases
            .Where(database => !database.IsSharded && database.NodesTopology is { All.Count: > 0 })
            .OrderBy(database => database.Name, StringComparer.Ordinal)
            .Select(database => new ReplicaSetDefinition(
                database.Name, [.. database.NodesTopology!.All.Where(urls.ContainsKey).OrderBy(tag => tag, StringComparer.Ordinal)]))
            .Where(set => set.Members.Count > 0)
            .ToList();
        return new EngineTopology(sets, urls.ToDictionary(node => node.Key, node => node.Value.GetLeftPart(UriPartial.Authority)));
    });

    public IEngineMember Member(string name) => _roster.Node(name);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        Task.FromResult("RavenDB has no place for a claim: nothing keeps a second orchestrator away");

    public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _roster.Dispose();
        foreach (var endpoint in _endpoints)
        {
            endpoint.Dispose();
        }

        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private RavenDbCalls Connect(string label, Uri address) => new(new RestEndpoint(label, address, _http), _options.RequestTimeout);

    /// <summary>Of those that answer the first that knows a leader; else the first: a node that was cut off may have an old view.</summary>
    private async Task<(ClusterTopologyAnswer Topology, IReadOnlyList<DatabaseInfo> Databases)> Ask(CancellationToken cancellationToken)
    {
        (ClusterTopologyAnswer, IReadOnlyList<DatabaseInfo>)? found = null;
        var troubles = new List<Exception>();
        foreach (var calls in _endpoints.Concat(_roster.Nodes.Select(node => node.Calls)))
        {
            try
            {
                var topology = await calls.Topology(cancellationToken).ConfigureAwait(false);
                if (found is not null && string.IsNullOrEmpty(topology.Leader))
                {
                    continue;
                }

                found = (topology, await calls.Databases(cancellationToken).ConfigureAwait(false));
                if (!string.IsNullOrEmpty(topology.Leader))
                {
                    break;
                }
            }
            catch (Exception e) when (e is EngineException or RavenDbRefusal)
            {
                troubles.Add(e);
            }
        }

        return found ?? throw troubles.FirstOrDefault(trouble => trouble is not EngineException { Fault: EngineFault.Unreachable }) ?? troubles[0];
    }

    private Dictionary<string, Uri> UrlsOf(ClusterTopologyAnswer answer)
    {
        var urls = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var (tag, url) in answer.Topology?.All ?? [])
        {
            if (_options.Addresses.GetValueOrDefault(tag) is { } address || Uri.TryCreate(url, UriKind.Absolute, out address))
            {
                urls[tag] = address;
            }
        }

        return urls.Count > 0 ? urls : throw new EngineException(EngineFault.Misconfigured, $"{Name} tells of no nodes: it has not been bootstrapped as a cluster yet");
    }
}
