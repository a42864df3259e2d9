using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Tests.Support;

/// <summary>A collection as a plain dictionary: what the store must have.</summary>
internal sealed class Model
{
    private readonly SortedDictionary<string, (string Rev, string Json)> documents;

    public Model()
    {
        documents = new(StringComparer.Ordinal);
    }

    private Model(Model other)
    {
        documents = new(other.documents, StringComparer.Ordinal);
        LastSeq = other.LastSeq;
    }

    public long LastSeq { get; private set; }

    public int Count => documents.Count;

    public IReadOnlyList<string> Ids => [.. documents.Keys];

    public Model Copy() => new(this);

    /// <summary>Commits to the store and takes over what it answers.</summary>
    public void Commit(CollectionStore store, IReadOnlyList<WriteOperation> writes, long term = 1) =>
        Take(writes, store.Commit(writes, term));

    public void Take(IReadOnlyList<WriteOperation> writes, IReadOnlyList<WriteOutcome> outcomes)
    {
        Assert.Equal(writes.Count, outcomes.Count);
        for (var i = 0; i < writes.Count; i++)
        {
            switch (writes[i], outcomes[i])
            {
                case (WriteOperation.Put put, WriteOutcome.Written written):
                    Assert.Equal(LastSeq + 1, written.Seq);
                    Assert.Equal(!documents.ContainsKey(put.Id), written.Created);
                    documents[put.Id] = (written.Rev, put.Body.Json());
                    LastSeq = written.Seq;
                    break;
                case (WriteOperation.Delete delete, WriteOutcome.Written written):
                    Assert.Equal(LastSeq + 1, written.Seq);
                    Assert.True(documents.Remove(delete.Id));
                    LastSeq = written.Seq;
                    break;
                case (WriteOperation.Delete delete, WriteOutcome.NotFound):
                    Assert.False(documents.ContainsKey(delete.Id));
                    break;
                default:
                    Assert.Fail($"{writes[i]} -> {outcomes[i]}");
                    break;
            }
        }
    }

    /// <summary>What it is like if these writes are stored, in one commit of a term.</summary>
    public Model Foresee(IReadOnlyList<WriteOperation> writes, long term = 1)
    {
        var next = Copy();
        foreach (var write in writes)
        {
            if (write is WriteOperation.Put put)
            {
                next.LastSeq++;
                next.documents[put.Id] = ($"{term}.{next.LastSeq}", put.Body.Json());
            }
            else if (next.documents.Remove(write.Id))
            {
                next.LastSeq++;
            }
        }

        return next;
    }

    /// <summary>Everything that readers can see of the store is as it is here.</summary>
    public void AssertEqual(CollectionStore store)
    {
        Assert.Equal(LastSeq, store.Position.Seq);
        Assert.Equal(documents.Count, store.DocumentCount);
        var scanned = store.Scan().ToList();
        Assert.Equal(
            documents.Select(pair => (pair.Key, pair.Value.Rev, pair.Value.Json)),
            scanned.OrderBy(each => each.Id, StringComparer.Ordinal).Select(each => (each.Id, each.Rev, each.Body.Json())));
        Assert.Equal(scanned.Select(each => each.Seq).Order(), scanned.Select(each => each.Seq));
        foreach (var index in store.Indexes)
        {
            AssertIndex(store, index);
        }
    }

    /// <summary>As <see cref="AssertEqual"/> if the store still serves.</summary>
    public void AssertEqualOr(CollectionStore store, bool serves)
    {
        if (serves)
        {
            AssertEqual(store);
        }
    }

    private void AssertIndex(CollectionStore store, IndexDefinition index)
    {
        var expected = documents
            .Select(pair => (Key: index.Path.Extract(System.Text.Encoding.UTF8.GetBytes(pair.Value.Json)), Id: pair.Key))
            .Where(each => each.Key is not null)
            .OrderBy(each => each.Key)
            .Select(each => (each.Key!.ToString(), each.Id))
            .ToList();
        var entries = store.LookUp(index.Name, new IndexQuery(null, null, 10_000));
        Assert.Equal(entries.Select(each => (each.Key, each.Document.Seq)).Order(), entries.Select(each => (each.Key, each.Document.Seq)));
        Assert.Equal(expected.Order(), entries.Select(each => (each.Key.ToString(), each.Document.Id)).Order());
    }
}
