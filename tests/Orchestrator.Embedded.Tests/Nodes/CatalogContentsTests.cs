using System.Text.Json;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class CatalogContentsTests
{
    private static readonly CollectionName Orders = new("shop", "orders");

    [Fact]
    public void What_is_written_is_read_back()
    {
        var index = new IndexDefinition("by-city", "$.customer['home \"city\"']");

        var contents = CatalogContents.Read(
        [
            Document(CatalogContents.IndexId(Orders, index.Name), CatalogContents.IndexBody(Orders, index)),
            Document(CatalogContents.CollectionId(Orders), CatalogContents.CollectionBody(Orders, CollectionSettings.Default)),
        ]);

        Assert.Equal(index, Assert.Single(Assert.Single(contents.Collections).Value.Indexes));
        Assert.Equal(Orders, contents.Collections.Keys.Single());
    }

    [Fact]
    public void An_index_of_an_unknown_collection_is_left_out()
    {
        var index = new IndexDefinition("by-city", "$.city");

        Assert.Empty(CatalogContents.Read([Document(CatalogContents.IndexId(Orders, "by-city"), CatalogContents.IndexBody(Orders, index))]).Collections);
    }

    [Fact]
    public void A_damaged_document_is_named()
    {
        var error = Assert.Throws<JsonException>(() => CatalogContents.Read([Document("collection:shop/orders", "{}"u8.ToArray())]));

        Assert.Contains("collection:shop/orders", error.Message, StringComparison.Ordinal);
    }

    private static StoredDocument Document(string id, byte[] body) => new(id, "1", 1, body);
}
