using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// Clients' requests: to the collection, or first to the catalog if they create or change what it names. A plain class on the node's mailbox.
/// </summary>
internal sealed class NodeRequests(INode node, NodeCollections collections, NodeCompactions compactions, NodeDrops drops)
{
    // Requests that wait until the catalog has their collection.
    private readonly Dictionary<CollectionName, List<(DataRequest Request, IActorRef Sender)>> _creating = [];

    public void OnDataRequest(DataRequest request)
    {
        if (DataRequestCheck.Invalid(request) is { } invalid)
        {
            node.Sender.Tell(invalid);
            return;
        }

        var name = new CollectionName(request.Database, request.Collection);
        if (!collections.Reports.ContainsKey(name))
        {
            OnUnknownCollection(name, request);
            return;
        }

        if (compactions.ClosedDatabase() == name.Database)
        {
            node.Sender.Tell(compactions.ClosedRefusal(name.Database));
            return;
        }

        switch (request)
        {
            case PutIndex put when CatalogLimits.Refusal(node.Options, collections.Catalog, name, put) is { } tooMany:
                node.Sender.Tell(tooMany);
                break;
            case PutIndex put:
                var index = new IndexDefinition(put.Name, put.JsonPath);
                collections.WriteCatalog(
                    new PutDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.IndexId(name, index.Name),
                        CatalogContents.IndexBody(name, index, collections.Catalog.IncarnationOf(name)),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, node.Sender));
                break;
            case PutCollection put:
                collections.WriteCatalog(
                    new PutDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.CollectionId(name),
                        CatalogContents.CollectionBody(
                            name, CollectionSettings.Default with { Compression = put.Compression, Cap = put.Cap }, collections.Catalog.IncarnationOf(name)),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, node.Sender));
                break;
            case DropIndex drop:
                collections.WriteCatalog(
                    new DeleteDocument(
                        CollectionName.Catalog.Database,
                        CollectionName.Catalog.Collection,
                        CatalogContents.IndexId(name, drop.Name),
                        null,
                        WriteConcern.Primary),
                    new CatalogWritten.Changed(request, node.Sender));
                break;
            case DropCollection:
                drops.Drop(name);
                break;
            default:
                collections.Databases[name.Database].Forward(request);
                break;
        }
    }

    public void OnListCollections() => node.Sender.Tell(collections.IsCatalogLoaded
        ? new CollectionsListed([.. collections.Catalog.Collections
            .Select(entry => new ListedCollection(entry.Key.Database, entry.Key.Collection, [.. entry.Value.Indexes.Select(index => index.Name)]))
            .OrderBy(one => one.Database, StringComparer.Ordinal).ThenBy(one => one.Collection, StringComparer.Ordinal)])
        : new DataUnavailable("the node does not know all its collections yet", NodeActor.RetryAfter));

    public void OnCatalogWritten(CatalogWritten written)
    {
        if (written.Reply is DocumentWritten or BulkWritten)
        {
            collections.NoteCatalogWritten();
        }

        switch (written.For)
        {
            case CatalogWritten.Created created:
                _creating.Remove(created.Name, out var waiting);
                foreach (var (request, sender) in waiting ?? [])
                {
                    GoOn(created.Name, request, sender, written.Reply);
                }

                break;
            case CatalogWritten.Changed { Request: DropIndex drop } changed when written.Reply is DocumentMissing:
                changed.Sender.Tell(new IndexMissing(drop.Name));
                break;
            case CatalogWritten.Dropped dropped:
                drops.OnDropped(dropped, written.Reply);
                break;
            case CatalogWritten.Settled settled:
                drops.OnSettled(settled, written.Reply);
                break;
            case CatalogWritten.Changed changed when written.Reply is DocumentWritten:
                Remember(changed.Request);
                collections.Databases[changed.Request.Database].Tell(changed.Request, changed.Sender);
                break;
            case CatalogWritten.Changed changed:
                changed.Sender.Tell(written.Reply);
                break;
        }
    }

    private void OnUnknownCollection(CollectionName name, DataRequest request)
    {
        if (!collections.IsCatalogLoaded)
        {
            node.Sender.Tell(new DataUnavailable("the node does not know all its collections yet", NodeActor.RetryAfter));
        }
        else if (request is PutDocument or WriteBulk or PutIndex or PutCollection)
        {
            Create(name, request);
        }
        else
        {
            var anyMember = request is ReadVersion or ReadChanges or SummarizeCollection or DescribeCollection or GetIndex or GetDocument { FromAnyMember: true };
            node.Sender.Tell(!anyMember && node.Duty.Writes is WritePermission.Elsewhere elsewhere
                ? new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress)
                : new CollectionMissing(name.Database, name.Collection));
        }
    }

    /// <summary>The collection exists as soon as the catalog says so; other members learn of it from there.</summary>
    private void Create(CollectionName name, DataRequest request)
    {
        if (_creating.TryGetValue(name, out var waiting))
        {
            if (waiting.Count < node.Options.MaxQueuedWrites)
            {
                waiting.Add((request, node.Sender));
            }
            else
            {
                node.Sender.Tell(new DataUnavailable($"{node.Options.MaxQueuedWrites} requests already wait for {name}", NodeActor.RetryAfter));
            }

            return;
        }

        // Only a primary creates; the others have what its catalog says.
        if (node.Duty.Writes is WritePermission.Granted && CatalogLimits.Refusal(node.Options, collections.Catalog, _creating.Count) is { } tooMany)
        {
            node.Sender.Tell(tooMany);
            return;
        }

        _creating[name] = [(request, node.Sender)];
        collections.WriteCatalog(
            new PutDocument(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                CatalogContents.CollectionId(name),
                CatalogContents.CollectionBody(name, CollectionSettings.Default, collections.Catalog.IncarnationOf(name)),
                null,
                WriteConcern.Primary),
            new CatalogWritten.Created(name));
    }

    /// <summary>The catalog as this node has written it counts before it is read again.</summary>
    private void Remember(DataRequest change)
    {
        var name = new CollectionName(change.Database, change.Collection);
        if (collections.Catalog.Collections.TryGetValue(name, out var present))
        {
            collections.Catalog = collections.Catalog.With(name, change switch
            {
                PutCollection put => present with { Compression = put.Compression, Cap = put.Cap },
                PutIndex put => present with { Indexes = [.. Without(put.Name), new IndexDefinition(put.Name, put.JsonPath)] },
                DropIndex drop => present with { Indexes = [.. Without(drop.Name)] },
                _ => present,
            });
        }

        IEnumerable<IndexDefinition> Without(string index) => present.Indexes.Where(one => one.Name != index);
    }

    private void GoOn(CollectionName name, DataRequest request, IActorRef sender, DataReply catalogReply)
    {
        if (catalogReply is DocumentWritten)
        {
            collections.Catalog = collections.Catalog.With(name);
            collections.Ensure(name, collections.Catalog.Collections[name]);
            node.Self.Tell(request, sender);
        }
        else
        {
            sender.Tell(catalogReply);
        }
    }
}
