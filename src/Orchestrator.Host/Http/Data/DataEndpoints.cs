using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http.Data;

/// <summary>Everything below a collection's address, and the orders to this process's node.</summary>
internal static class DataEndpoints
{
    public static void MapData(this IEndpointRouteBuilder api)
    {
        var databases = api.MapGroup("/databases").Needs(Permission.ReadData, Permission.WriteData, ClusterSource.Node);
        databases.MapDatabases();
        var collection = databases.MapGroup("/{database}/collections/{collection}");
        collection.MapCollection();
        collection.MapDocumentList();
        collection.MapDocuments();
        collection.MapBulk();
        collection.MapChanges();
        collection.MapIndexes();
        api.MapNode();
    }
}
