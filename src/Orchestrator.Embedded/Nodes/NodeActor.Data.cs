using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes;

/// <content>Clients' requests: to the collection, or first to the catalog if they create or change what it names.</content>
internal sealed partial class NodeActor
{
    // Requests that wait until the catalog has their collection.
    private readonly Dictionary<CollectionName, List<(DataRequest Request, IActorRef Sender)>> creating = [];

    private void ReceiveData()
    {
        Receive<CatalogWritten>(OnCatalogWritten);
        Receive<DirectOrder>(OnDirectOrder);
        Receive<DirectCompaction>(OnDirectCompaction);
        Receive<ListCompactions>(_ => Sender.Tell(new CompactionsListed(compactions.All)));
        Receive<ListCollections>(_ => OnListCollections());
        Receive<DataRequest>(OnDataRequest);
    }

    private void OnDataRequest(DataRequest request)
    {
        if (Invalid(request) is { } invalid)
        {
            Sender.Tell(invalid);
            return;
        }

        var name = new CollectionName(request.Database, request.Collection);
        if (!reports.ContainsKey(name))
        {
            OnUnknownCollection(name, request);
            return;
        }

        if (ClosedDatabase() == name.Database)
        {
            Sender.Tell(ClosedRefusal(name.Database));
            return;
        }

        switch (request)
        {
            case PutIndex put:
                var index = new IndexDefinition(put.Name, put.JsonPath);
                WriteCatalog(
                    new PutDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.IndexId(name, index.Name),
                        CatalogContents.IndexBody(name, index, catalog.IncarnationOf(name)),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, Sender));
                break;
            case PutCollection put:
                WriteCatalog(
                    new PutDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.CollectionId(name),
                        CatalogContents.CollectionBody(
                            name, CollectionSettings.Default with { Compression = put.Compression, Cap = put.Cap }, catalog.IncarnationOf(name)),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, Sender));
                break;
            case DropIndex drop:
                WriteCatalog(
                    new DeleteDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.IndexId(name, drop.Name),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, Sender));
                break;
            case DropCollection:
                Drop(name);
                break;
            default:
                databases[name.Database].Forward(request);
                break;
        }
    }

    private void OnListCollections() => Sender.Tell(catalogLoaded
        ? new CollectionsListed([.. catalog.Collections
            .Select(entry => new ListedCollection(entry.Key.Database, entry.Key.Collection, [.. entry.Value.Indexes.Select(index => index.Name)]))
            .OrderBy(one => one.Database, StringComparer.Ordinal).ThenBy(one => one.Collection, StringComparer.Ordinal)])
        : new DataUnavailable("the node does not know all its collections yet", RetryAfter));

    /// <summary>A name as its caller wrote it: of an address, a slash in a name arrives encoded.</summary>
    private static string Written(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static DataInvalid? Invalid(DataRequest request)
    {
        if (!CollectionDirectory.IsValidName(request.Database))
        {
            return new DataInvalid("database", CollectionDirectory.WhyInvalid(Written(request.Database)));
        }

        if (!CollectionDirectory.IsValidName(request.Collection))
        {
            return new DataInvalid("collection", CollectionDirectory.WhyInvalid(Written(request.Collection)));
        }

        if (SystemDatabases.Contains(request.Database) && request is (PutDocument or DeleteDocument or WriteBulk or PutIndex or DropIndex or PutCollection or DropCollection))
        {
            return new DataInvalid("database", $"'{request.Database}' is the node's own; names that begin with '_' are reserved");
        }

        if (NodeFiles.Include(request.Database) && request is (PutDocument or WriteBulk or PutIndex or PutCollection))
        {
            return new DataInvalid("database", $"'{request.Database}' is a file of the node's own; choose another name");
        }

        return request is PutIndex put ? Invalid(put) : null;
    }

    private static DataInvalid? Invalid(PutIndex put)
    {
        try
        {
            _ = new IndexDefinition(put.Name, put.JsonPath);
            return null;
        }
        catch (ArgumentException e)
        {
            return DataInvalid.Of(e, "index");
        }
    }

    private void OnUnknownCollection(CollectionName name, DataRequest request)
    {
        if (!catalogLoaded)
        {
            Sender.Tell(new DataUnavailable("the node does not know all its collections yet", RetryAfter));
        }
        else if (request is PutDocument or WriteBulk or PutIndex or PutCollection)
        {
            Create(name, request);
        }
        else
        {
            var anyMember = request is ReadVersion or ReadChanges or SummarizeCollection or DescribeCollection or GetIndex or GetDocument { FromAnyMember: true };
            Sender.Tell(!anyMember && duty.Writes is WritePermission.Elsewhere elsewhere
                ? new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress)
                : new CollectionMissing(name.Database, name.Collection));
        }
    }

    /// <summary>The collection exists as soon as the catalog says so; other members learn of it from there.</summary>
    private void Create(CollectionName name, DataRequest request)
    {
        if (creating.TryGetValue(name, out var waiting))
        {
            if (waiting.Count < options.MaxQueuedWrites)
            {
                waiting.Add((request, Sender));
            }
            else
            {
                Sender.Tell(new DataUnavailable($"{options.MaxQueuedWrites} requests already wait for {name}", RetryAfter));
            }

            return;
        }

        creating[name] = [(request, Sender)];
        WriteCatalog(
            new PutDocument(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                CatalogContents.CollectionId(name),
                CatalogContents.CollectionBody(name, CollectionSettings.Default, catalog.IncarnationOf(name)),
                null,
                WriteConcern.Primary),
            new CatalogWritten.Created(name));
    }

    private void WriteCatalog(DataRequest write, CatalogWritten.Purpose purpose)
    {
        databases[CollectionName.Catalog.Database].Ask<DataReply>(write, options.CollectionTimeout).PipeTo(
            Self,
            Self,
            reply => new CatalogWritten(purpose, reply),
            error => new CatalogWritten(purpose, new DataUnavailable($"the catalog does not answer: {error.Message}", RetryAfter)));
    }

    private void OnCatalogWritten(CatalogWritten written)
    {
        if (written.Reply is DocumentWritten or BulkWritten)
        {
            catalogReads.Wrote();
        }

        switch (written.For)
        {
            case CatalogWritten.Created created:
                creating.Remove(created.Name, out var waiting);
                foreach (var (request, sender) in waiting ?? [])
                {
                    GoOn(created.Name, request, sender, written.Reply);
                }

                break;
            case CatalogWritten.Changed { Request: DropIndex drop } changed when written.Reply is DocumentMissing:
                changed.Sender.Tell(new IndexMissing(drop.Name));
                break;
            case CatalogWritten.Dropped dropped:
                OnDropped(dropped, written.Reply);
                break;
            case CatalogWritten.Settled settled:
                OnSettled(settled, written.Reply);
                break;
            case CatalogWritten.Changed changed when written.Reply is DocumentWritten:
                Remember(changed.Request);
                databases[changed.Request.Database].Tell(changed.Request, changed.Sender);
                break;
            case CatalogWritten.Changed changed:
                changed.Sender.Tell(written.Reply);
                break;
        }
    }

    /// <summary>The catalog as this node has written it counts before it is read again.</summary>
    private void Remember(DataRequest change)
    {
        var name = new CollectionName(change.Database, change.Collection);
        if (change is PutCollection put && catalog.Collections.TryGetValue(name, out var present))
        {
            catalog = catalog.With(name, present with { Compression = put.Compression, Cap = put.Cap });
        }
    }

    private void GoOn(CollectionName name, DataRequest request, IActorRef sender, DataReply catalogReply)
    {
        if (catalogReply is DocumentWritten)
        {
            catalog = catalog.With(name);
            Ensure(name, catalog.Collections[name]);
            Self.Tell(request, sender);
        }
        else
        {
            sender.Tell(catalogReply);
        }
    }

    /// <summary>The catalog has a write's document, or refused it.</summary>
    private sealed record CatalogWritten(CatalogWritten.Purpose For, DataReply Reply) : NodeInternal
    {
        public abstract record Purpose;

        public sealed record Created(CollectionName Name) : Purpose;

        public sealed record Changed(DataRequest Request, IActorRef Sender) : Purpose;

        public sealed record Dropped(CollectionName Name, int Incarnation, IActorRef Sender) : Purpose;

        /// <param name="Finally">Whether it lets the files be removed; else it is to be on a majority's disks first.</param>
        public sealed record Settled(CollectionName Name, int Times, bool Finally) : Purpose;
    }
}
