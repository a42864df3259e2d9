using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http.Data;

/// <summary>Everything below a collection's address.</summary>
internal static class DataEndpoints
{
    public static void MapData(this IEndpointRouteBuilder api)
    {
        var collection = api.MapGroup("/databases/{database}/collections/{collection}").NeedsData();
        collection.MapDocuments();
        collection.MapBulk();
        collection.MapChanges();
        collection.MapIndexes();
    }
}
