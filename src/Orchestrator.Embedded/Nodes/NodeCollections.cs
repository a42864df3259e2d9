using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The databases and collections below a node, as the catalog names them. A plain class on the node's mailbox.</summary>
internal sealed class NodeCollections(INode node, IFeedClient feeds, NodeConfirmed confirmed)
{
    // A collection that was created while the node serves takes a moment to open; the node is not out for that.
    private static readonly TimeSpan CreationGrace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, IActorRef> _databases = new(StringComparer.Ordinal);
    private readonly Dictionary<CollectionName, CollectionReport> _reports = [];
    private readonly Dictionary<CollectionName, DateTimeOffset> _notReadySince = [];
    private readonly Dictionary<CollectionName, int> _removed = [];
    private readonly CatalogReads _catalogReads = new();
    private string _catalogProblem = "";
    private bool _isAboutToAssess;

    public IReadOnlyDictionary<string, IActorRef> Databases => _databases;

    public IReadOnlyDictionary<CollectionName, CollectionReport> Reports => _reports;

    /// <summary>As it was last read; what this node has written counts before it is read again.</summary>
    public CatalogContents Catalog { get; set; } = CatalogContents.Empty;

    public bool IsCatalogLoaded { get; private set; }

    public NamedCollections Named { get; private set; } = NamedCollections.Unknown;

    public List<string> Incomplete() => Incomplete(_reports.Values);

    /// <summary>The collections that count for the node's state.</summary>
    public List<CollectionReport> Settled() => [.. _reports.Values.Where(report =>
        report.Condition is CollectionCondition.Ready or CollectionCondition.Failed
        || node.Now - _notReadySince[report.Name] > CreationGrace)];

    public void Ensure(CollectionName name, CollectionSettings settings)
    {
        var incarnation = Catalog.IncarnationOf(name);
        if (!_reports.TryGetValue(name, out var report) || report.Incarnation != incarnation)
        {
            if (report is not null)
            {
                node.TellCompaction(new CollectionLost(name));
            }

            _notReadySince[name] = IsCatalogLoaded ? node.Now : DateTimeOffset.MinValue;
            _reports[name] = new CollectionReport(
                name, 0, Storage.Feed.FeedPosition.Empty, CollectionCondition.Opening, "is being opened", 0, false, false, node.Now)
            {
                Incarnation = incarnation,
            };
        }

        DatabaseOf(name).Tell(new EnsureCollection(name, settings, confirmed.Expected(name, incarnation), incarnation));
    }

    /// <summary>Also after a restart of the collection's actor, whose duty and settings of old no longer count.</summary>
    public void OnCollectionOpened(CollectionOpened opened)
    {
        node.Sender.Tell(new TakeDuty(node.Duty));
        if (opened.Name == CollectionName.Catalog)
        {
            _catalogReads.Failed();
        }

        if (Catalog.Collections.TryGetValue(opened.Name, out var settings))
        {
            node.Sender.Tell(new ApplySettings(settings));
        }
    }

    public void OnReport(CollectionReport report)
    {
        Note(report);
        if (report.Condition == CollectionCondition.Failed)
        {
            node.TellCompaction(new CollectionLost(report.Name));
        }

        // There may be thousands of collections, and each look reads the positions of all.
        if (node.Member is CatchingUpMember && !_isAboutToAssess)
        {
            _isAboutToAssess = true;
            node.Self.Tell(new ReportsNoted());
        }

        node.Reassess();
    }

    public void OnReportsNoted()
    {
        _isAboutToAssess = false;
        node.Handle(new AssessMember(), ActorRefs.Nobody);
    }

    public void Note(CollectionReport report)
    {
        var before = _reports.GetValueOrDefault(report.Name);
        if (before is null || before.Incarnation != report.Incarnation || before.Number > report.Number)
        {
            // Overtaken by a later one, or from a collection that has been forgotten, or dropped.
            return;
        }

        _reports[report.Name] = report;
        confirmed.Note(report);
        if (report.Condition == CollectionCondition.Ready)
        {
            _notReadySince[report.Name] = DateTimeOffset.MinValue;
        }

        if (report.Name == CollectionName.Catalog && report.Complete && !before.Complete)
        {
            // It is whole again, perhaps copied anew: what it names now is not known before it has been read.
            IsCatalogLoaded = false;
        }

        if (report.Name == CollectionName.Catalog
            && (before.Position != report.Position || before.Condition != report.Condition || !IsCatalogLoaded))
        {
            _catalogReads.Changed();
            LoadCatalog();
        }
    }

    public void LoadCatalog()
    {
        if (_reports[CollectionName.Catalog].Condition is not (CollectionCondition.Opening or CollectionCondition.Failed) && _catalogReads.TryBegin())
        {
            _databases[CollectionName.Catalog.Database].Tell(new ReadCatalog());
        }
    }

