using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// Collections that are dropped. The catalog loses what names them and gains a document of how many were dropped, in one commit; every
/// member closes them once it reads that. Their files are removed only when the primary has seen that a majority has that document, and
/// has said so in it: before, the catalog may be rolled back, and the files hold acknowledged writes. A plain class on the node's mailbox.
/// </summary>
internal sealed class NodeDrops(INode node, NodeCollections collections)
{
    private bool _settling;

    public void Drop(CollectionName name)
    {
        if (!collections.Catalog.Collections.TryGetValue(name, out var present))
        {
            node.Sender.Tell(new CollectionMissing(name.Database, name.Collection));
            return;
        }

        if (!collections.Catalog.Dropped.ContainsKey(name) && collections.Catalog.Dropped.Count >= CatalogContents.MaxDroppedNames)
        {
            node.Sender.Tell(new DataInvalid("collection", $"collections of {CatalogContents.MaxDroppedNames} names were dropped already; only those names can be dropped again"));
            return;
        }

        var incarnation = collections.Catalog.IncarnationOf(name);
        collections.WriteCatalog(
            new WriteBulk(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                [
                    new BulkWrite(CatalogContents.DroppedId(name), CatalogContents.DroppedBody(name, incarnation, node.Member.Term, settled: false)),
                    new BulkWrite(CatalogContents.CollectionId(name), default),
                    .. present.Indexes.Select(index => new BulkWrite(CatalogContents.IndexId(name, index.Name), default)),
                ],
                WriteConcern.Majority),
            new CatalogWritten.Dropped(name, incarnation, node.Sender));
    }

    /// <summary>Another one of that name may be there already: the catalog is read as soon as the drop is on disk here.</summary>
    public void OnDropped(CatalogWritten.Dropped dropped, DataReply reply)
    {
        if (reply is BulkWritten)
        {
            collections.Catalog = collections.Catalog.Without(dropped.Name, dropped.Incarnation);
            collections.ForgetUnnamed();
        }

        dropped.Sender.Tell(reply is BulkWritten ? new CollectionDropped(dropped.Name.Database, dropped.Name.Collection) : reply);
    }

    /// <summary>
    /// One at a time, and again with every look at itself. A primary counts only on a majority for what it has written in its own term.
    /// </summary>
    public void Settle()
    {
        if (_settling || node.Member is not LeadingMember)
        {
            return;
        }

        foreach (var (name, dropped) in collections.Catalog.Dropped)
        {
            if (!dropped.Settled && dropped.Rev.Length > 0)
            {
                WriteDropped(name, dropped.Times, dropped.Rev, settled: false);
                return;
            }
        }
    }

    public void OnSettled(CatalogWritten.Settled written, DataReply reply)
    {
        _settling = false;
        if (!written.Finally && reply is DocumentWritten confirmedByMajority && node.Member is LeadingMember && confirmedByMajority.Term == node.Member.Term)
        {
            WriteDropped(written.Name, written.Times, confirmedByMajority.Rev, settled: true);
        }
    }

    private void WriteDropped(CollectionName name, int times, string rev, bool settled)
    {
        _settling = true;
        collections.WriteCatalog(
            new PutDocument(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                CatalogContents.DroppedId(name),
                CatalogContents.DroppedBody(name, times, node.Member.Term, settled),
                rev,
                settled ? WriteConcern.Primary : WriteConcern.Majority),
            new CatalogWritten.Settled(name, times, settled));
    }
}
