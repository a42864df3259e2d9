using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http.Data;

/// <summary>Everything below a collection's address, and the orders to this process's node.</summary>
internal static class DataEndpoints
{
    public static void MapData(this IEndpointRouteBuilder api)
    {
        var collection = api.MapGroup("/databases/{database}/collections/{collection}")
            .Needs(Permission.ReadData, Permission.WriteData, ClusterSource.Node);
        collection.MapCollection();
        collection.MapDocuments();
        collection.MapBulk();
        collection.MapChanges();
        collection.MapIndexes();
        api.MapNode();
    }
}
