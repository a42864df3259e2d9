using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Asks the endpoints of the connection string, and the members that are known, who belongs to the cluster.</summary>
internal sealed class MongoDbDiscovery(MongoDbRoster roster, Func<string, string, IMongoDbConnection> connect) : IDisposable
{
    private readonly Dictionary<string, IMongoDbConnection> _endpoints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IMongoDbConnection> _shardMembers = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1);

    private MongoDbClusterOptions Options => roster.Options;

    public async Task<IReadOnlyList<MongoDbSet>> Run(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var seed in Seeds().Where(seed => !_endpoints.ContainsKey(seed)))
            {
                _endpoints[seed] = connect(seed, seed);
            }

            var looks = await Task.WhenAll(_endpoints.Values.Select(endpoint => Look(endpoint, cancellationToken))).ConfigureAwait(false);
            var sets = await SetsOf(looks, cancellationToken).ConfigureAwait(false);
            roster.Update(sets);
            return sets;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        foreach (var endpoint in _endpoints.Values.Concat(_shardMembers.Values))
        {
            endpoint.Dispose();
        }

        _one.Dispose();
    }

    private IReadOnlyList<string> Seeds()
    {
        try
        {
            return MongoDbConnection.SeedsOf(Options);
        }
        catch (Exception e) when (e is MongoException or DnsClient.DnsResponseException)
        {
            throw new EngineException(EngineFault.Misconfigured, $"clusters.{Options.Name}.uri cannot be resolved: {e.Message}", e);
        }
    }

    private async Task<EndpointLook> Look(IMongoDbConnection endpoint, CancellationToken cancellationToken)
    {
        var calls = new MongoDbCalls(endpoint, Options.RequestTimeout);
        try
        {
            return new EndpointLook(calls, await calls.Hello(cancellationToken).ConfigureAwait(false), null);
        }
        catch (EngineException e)
        {
            return new EndpointLook(calls, null, e);
        }
        catch (MongoDbRefusal refusal)
        {
            return new EndpointLook(calls, null, MongoDbErrors.ToEngine($"endpoint {endpoint.Address}", Options, refusal));
        }
    }

    private async Task<IReadOnlyList<MongoDbSet>> SetsOf(IReadOnlyList<EndpointLook> looks, CancellationToken cancellationToken)
    {
        var answered = looks.Where(look => look.Hello is not null).ToList();
        if (answered.Count == 0)
        {
            throw NoEndpoint.Answers(Options.Name, [.. looks.Select(look => look.Failure!)]);
        }

        foreach (var (look, hello) in answered.Select(look => (look, look.Hello!)).Where(pair => pair.Item2.Me.Length > 0))
        {
            roster.Found(hello.Me, look.Calls.Address);
        }

        if (answered.FirstOrDefault(look => look.Hello!.IsRouter) is { } router)
        {
            roster.Router = router.Calls;
            return await Shards(router.Calls, cancellationToken).ConfigureAwait(false);
        }

        if (answered.FirstOrDefault(look => look.Hello!.Set.Length == 0) is { } alone)
        {
            return [Standalone(alone, answered)];
        }

        return [await ReplicaSet(answered, cancellationToken).ConfigureAwait(false)];
    }

    private MongoDbSet Standalone(EndpointLook alone, IReadOnlyList<EndpointLook> answered)
    {
        var address = alone.Calls.Address;
        if (alone.Hello!.IsUninitiated)
        {
            throw new EngineException(EngineFault.WrongState, $"{address} is started for a replica set that is not initiated yet");
        }

        if (answered.Count > 1 || WantedSet().Length > 0)
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{address} is a server without a replica set, but clusters.{Options.Name}.uri names {(WantedSet().Length > 0 ? $"replica set {WantedSet()}" : "several servers")}");
        }

        var set = roster.SetOf(Options.Name, isReplicaSet: false);
        set.Configuration = new MongoDbSetConfiguration(
            set.Name, [new MongoDbMemberConfiguration(address, false, false, 1, 1, TimeSpan.Zero)], TimeSpan.Zero);
        return set;
    }

    private async Task<MongoDbSet> ReplicaSet(IReadOnlyList<EndpointLook> answered, CancellationToken cancellationToken)
    {
        var name = WantedSet() is { Length: > 0 } wanted ? wanted : answered[0].Hello!.Set;
        if (answered.FirstOrDefault(look => look.Hello!.Set != name) is { } stranger)
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{stranger.Calls.Address} is a member of replica set {stranger.Hello!.Set}, not of {name}: correct clusters.{Options.Name}.uri, whose servers must all be of one set");
        }

        // A member that was just added may not have the configuration yet; the primary has the newest.
        var set = roster.SetOf(name, isReplicaSet: true);
        var asked = answered.Where(look => !look.Hello!.IsArbiter).OrderByDescending(look => look.Hello!.IsPrimary).Select(look => look.Calls).ToList();
        set.Configuration = await Configuration(asked.Count > 0 ? asked : [.. answered.Select(look => look.Calls)], cancellationToken).ConfigureAwait(false);
        return set;
    }

    /// <summary>Each shard is a replica set of its own, and so are the config servers; a mongos says where they are.</summary>
    private async Task<IReadOnlyList<MongoDbSet>> Shards(MongoDbCalls router, CancellationToken cancellationToken)
    {
        var sets = new List<MongoDbSet>();
        foreach (var (shard, host) in await router.Shards(cancellationToken).ConfigureAwait(false))
        {
            sets.Add(await SetAt(host, $"shard {shard}", cancellationToken).ConfigureAwait(false));
        }

        if (Options.IncludesConfigServers)
        {
            var host = await router.ConfigServers(cancellationToken).ConfigureAwait(false);
            sets.Add(await SetAt(host, "the config server", cancellationToken).ConfigureAwait(false));
        }

        roster.MovesChunks = await router.MovesChunks(cancellationToken).ConfigureAwait(false);

        // From 8.0 the config servers may be a shard too.
        return [.. sets.Distinct()];
    }

    /// <param name="host">As a mongos has it: <c>set/name:port,name:port</c>.</param>
    private async Task<MongoDbSet> SetAt(string host, string whose, CancellationToken cancellationToken)
    {
        var slash = host.IndexOf('/');
        if (slash < 0)
        {
            throw new EngineException(EngineFault.Misconfigured, $"{whose} of {Options.Name} is not a replica set ({host}), which is not supported");
        }

        var set = roster.SetOf(host[..slash], isReplicaSet: true);
        var members = host[(slash + 1)..].Split(',').Select(name => (Name: name, Address: roster.AddressOf(name))).ToList();
        var connections = members.ConvertAll(member => Calls(member.Name, member.Address));
        set.Configuration = await Configuration(connections, cancellationToken).ConfigureAwait(false);
        return set;
    }

    private MongoDbCalls Calls(string name, string address)
    {
        if (!_shardMembers.TryGetValue(address, out var connection))
        {
            _shardMembers[address] = connection = connect(name, address);
        }

        return new MongoDbCalls(connection, Options.RequestTimeout);
    }

    private static async Task<MongoDbSetConfiguration> Configuration(IReadOnlyList<MongoDbCalls> members, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await members[i].Configuration(cancellationToken).ConfigureAwait(false);
            }
            catch (EngineException e) when (e.Fault == EngineFault.Unreachable && i + 1 < members.Count)
            {
                // The next one may do.
            }
        }
    }

    private string WantedSet() => new MongoUrl(Options.Uri).ReplicaSetName ?? "";

    private sealed record EndpointLook(MongoDbCalls Calls, MongoDbHello? Hello, EngineException? Failure);
}
