using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Milvus;

/// <summary>A Milvus cluster: one replica set with one member, the cluster as a whole, since Milvus itself chooses who works.</summary>
public sealed class MilvusCluster : IEngineCluster
{
    /// <summary>Name of the one member.</summary>
    public const string MemberName = "milvus";

    private readonly MilvusClusterOptions _options;
    private readonly EngineHttp _http;
    private readonly MilvusCalls _calls;
    private readonly MilvusMember _member;

    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public MilvusCluster(MilvusClusterOptions options, TimeProvider time)
    {
        _options = options;
        _http = new EngineHttp(options.Tls);
        _calls = new MilvusCalls(options, [.. options.Endpoints.Select(endpoint => new RestEndpoint(options.Name, endpoint, _http))], ManagementOf(options));
        _member = new MilvusMember(_calls, options, time);
    }

    public string Name => _options.Name;

    public string Engine => "milvus";

    public EngineCapabilities Capabilities => MilvusCapabilities.Instance;

    public TimeSpan? Settle => _options.Settle;

    public TimeSpan DiscoverInterval => _options.DiscoverInterval;

    public TimeSpan RenewInterval => TimeSpan.FromMinutes(1);

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) => MilvusErrors.Explain($"discovering {Name}", _options, async () =>
    {
        var databases = await _calls.Databases(cancellationToken).ConfigureAwait(false);
        if (_options.Database.Length > 0 && !databases.Contains(_options.Database))
        {
            throw new EngineException(
                EngineFault.Misconfigured, $"{Name} has no database {_options.Database}; it has {string.Join(", ", databases)} (clusters.{Name}.database)");
        }

        return new EngineTopology(
            [new ReplicaSetDefinition(Name, [MemberName])],
            new Dictionary<string, string> { [MemberName] = _calls.Address.GetLeftPart(UriPartial.Authority) });
    });

    public IEngineMember Member(string name) =>
        name == MemberName ? _member : throw new EngineException(EngineFault.WrongState, $"{Name} has no member {name}");

    public Task<string> Claim(string runId, CancellationToken cancellationToken) =>
        Task.FromResult("Milvus has no place for a claim: nothing keeps a second orchestrator away");

    public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _member.Dispose();
        _calls.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private MilvusManagement? ManagementOf(MilvusClusterOptions options) =>
        options.Management is { } management ? new MilvusManagement(new RestEndpoint($"{options.Name}, management port", management, _http), options.RequestTimeout) : null;
}
