using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>A CouchDB cluster, or a single node. Every shard range of a database is a replica set, whose members are the nodes with a copy.</summary>
public sealed class CouchDbCluster : IEngineCluster
{
    private readonly CouchDbClusterOptions _options;
    private readonly EngineHttp _http;
    private readonly CouchDbRoster _roster;
    private readonly CouchDbClaim _claim;

    /// <param name="process">Who this orchestrator is, for the one that finds its claim; for example host and process id.</param>
    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public CouchDbCluster(CouchDbClusterOptions options, string process, TimeProvider time)
    {
        _options = options;
        _http = new EngineHttp(options.Tls);
        _roster = new CouchDbRoster(options, time, new CouchDbEndpoints(options, _http), new CouchDbDisks(options, _http, time));
        _claim = new CouchDbClaim(_roster, process);
    }

    public string Name => _options.Name;

    public string Engine => "couchdb";

    public EngineCapabilities Capabilities => CouchDbCapabilities.Instance;

    public TimeSpan? Settle => _options.Settle;

    public TimeSpan DiscoverInterval => _options.DiscoverInterval;

    public TimeSpan RenewInterval => _options.ClaimTimeToLive / 3;

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) =>
        CouchDbErrors.Explain($"discovering {Name}", _options, async () =>
        {
            var topology = await new CouchDbDiscovery(_roster).Run(cancellationToken).ConfigureAwait(false);
            await _claim.PutBack(cancellationToken).ConfigureAwait(false);
            return topology;
        });

    public IEngineMember Member(string name) => _roster.Member(name);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        CouchDbErrors.Explain($"claiming {Name}", _options, () => _claim.Take(runId, cancellationToken));

    public Task Renew(CancellationToken cancellationToken) => _claim.Renew(cancellationToken);

    public Task Release(string runId, CancellationToken cancellationToken) => _claim.Release(runId, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _claim.DisposeAsync().ConfigureAwait(false);
        _roster.Dispose();
        _http.Dispose();
    }
}
