using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// The configured URLs and the nodes that answer at them. A node is asked at its own URL, if it has one, else through another node: all of
/// them pass on what is meant for one. Safe for use from several threads.
/// </summary>
internal sealed class CouchDbEndpoints : IDisposable
{
    private readonly CouchDbAccess _access;
    private readonly ConcurrentDictionary<Uri, string> _nodes = new();
    private readonly ConcurrentDictionary<Uri, bool> _proxies = new();
    private readonly CouchDbNodePorts _ports;
    private volatile CouchDbClient _preferred;
    private volatile CouchDbVersion _version = CouchDbVersion.Unknown;

    public CouchDbEndpoints(CouchDbClusterOptions options, EngineHttp http)
    {
        _access = new CouchDbAccess(options);
        Clients = [.. options.Endpoints.Select(address => new CouchDbClient(address, options, http, _access))];
        _ports = new CouchDbNodePorts(options, address => new CouchDbClient(address, options, http, _access));
        _preferred = Clients[0];
    }

    public IReadOnlyList<CouchDbClient> Clients { get; }

    /// <summary>What the cluster was when it was last asked who it is.</summary>
    public CouchDbVersion Version
    {
        get => _version;
        set => _version = value;
    }

    /// <summary>The nodes of the cluster, as it was last asked for them.</summary>
    public IReadOnlyList<string> NodesInOrder { get; set; } = [];

    /// <summary>The URL at which a node itself answers; null if none is known.</summary>
    public Uri? AddressOf(string node) => _nodes.FirstOrDefault(pair => pair.Value == node).Key;

    /// <summary>The name of the only node of CouchDB 1.x, which has none of its own.</summary>
    public string NameSingle()
    {
        var name = $"couchdb@{Clients[0].Address.Host}";
        _nodes[Clients[0].Address] = name;
        return name;
    }

    /// <summary>Asks the node at a URL for its name. A URL that leads to different nodes belongs to a proxy, and is no node's own.</summary>
    /// <returns>Empty if it does not tell.</returns>
    public async Task<string> Identify(CouchDbClient client, CancellationToken cancellationToken)
    {
        string name;
        try
        {
            name = (await client.Send(HttpMethod.Get, "_node/_local", null, cancellationToken).ConfigureAwait(false)).Json.TextOf("name");
        }
        catch (CouchDbRefusal refusal) when (refusal.Status is 400 or 404 or 405)
        {
            return "";
        }

        if (_nodes.TryGetValue(client.Address, out var before) && before != name)
        {
            _proxies[client.Address] = true;
        }

        if (_proxies.ContainsKey(client.Address) || name.Length == 0)
        {
            _nodes.TryRemove(client.Address, out _);
        }
        else
        {
            _nodes[client.Address] = name;
        }

        return name;
    }

    /// <param name="node">Who is meant; empty for any.</param>
    /// <param name="isRepeatable">Whether the request may be sent again where nobody knows whether it has arrived.</param>
    public async Task<CouchDbAnswer> Send(
        string node,
        HttpMethod method,
        string path,
        string? body,
        bool isRepeatable,
        CancellationToken cancellationToken,
        Action<HttpRequestHeaders>? headers = null)
    {
        var own = node.Length == 0 ? null : AddressOf(node);
        var order = Clients
            .OrderByDescending(client => client.Address == own)
            .ThenByDescending(client => client == _preferred)
            .ToList();
        for (var i = 0; ; i++)
        {
            try
            {
                var answer = await order[i].Send(method, path, body, cancellationToken, headers).ConfigureAwait(false);
                _preferred = order[i].Address == own ? _preferred : order[i];
                return answer;
            }
            catch (EngineException e) when (i + 1 < order.Count && e.Fault == EngineFault.Unreachable && (isRepeatable || CouchDbClient.NeverArrived(e)))
            {
                // Another node may pass it on.
            }
        }
    }

    /// <summary>Asks a node of CouchDB 2.x at its own port.</summary>
    /// <param name="node">Who is meant; empty for any, since each of them has the maps of all databases.</param>
    public async Task<CouchDbAnswer> SendToNodePort(string node, HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var order = node.Length > 0 ? [node] : NodesInOrder;
        for (var i = 0; ; i++)
        {
            try
            {
                return await _ports.Send(order[i], AddressOf(order[i]), method, path, cancellationToken).ConfigureAwait(false);
            }
            catch (EngineException e) when (i + 1 < order.Count && e.Fault == EngineFault.Unreachable)
            {
                // Another node knows it too.
            }
        }
    }

    public void Dispose()
    {
        _ports.Dispose();
        foreach (var client in Clients)
        {
            client.Dispose();
        }

        _access.Dispose();
    }
}
