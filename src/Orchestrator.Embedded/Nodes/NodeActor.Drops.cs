using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// Collections that are dropped. The catalog loses what names them and gains a document of how many were dropped, in one commit; every
/// member closes them once it reads that. Their files are removed only when the primary has seen that a majority has that document, and
/// has said so in it: before, the catalog may be rolled back, and the files hold acknowledged writes.
/// </content>
internal sealed partial class NodeActor
{
    private bool settling;

    private void Drop(CollectionName name)
    {
        if (!catalog.Collections.TryGetValue(name, out var present))
        {
            Sender.Tell(new CollectionMissing(name.Database, name.Collection));
            return;
        }

        if (!catalog.Dropped.ContainsKey(name) && catalog.Dropped.Count >= CatalogContents.MaxDroppedNames)
        {
            Sender.Tell(new DataInvalid("collection", $"collections of {CatalogContents.MaxDroppedNames} names were dropped already; only those names can be dropped again"));
            return;
        }

        var incarnation = catalog.IncarnationOf(name);
        WriteCatalog(
            new WriteBulk(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                [
                    new BulkWrite(CatalogContents.DroppedId(name), CatalogContents.DroppedBody(name, incarnation, member.Term, settled: false)),
                    new BulkWrite(CatalogContents.CollectionId(name), default),
                    .. present.Indexes.Select(index => new BulkWrite(CatalogContents.IndexId(name, index.Name), default)),
                ],
                WriteConcern.Majority),
            new CatalogWritten.Dropped(name, incarnation, Sender));
    }

    /// <summary>Another one of that name may be there already: the catalog is read as soon as the drop is on disk here.</summary>
    private void OnDropped(CatalogWritten.Dropped dropped, DataReply reply)
    {
        if (reply is BulkWritten)
        {
            catalog = catalog.Without(dropped.Name, dropped.Incarnation);
            ForgetUnnamed();
        }

        dropped.Sender.Tell(reply is BulkWritten ? new CollectionDropped(dropped.Name.Database, dropped.Name.Collection) : reply);
    }

    /// <summary>
    /// One at a time, and again with every look at itself. A primary counts only on a majority for what it has written in its own term.
    /// </summary>
    private void SettleDropped()
    {
        if (settling || member is not LeadingMember)
        {
            return;
        }

        foreach (var (name, dropped) in catalog.Dropped)
        {
            if (!dropped.Settled && dropped.Rev.Length > 0)
            {
                WriteDropped(name, dropped.Times, dropped.Rev, settled: false);
                return;
            }
        }
    }

    private void WriteDropped(CollectionName name, int times, string rev, bool settled)
    {
        settling = true;
        WriteCatalog(
            new PutDocument(
                CollectionName.Catalog.Database,
                CollectionName.Catalog.Collection,
                CatalogContents.DroppedId(name),
                CatalogContents.DroppedBody(name, times, member.Term, settled),
                rev,
                settled ? WriteConcern.Primary : WriteConcern.Majority),
            new CatalogWritten.Settled(name, times, settled));
    }

    private void OnSettled(CatalogWritten.Settled written, DataReply reply)
    {
        settling = false;
        if (!written.Finally && reply is DocumentWritten confirmedByMajority && member is LeadingMember && confirmedByMajority.Term == member.Term)
        {
            WriteDropped(written.Name, written.Times, confirmedByMajority.Rev, settled: true);
        }
    }
}
