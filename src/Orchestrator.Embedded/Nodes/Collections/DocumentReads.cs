using Akka.Actor;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Reads of documents and of index entries.</summary>
internal sealed class DocumentReads(ICollection collection, CollectionAccess access, BoundedReads reads)
{
    private const int MaxEntries = 9_999;
    private const long ListedBytes = 4 << 20;

    public void OnGet(GetDocument request)
    {
        var store = collection.Store;
        reads.ReadAs(request.FromAnyMember, () => store.Get(request.Id) is { } found
            ? new DocumentFound(found.Id, found.Rev, found.Seq, found.Body)
            : new DocumentMissing(request.Id));
    }

    public void OnList(ListDocuments request)
    {
        var store = collection.Store;
        reads.ReadAs(request.FromAnyMember, () =>
        {
            // One more than asked for tells whether there is more; so does a page that was cut off by its size.
            var found = store.ListDocuments(request.After, request.Limit + 1, ListedBytes);
            var shown = found.Take(request.Limit).ToList();
            return new DocumentsListed(shown, found.Count > request.Limit || found.Sum(document => (long)document.Body.Length) >= ListedBytes);
        });
    }

    public void OnSummarize()
    {
        var store = collection.Store;
        reads.ReadAs(anyMember: true, () =>
        {
            var checksum = store.Checksum();
            return new CollectionSummary(checksum.Documents, checksum.Sha256, checksum.Position.Seq);
        });
    }

    public void OnReadIndexEntries(ReadIndexEntries request)
    {
        if (request.Limit is < 1 or > MaxEntries)
        {
            collection.Sender.Tell(new DataInvalid("limit", $"must be 1 to {MaxEntries}, is {request.Limit}"));
            return;
        }

        var after = IndexPlace.Read(request.After);
        if (after is null && request.After.Length > 0)
        {
            collection.Sender.Tell(new DataInvalid("after", $"must be what a page gave as next, not '{request.After}'"));
            return;
        }

        var store = collection.Store;
        reads.ReadAs(anyMember: false, () =>
        {
            // One more than asked for tells whether there is more.
            var query = request.Key.Length > 0
                ? IndexQuery.Equal(IndexKey.FromText(request.Key), request.Limit + 1)
                : new IndexQuery(Bound(request.From), Bound(request.To), request.Limit + 1);
            var entries = store.LookUp(request.Name, query with { After = after });
            var shown = entries.Take(request.Limit).Select(entry => new IndexEntry(entry.Key.ToString(), entry.Document.Id)).ToList();
            return new IndexEntriesRead(shown, entries.Count > request.Limit ? IndexPlace.Of(entries[request.Limit - 1]).ToString() : "");
        });
    }

    public void OnReadVersion(ReadVersion request)
    {
        if (access.MemberRefusal(request.Reader) is { } refusal)
        {
            collection.Sender.Tell(refusal);
            return;
        }

        var (store, term) = (collection.Store, collection.Duty.Term);
        reads.Read(collection.Sender, () =>
        {
            IReadOnlyList<ChangeRecord> found = store.GetChange(request.Id) is { } change ? [change] : [];
            return new ChangesRead(new ChangeBatch(0, 0, 0, found, [], store.Position, 0), term, 0);
        });
    }

    public void OnReadCatalog()
    {
        var store = collection.Store;
        var position = store.Position;
        Task.Run(() => new CatalogRead(store.Scan().Take(CatalogContents.MaxEntries).ToList(), "") { Position = position })
            .PipeTo(collection.Sender, collection.Self, failure: error => new CatalogRead([], FoundDamage.Reason(collection, error)));
    }

    private static IndexKey? Bound(string text) => text.Length == 0 ? null : IndexKey.FromText(text);
}
