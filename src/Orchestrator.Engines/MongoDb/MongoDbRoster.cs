using System.Collections.Concurrent;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Who belongs to one cluster and how each is reached. Safe for use from several threads.</summary>
internal sealed class MongoDbRoster : IDisposable
{
    private readonly MongoDbClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<string, string, IMongoDbConnection> _connect;
    private readonly ConcurrentDictionary<string, MongoDbSet> _sets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MongoDbMemberDriver> _members = new(StringComparer.Ordinal);

    // Configured endpoints lead to members whose own names may lead nowhere from here.
    private readonly ConcurrentDictionary<string, string> _found = new(StringComparer.Ordinal);

    public MongoDbRoster(MongoDbClusterOptions options, TimeProvider time, Func<string, string, IMongoDbConnection> connect)
    {
        (_options, _time, _connect) = (options, time, connect);
        AutoCompact = new MongoDbAutoCompact(this);
    }

    /// <summary>The members' background compaction.</summary>
    public MongoDbAutoCompact AutoCompact { get; }

    public MongoDbClusterOptions Options => _options;

    public TimeProvider Time => _time;

    public IEnumerable<MongoDbMemberDriver> Members => _members.Values;

    public IEnumerable<MongoDbSet> Sets => _sets.Values;

    /// <summary>A mongos that discovery goes through; null where there is none.</summary>
    public MongoDbCalls? Router { get; set; }

    /// <summary>Whether the balancer of a sharded cluster moves chunks now.</summary>
    public bool MovesChunks { get; set; }

    public MongoDbMemberDriver? Find(string name) => _members.GetValueOrDefault(name);

    public MongoDbSet SetOf(string name, bool isReplicaSet) => _sets.GetOrAdd(name, _ => new MongoDbSet(name, isReplicaSet, _time));

    /// <summary>An endpoint of the connection string turned out to be this member.</summary>
    public void Found(string member, string endpoint) => _found[member] = endpoint;

    /// <summary>Where a member is reached: as configured, else where an endpoint led to it, else by its own name.</summary>
    public string AddressOf(string member) =>
        _options.Addresses.GetValueOrDefault(member) ?? _found.GetValueOrDefault(member) ?? member;

    /// <summary>Takes the sets' members over, and lets those go that are no longer in one.</summary>
    public void Update(IReadOnlyList<MongoDbSet> sets)
    {
        var wanted = sets.SelectMany(set => set.Configuration.Members.Select(member => (Set: set, member.Name))).ToList();
        foreach (var (set, name) in wanted)
        {
            var address = AddressOf(name);
            if (_members.TryGetValue(name, out var known) && known.Set == set && known.Address == address)
            {
                continue;
            }

            known?.Dispose();
            _members[name] = new MongoDbMemberDriver(name, set, this, _connect(name, address));
        }

        foreach (var gone in _members.Keys.Except(wanted.Select(member => member.Name)).ToList())
        {
            if (_members.TryRemove(gone, out var member))
            {
                member.Dispose();
            }
        }

        foreach (var gone in _sets.Keys.Except(sets.Select(set => set.Name)).ToList())
        {
            _sets.TryRemove(gone, out _);
        }
    }

    public MongoDbMemberDriver Member(string name) =>
        Find(name) ?? throw new EngineException(EngineFault.WrongState, $"{_options.Name} has no member {name}");

    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Dispose();
        }
    }
}
