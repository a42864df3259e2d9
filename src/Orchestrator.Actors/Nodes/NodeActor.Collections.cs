using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Actors.Nodes;

/// <content>The databases and collections below the node, as the catalog names them.</content>
internal sealed partial class NodeActor
{
    // A collection that was created while the node serves takes a moment to open; the node is not out for that.
    private static readonly TimeSpan CreationGrace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<CollectionName, DateTimeOffset> notReadySince = [];
    private CatalogContents catalog = CatalogContents.Empty;
    private bool catalogLoaded;
    private bool catalogReading;
    private bool catalogChanged = true;

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
            database = Context.ActorOf(DatabaseActor.Props(options, feeds), $"database-{name.Database}");
            databases[name.Database] = database;
        }

        if (!reports.ContainsKey(name))
        {
            notReadySince[name] = catalogLoaded ? Now : DateTimeOffset.MinValue;
            reports[name] = new CollectionReport(
                name, 0, Storage.Feed.FeedPosition.Empty, CollectionCondition.Opening, "is being opened", 0, false, Now);
        }

        database.Tell(new EnsureCollection(name, settings));
    }

    /// <summary>Also after a restart of the collection's actor, whose duty and settings of old no longer count.</summary>
    private void OnCollectionOpened(CollectionOpened opened)
    {
        Sender.Tell(new TakeDuty(duty));
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
        if (before?.Number > report.Number)
        {
            return;
        }

        reports[report.Name] = report;
        if (report.Condition == CollectionCondition.Ready)
        {
            notReadySince[report.Name] = DateTimeOffset.MinValue;
        }

        if (report.Name == CollectionName.Catalog && (before is null || before.Position != report.Position || !catalogLoaded))
        {
            catalogChanged = true;
            LoadCatalog();
        }
    }

    private void LoadCatalog()
    {
        if (catalogReading || !catalogChanged || reports[CollectionName.Catalog].Condition is CollectionCondition.Opening or CollectionCondition.Failed)
        {
            return;
        }

        catalogReading = true;
        catalogChanged = false;
        databases[CollectionName.Catalog.Database].Tell(new ReadCatalog());
    }

    private void OnCatalogRead(CatalogRead read)
    {
        catalogReading = false;
        try
        {
            if (read.Failure.Length > 0)
            {
                throw new JsonException(read.Failure);
            }

            catalog = CatalogContents.Read(read.Documents);
            foreach (var (name, settings) in catalog.Collections)
            {
                Ensure(name, settings);
            }

            catalogLoaded = true;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            log.Error(e, "the catalog cannot be read; what it held before stays in force");
        }

        LoadCatalog();
        Reassess();
    }
}
