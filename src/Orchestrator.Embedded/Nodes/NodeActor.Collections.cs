using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <content>The databases and collections below the node, as the catalog names them.</content>
internal sealed partial class NodeActor
{
    // A collection that was created while the node serves takes a moment to open; the node is not out for that.
    private static readonly TimeSpan CreationGrace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<CollectionName, DateTimeOffset> notReadySince = [];
    private CatalogContents catalog = CatalogContents.Empty;
    private readonly CatalogReads catalogReads = new();
    private NamedCollections named = NamedCollections.Unknown;
    private bool catalogLoaded;
    private string catalogProblem = "";

    private void ReceiveCollections()
    {
        Receive<CollectionOpened>(OnCollectionOpened);
        Receive<DutyTaken>(taken => OnReport(taken.Report));
        Receive<CollectionReport>(OnReport);
        Receive<CatalogRead>(OnCatalogRead);
    }

    /// <summary>The collections that count for the node's state.</summary>
    private List<CollectionReport> Settled() => [.. reports.Values.Where(report =>
        report.Condition is CollectionCondition.Ready or CollectionCondition.Failed
        || Now - notReadySince[report.Name] > CreationGrace)];

    private void Ensure(CollectionName name, CollectionSettings settings)
    {
        if (!databases.TryGetValue(name.Database, out var database))
        {
            database = Context.ActorOf(DatabaseActor.Props(name.Database, options, feeds), $"database-{name.Database}");
            databases[name.Database] = database;
        }

        if (!reports.ContainsKey(name))
        {
            notReadySince[name] = catalogLoaded ? Now : DateTimeOffset.MinValue;
            reports[name] = new CollectionReport(
                name, 0, Storage.Feed.FeedPosition.Empty, CollectionCondition.Opening, "is being opened", 0, false, false, Now);
        }

        database.Tell(new EnsureCollection(name, settings, Expected(name)));
    }

    /// <summary>Also after a restart of the collection's actor, whose duty and settings of old no longer count.</summary>
    private void OnCollectionOpened(CollectionOpened opened)
    {
        Sender.Tell(new TakeDuty(duty));
        if (opened.Name == CollectionName.Catalog)
        {
            catalogReads.Failed();
        }

        if (catalog.Collections.TryGetValue(opened.Name, out var settings))
        {
            Sender.Tell(new ApplySettings(settings));
        }
    }

    private void OnReport(CollectionReport report)
    {
        Note(report);
        if (report.Condition == CollectionCondition.Failed)
        {
            CompactionAtWork().Tell(new CollectionLost(report.Name));
        }

        if (member is CatchingUpMember)
        {
            Handle(new AssessMember(), ActorRefs.Nobody);
        }

        Reassess();
    }

    private void Note(CollectionReport report)
    {
        var before = reports.GetValueOrDefault(report.Name);
        if (before is null || before.Number > report.Number)
        {
            // Overtaken by a later one, or from a collection that has been forgotten.
            return;
        }

        reports[report.Name] = report;
        WarnOfLostAlone(report);
        confirmed = confirmed.With(report);
        if (report.Condition == CollectionCondition.Ready)
        {
            notReadySince[report.Name] = DateTimeOffset.MinValue;
        }

        if (report.Name == CollectionName.Catalog && report.Complete && !before.Complete)
        {
            // It is whole again, perhaps copied anew: what it names now is not known before it has been read.
            catalogLoaded = false;
        }

        if (report.Name == CollectionName.Catalog
            && (before.Position != report.Position || before.Condition != report.Condition || !catalogLoaded))
        {
            catalogReads.Changed();
            LoadCatalog();
        }
    }

    private void LoadCatalog()
    {
        if (reports[CollectionName.Catalog].Condition is not (CollectionCondition.Opening or CollectionCondition.Failed) && catalogReads.TryBegin())
        {
            databases[CollectionName.Catalog.Database].Tell(new ReadCatalog());
        }
    }

    private void OnCatalogRead(CatalogRead read)
    {
        try
        {
            if (read.Failure.Length > 0)
            {
                throw new JsonException(read.Failure);
            }

            if (catalogReads.IsOutdated)
            {
                // Perhaps older than what this node has written itself: it would take back what a client was told is there.
                catalogReads.Failed();
                LoadCatalog();
                return;
            }

            catalog = CatalogContents.Read(read.Documents);
            foreach (var (name, settings) in catalog.Collections)
            {
                Ensure(name, settings);
            }

            var current = catalogReads.Succeeded();
            catalogProblem = "";
            named = NamedIn(catalog, read.Position);
            catalogLoaded = true;
            if (current && reports[CollectionName.Catalog].Condition == CollectionCondition.Ready)
            {
                ForgetUnnamed();
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Read again with the next look at itself.
            catalogReads.Failed();
            if (e.Message != catalogProblem)
            {
                catalogProblem = e.Message;
                log.Error(e, "the catalog cannot be read; what it held before stays in force");
            }

            return;
        }

        LoadCatalog();
        Reassess();
    }

    private static NamedCollections NamedIn(CatalogContents contents, Storage.Feed.FeedPosition position) => new(
        new FeedPosition(CollectionName.Catalog.Database, CollectionName.Catalog.Collection, position.Term, position.Seq),
        contents.Collections.Keys.Select(name => (name.Database, name.Collection)).ToHashSet());

    /// <summary>
    /// A catalog that was rolled back no longer names what was created beyond: no primary has such a collection, and nothing of it
    /// was ever acknowledged by a majority. If it is created again, its old files are found to part from the primary's.
    /// </summary>
    private void ForgetUnnamed()
    {
        foreach (var name in reports.Keys.Where(name => name != CollectionName.Catalog && !catalog.Collections.ContainsKey(name)).ToList())
        {
            log.Warning("{0} is no longer in the catalog; its files stay", name);
            reports.Remove(name);
            notReadySince.Remove(name);
            confirmed = confirmed.Without(name);
            databases[name.Database].Tell(new ForgetCollection(name));
            CompactionAtWork().Tell(new CollectionLost(name));
        }
    }
}