    public void OnCatalogRead(CatalogRead read)
    {
        try
        {
            if (read.Failure.Length > 0)
            {
                throw new JsonException(read.Failure);
            }

            if (_catalogReads.IsOutdated)
            {
                // Perhaps older than what this node has written itself: it would take back what a client was told is there.
                _catalogReads.Failed();
                LoadCatalog();
                return;
            }

            Catalog = CatalogContents.Read(read.Documents);
            foreach (var (name, settings) in Catalog.Collections)
            {
                Ensure(name, settings);
            }

            var current = _catalogReads.Succeeded();
            _catalogProblem = "";
            Named = NamedIn(Catalog, read.Position);
            IsCatalogLoaded = true;
            if (current && _reports[CollectionName.Catalog].Condition == CollectionCondition.Ready)
            {
                ForgetUnnamed();
                RemoveDropped();
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Read again with the next look at itself.
            _catalogReads.Failed();
            if (e.Message != _catalogProblem)
            {
                _catalogProblem = e.Message;
                node.Log.Error(e, "the catalog cannot be read; what it held before stays in force");
            }

            return;
        }

        LoadCatalog();
        node.Reassess();
    }

    /// <summary>
    /// A catalog that was rolled back no longer names what was created beyond: no primary has such a collection, and nothing of it
    /// was ever acknowledged by a majority. If it is created again, its old files are found to part from the primary's. Nor does the catalog
    /// name what was dropped.
    /// </summary>
    public void ForgetUnnamed()
    {
        foreach (var name in _reports.Keys.Where(name => name != CollectionName.Catalog && !Catalog.Collections.ContainsKey(name)).ToList())
        {
            node.Log.Warning("{0} is no longer named by the catalog; {1}", name, Catalog.Dropped.ContainsKey(name) ? "it was dropped" : "its files stay");
            _reports.Remove(name, out var report);
            _notReadySince.Remove(name);
            confirmed.Forget(name, report!.Incarnation);
            _databases[name.Database].Tell(new ForgetCollection(name));
            node.TellCompaction(new CollectionLost(name));
        }
    }

    /// <summary>Writes a document of the catalog; <see cref="CatalogWritten"/> tells what came of it.</summary>
    public void WriteCatalog(DataRequest write, CatalogWritten.Purpose purpose) =>
        _databases[CollectionName.Catalog.Database].Ask<DataReply>(write, node.Options.CollectionTimeout).PipeTo(
            node.Self,
            node.Self,
            reply => new CatalogWritten(purpose, reply),
            error => new CatalogWritten(purpose, new DataUnavailable($"the catalog does not answer: {error.Message}", NodeActor.RetryAfter)));

    /// <summary>To be called when the catalog has what this node has written.</summary>
    public void NoteCatalogWritten() => _catalogReads.Wrote();

    /// <summary>A database has ended: its files are released.</summary>
    public void Forget(IActorRef ended)
    {
        foreach (var name in _databases.Where(entry => entry.Value.Equals(ended)).Select(entry => entry.Key).ToList())
        {
            _databases.Remove(name);
        }
    }

    public List<FeedPosition> Positions() => ToPositions(_reports.Values);

    public static List<string> Incomplete(IEnumerable<CollectionReport> reports) =>
        [.. reports.Where(report => !report.Complete).Select(report => report.Name.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Collections of one name, of which the former ones were dropped, are not taken for each other: <c>~2</c> and so on tells them apart.</summary>
    public static List<FeedPosition> ToPositions(IEnumerable<CollectionReport> reports) => reports
        .Select(report => new FeedPosition(
            report.Name.Database, CollectionDirectory.NameOf(report.Name.Collection, report.Incarnation), report.Position.Term, report.Position.Seq))
        .OrderBy(position => position.Database, StringComparer.Ordinal)
        .ThenBy(position => position.Collection, StringComparer.Ordinal)
        .ToList();

    private IActorRef DatabaseOf(CollectionName name)
    {
        if (!_databases.TryGetValue(name.Database, out var database))
        {
            database = node.Context.ActorOf(DatabaseActor.Props(name.Database, node.Options, feeds), $"database-{name.Database}");
            _databases[name.Database] = database;
        }

        return database;
    }

    /// <summary>Once for each: a member that was away when a collection was dropped still has its files.</summary>
    private void RemoveDropped()
    {
        foreach (var (name, dropped) in Catalog.Dropped.Where(entry => entry.Value.Settled && _removed.GetValueOrDefault(entry.Key) < entry.Value.Times))
        {
            _removed[name] = dropped.Times;
            confirmed.Forget(name, dropped.Times);
            DatabaseOf(name).Tell(new RemoveDropped(name, dropped.Times));
        }
    }

    private static NamedCollections NamedIn(CatalogContents contents, Storage.Feed.FeedPosition position) => new(
        new FeedPosition(CollectionName.Catalog.Database, CollectionName.Catalog.Collection, position.Term, position.Seq),
        contents.Collections.Keys.Select(name => (name.Database, CollectionDirectory.NameOf(name.Collection, contents.IncarnationOf(name)))).ToHashSet());
}
