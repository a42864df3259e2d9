using System.Collections.Concurrent;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// The nodes' own ports of CouchDB 2.x, 5986 if nothing is said: each reaches what its node itself stores, and nothing of the cluster. Safe for
/// use from several threads.
/// </summary>
/// <param name="connect">Makes the client of a URL.</param>
internal sealed class CouchDbNodePorts(CouchDbClusterOptions options, Func<Uri, CouchDbClient> connect) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, Lazy<CouchDbClient>> _clients = new();

    /// <summary>The URL of a node's own port.</summary>
    /// <param name="own">The URL at which the node answers for the cluster; null if none is known.</param>
    /// <exception cref="EngineException">Nothing says where the node is.</exception>
    public Uri AddressOf(string node, Uri? own)
    {
        if (options.NodeAddresses.TryGetValue(node, out var configured))
        {
            return configured;
        }

        // Names such as nonode@nohost lead nowhere; a server that stands alone is where it is asked. What a password reaches by TLS
        // elsewhere, it reaches by TLS here.
        var host = own?.Host ?? node.Split('@', 2)[^1];
        var scheme = own?.Scheme ?? (options.Endpoints.Any(IsEncrypted) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);
        return host is "nohost" or "" || !Uri.TryCreate($"{scheme}://{host}:{options.NodePort}/", UriKind.Absolute, out var address)
            ? throw new EngineException(
                EngineFault.Misconfigured, $"where the own port of {node} is, is not known: set clusters.{options.Name}.node-addresses.\"{node}\"")
            : address;
    }

    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<CouchDbAnswer> Send(string node, Uri? own, HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var address = AddressOf(node, own);
        try
        {
            return await _clients.GetOrAdd(address, url => new Lazy<CouchDbClient>(() => connect(url))).Value
                .Send(method, path, null, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            throw new EngineException(
                EngineFault.Unreachable,
                $"{e.Message}. CouchDB 2.x reaches a single copy only at this port of its node: let it listen where the orchestrator gets to it "
                + $"([httpd] bind_address and port), and set clusters.{options.Name}.node-port or .node-addresses.\"{node}\" if it is elsewhere"
                + (IsEncrypted(address) && !options.NodeAddresses.ContainsKey(node)
                    ? $". It is asked by https, as the endpoints are; if it has no TLS, set node-addresses.\"{node}\" = \"http://{address.Authority}\", which sends the password unencrypted"
                    : ""),
                e);
        }
    }

    private static bool IsEncrypted(Uri address) => address.Scheme == Uri.UriSchemeHttps;

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }
}
