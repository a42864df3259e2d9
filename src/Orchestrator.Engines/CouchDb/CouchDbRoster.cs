using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>What the drivers of one cluster know together. Safe for use from several threads.</summary>
internal sealed class CouchDbRoster(CouchDbClusterOptions options, TimeProvider time, CouchDbEndpoints endpoints, CouchDbDisks disks) : IDisposable
{
    // All nodes with a copy ask for the views of a database within one inventory.
    private static readonly TimeSpan ViewsAge = TimeSpan.FromSeconds(5);

    // Design documents change seldom, and a run measures its members often.
    private static readonly TimeSpan StaleAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, CouchDbMemberDriver> _members = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long At, Task<IReadOnlyList<CouchDbView>> Views)> _views = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Node, string Shard), (long At, int? Count)> _stale = new();
    private readonly SemaphoreSlim _one = new(1);
    private volatile IReadOnlyList<CouchDbDatabase> _databases = [];
    private IReadOnlyList<CouchDbTask> _tasks = [];
    private long? _tasksAt;
    private long _jobEndedAt;

    public CouchDbClusterOptions Options => options;

    public TimeProvider Time => time;

    public CouchDbEndpoints Endpoints => endpoints;

    public CouchDbDisks Disks => disks;

    /// <summary>Names of all nodes.</summary>
    public ICollection<string> Nodes => _members.Keys;

    /// <summary>The run for which automatic compaction is held; empty for none.</summary>
    public string HeldFor { get; set; } = "";

    /// <summary>Those that the last discovery found large enough, with their shards.</summary>
    public IReadOnlyList<CouchDbDatabase> Databases => _databases;

    public CouchDbCalls Calls(string node) => new(endpoints, node);

    /// <summary>The ranges of which a node holds a copy.</summary>
    public IEnumerable<(CouchDbDatabase Database, string Range)> CopiesOn(string node) =>
        from database in _databases
        from range in database.Ranges
        where range.Value.Contains(node)
        select (database, range.Key);

    /// <summary>Takes the members over, and lets those go that are no longer part of the cluster.</summary>
    public void Update(IReadOnlyList<string> nodes, IReadOnlyList<CouchDbDatabase> databases)
    {
        _databases = databases;
        foreach (var old in _stale.Where(known => time.GetElapsedTime(known.Value.At) > StaleAge))
        {
            _stale.TryRemove(old);
        }

        foreach (var node in nodes)
        {
            _members.GetOrAdd(node, name => new CouchDbMemberDriver(name, this));
        }

        foreach (var gone in _members.Keys.Except(nodes).ToList())
        {
            if (_members.TryRemove(gone, out var member))
            {
                member.Dispose();
            }
        }
    }

    public CouchDbMemberDriver Member(string name) =>
        _members.GetValueOrDefault(name) ?? throw new EngineException(EngineFault.WrongState, $"{options.Name} has no node {name}");

    /// <summary>The design documents of a database, each with the range that holds it, as of a moment ago.</summary>
    public Task<IReadOnlyList<CouchDbView>> ViewsOf(CouchDbDatabase database, CancellationToken cancellationToken)
    {
        var key = database.Name + database.Suffix;
        return _views.AddOrUpdate(
            key,
            _ => (time.GetTimestamp(), Ask()),
            (_, known) => time.GetElapsedTime(known.At) > ViewsAge || known.Views.IsFaulted || known.Views.IsCanceled ? (time.GetTimestamp(), Ask()) : known).Views;

        async Task<IReadOnlyList<CouchDbView>> Ask()
        {
            var calls = Calls("");
            var views = new List<CouchDbView>();
            foreach (var name in await calls.DesignDocuments(database.Name, cancellationToken).ConfigureAwait(false))
            {
                var range = database.Ranges.Count == 1
                    ? database.Ranges.Keys.First()
                    : await calls.RangeOfDesign(database.Name, name, cancellationToken).ConfigureAwait(false);
                views.Add(new CouchDbView(name, range));
            }

            return views;
        }
    }

    /// <summary>
    /// How many index files of a node's copy no design document uses any more, as of a moment ago; null if CouchDB does not tell. One of a design
    /// document that was just changed counts as in use until its index is asked for.
    /// </summary>
    public async Task<int?> StaleIndexes(string node, CouchDbDatabase database, string range, CancellationToken cancellationToken)
    {
        var key = (node, database.Shard(range));
        if (_stale.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) <= StaleAge)
        {
            return known.Count;
        }

        var files = await Calls(node).IndexFiles(database, range, cancellationToken).ConfigureAwait(false);
        var count = files?.Count;
        if (count > 0)
        {
            var used = await UsedSignatures(database, cancellationToken).ConfigureAwait(false);
            count = files!.Count(file => !used.Contains(file));
        }

        _stale[key] = (time.GetTimestamp(), count);
        return count;
    }

    /// <summary>Index files of a node's copy were removed.</summary>
    public void CleanedUp(string node, CouchDbDatabase database, string range) => _stale.TryRemove((node, database.Shard(range)), out _);

    private async Task<HashSet<string>> UsedSignatures(CouchDbDatabase database, CancellationToken cancellationToken)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var view in await ViewsOf(database, cancellationToken).ConfigureAwait(false))
        {
            if (await Calls("").Sizes(database, new ViewUnit(database.Name, "", view.Name), cancellationToken).ConfigureAwait(false) is { } sizes)
            {
                used.Add(sizes.Signature);
            }
        }

        return used;
    }

    /// <summary>A job has ended: a list of tasks from before that would show it as somebody else's.</summary>
    public void JobEnded() => Volatile.Write(ref _jobEndedAt, time.GetTimestamp());

    /// <summary>Compactions at work in the cluster, as of a moment ago.</summary>
    public async Task<IReadOnlyList<CouchDbTask>> Tasks(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Every driver asks for the list of the whole cluster, for which the node that answers asks all others.
            if (_tasksAt is not { } at || at <= Volatile.Read(ref _jobEndedAt) || time.GetElapsedTime(at) > options.PollInterval)
            {
                var asked = time.GetTimestamp();
                (_tasks, _tasksAt) = (await Calls("").Tasks(cancellationToken).ConfigureAwait(false), asked);
            }

            return _tasks;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Dispose();
        }

        endpoints.Dispose();
        disks.Dispose();
        _one.Dispose();
    }
}

/// <summary>A design document.</summary>
/// <param name="Name">Without <c>_design/</c>.</param>
/// <param name="Range">The range that holds the document itself.</param>
internal sealed record CouchDbView(string Name, string Range);
