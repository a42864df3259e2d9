using Orchestrator.Core.Operations;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Data;

/// <summary>A collection itself: how it is stored.</summary>
internal static class CollectionEndpoints
{
    public static void MapCollection(this IEndpointRouteBuilder collection)
    {
        collection.MapPut("", Put)
            .WithTags("Collections")
            .WithName("PutCollection")
            .WithSummary("Sets compression and cap of a collection on every member; creates it where it is missing.")
            .WithDescription(
                "What the body leaves out goes back to its default. Stored documents take a new compression with the next "
                + "compaction of the mode rewrite or exclusive, without a new revision.")
            .Takes<CollectionBody>("application/json")
            .Produces<CollectionDto>()
            .ProducesProblems(307, 400, 404, 413, 503, 504);
        collection.MapDelete("", Drop)
            .WithTags("Collections")
            .WithName("DropCollection")
            .WithSummary("Removes a collection with its documents, indexes and files, on every member and for good.")
            .WithDescription(
                "A majority has stored that when it is answered; a member that is away removes its files when it comes back. A collection of that name can be "
                + "created again at once and has nothing of the former one.")
            .Produces<CollectionDroppedDto>()
            .ProducesProblems(307, 400, 404, 503, 504);
        collection.MapGet("", Get)
            .WithTags("Collections")
            .WithName("GetCollection")
            .WithSummary("Settings, indexes and number of documents as this node has them.")
            .Produces<CollectionDto>()
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> Put(string database, string collection, HttpContext http, NodeGateway node)
    {
        var (body, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadSettings, http.RequestAborted);
        return body is null
            ? problem!
            : await node.Answer(
                new PutCollection(database, collection, body.Compression, body.Cap), http, reply => Described(reply, database, collection));
    }

    private static Task<IResult> Drop(string database, string collection, HttpContext http, NodeGateway node, NodeOrderTrail trail)
    {
        var noting = trail.Noting(http, AuditAction.DropCollection, $"{database}/{collection}", Dropped);

        // What another member is to do, or nobody can, is no order.
        return node.Answer(
            new DropCollection(database, collection), http, reply => reply is NotPrimary or CollectionMissing or DataInvalid ? null : noting(reply));
    }

    private static IResult? Dropped(DataReply reply) =>
        reply is CollectionDropped dropped ? TypedResults.Ok(new CollectionDroppedDto(dropped.Database, dropped.Collection)) : null;

    private static Task<IResult> Get(string database, string collection, HttpContext http, NodeGateway node) =>
        node.Answer(new DescribeCollection(database, collection), http, reply => Described(reply, database, collection));

    private static IResult? Described(DataReply reply, string database, string collection) =>
        reply is CollectionDescribed described ? TypedResults.Ok(described.ToDto(database, collection)) : null;
}
