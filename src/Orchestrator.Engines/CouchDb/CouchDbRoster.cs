using System.Collections.Concurrent;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>What the drivers of one cluster know together. Safe for use from several threads.</summary>
internal sealed class CouchDbRoster(CouchDbClusterOptions options, TimeProvider time, CouchDbEndpoints endpoints, CouchDbDisks disks) : IDisposable
{
    // All nodes with a copy ask for the views of a database within one inventory.
    private static readonly TimeSpan ViewsAge = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, CouchDbMemberDriver> _members = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long At, Task<IReadOnlyList<CouchDbView>> Views)> _views = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1);
    private volatile IReadOnlyList<CouchDbDatabase> _databases = [];
    private IReadOnlyList<CouchDbTask> _tasks = [];
    private long? _tasksAt;

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

    /// <summary>Compactions at work in the cluster, as of a moment ago.</summary>
    public async Task<IReadOnlyList<CouchDbTask>> Tasks(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Every driver asks for the list of the whole cluster, for which the node that answers asks all others.
            if (_tasksAt is not { } at || time.GetElapsedTime(at) > options.PollInterval)
            {
                (_tasks, _tasksAt) = (await Calls("").Tasks(cancellationToken).ConfigureAwait(false), time.GetTimestamp());
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
