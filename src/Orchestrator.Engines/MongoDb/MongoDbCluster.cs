using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>A replica set, each shard of a sharded cluster, or a standalone of MongoDB. Members are named as their set names them.</summary>
public sealed class MongoDbCluster : IEngineCluster
{
    private readonly MongoDbClusterOptions _options;
    private readonly MongoDbTls _tls;
    private readonly MongoDbRoster _roster;
    private readonly MongoDbDiscovery _discovery;
    private readonly MongoDbClaim _claim;
    private volatile bool _isStandalone;

    /// <param name="process">Who this orchestrator is, for the one that finds its claim; for example host and process id.</param>
    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public MongoDbCluster(MongoDbClusterOptions options, string process, TimeProvider time)
    {
        _options = options;
        _tls = new MongoDbTls(options);
        _roster = new MongoDbRoster(options, time, Connect);
        _discovery = new MongoDbDiscovery(_roster, Connect);
        _claim = new MongoDbClaim(_roster, process);
    }

    public string Name => _options.Name;

    public string Engine => "mongodb";

    public EngineCapabilities Capabilities => MongoDbCapabilities.Of(MongoDbVersion.Newest, hasPrimary: !_isStandalone);

    public TimeSpan? Settle => _options.Settle;

    public TimeSpan DiscoverInterval => _options.DiscoverInterval;

    public TimeSpan RenewInterval => _options.ClaimTimeToLive / 3;

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) => MongoDbErrors.Explain($"discovering {Name}", _options, async () =>
    {
        var sets = await _discovery.Run(cancellationToken).ConfigureAwait(false);
        _isStandalone = sets.All(set => !set.IsReplicaSet);
        await _roster.AutoCompact.Ensure(_claim.IsHeld, cancellationToken).ConfigureAwait(false);
        var members = sets.SelectMany(set => set.Configuration.Members).ToList();
        return new EngineTopology(
            [.. sets.Select(set => set.Define())],
            members.ToDictionary(member => member.Name, member => _roster.AddressOf(member.Name)))
        {
            Learners = [.. members.Where(member => member.Votes == 0).Select(member => member.Name)],
        };
    });

    public IEngineMember Member(string name) => _roster.Member(name);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        MongoDbErrors.Explain($"claiming {Name}", _options, () => _claim.Take(runId, cancellationToken));

    public Task Renew(CancellationToken cancellationToken) => _claim.Renew(cancellationToken);

    public Task Release(string runId, CancellationToken cancellationToken) => _claim.Release(runId, cancellationToken);

    public Task<IReadOnlyList<AccessGap>?> CheckAccess(CancellationToken cancellationToken) => MongoDbErrors.Explain<IReadOnlyList<AccessGap>?>($"looking at the rights on {Name}", _options, async () =>
    {
        await _discovery.Run(cancellationToken).ConfigureAwait(false);
        var gaps = new List<AccessGap>();
        foreach (var member in _roster.Members.Where(member => member.Set.Configuration.Find(member.Name) is not { IsArbiter: true }).OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            gaps.AddRange(await MongoDbAccess.Check(member.Name, member.Set.IsReplicaSet, member.Calls, _options, cancellationToken).ConfigureAwait(false));
        }

        return gaps;
    });

    public async ValueTask DisposeAsync()
    {
        await _claim.DisposeAsync().ConfigureAwait(false);
        _discovery.Dispose();
        _roster.Dispose();
        _tls.Dispose();
    }

    private MongoDbReach Connect(string name, string address) => new(_options, _tls, name, address);
}
