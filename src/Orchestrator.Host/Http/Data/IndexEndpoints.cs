using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Data;

/// <summary>Secondary indexes.</summary>
internal static class IndexEndpoints
{
    private const int MaxPathLength = 1024;

    public static void MapIndexes(this IEndpointRouteBuilder collection)
    {
        var indexes = collection.MapGroup("/indexes").WithTags("Indexes");
        indexes.MapPut("/{name}", Put)
            .WithName("PutIndex")
            .WithSummary("Creates or replaces an index of one JSON path.")
            .WithDescription("200 when it is built; 202 when that takes longer than a few seconds: GET then shows the progress. Writes continue meanwhile.")
            .Takes<IndexBody>("application/json")
            .Produces<IndexDto>()
            .Produces<IndexDto>(StatusCodes.Status202Accepted)
            .ProducesProblems(307, 400, 404, 413, 503, 504);
        indexes.MapGet("/{name}", Get)
            .WithName("GetIndex")
            .WithSummary("The definition of an index, and whether this node has built it.")
            .Produces<IndexDto>()
            .ProducesProblems(307, 400, 404, 503);
        indexes.MapDelete("/{name}", Delete)
            .WithName("DropIndex")
            .WithSummary("Drops an index.")
            .Produces<IndexDroppedDto>()
            .ProducesProblems(307, 400, 404, 503, 504);
        indexes.MapGet("/{name}/entries", Entries)
            .WithName("ReadIndexEntries")
            .WithSummary("Looks entries up by equality (key) or range (from, to; both inclusive).")
            .WithDescription(
                "Keys are JSON scalars; any other text stands for a string: key=Berlin, key=5, key=\"5\". "
                + $"{Paging.Description} An entry whose document is written meanwhile may be listed twice.")
            .Produces<IndexEntriesDto>()
            .ProducesProblems(307, 400, 404, 503);
    }

    private static async Task<IResult> Put(
        string database, string collection, string name, HttpContext http, NodeGateway node)
    {
        var (body, problem) = await Bodies.ReadJson(http.Request, ReadBody, http.RequestAborted);
        return body is null
            ? problem!
            : await node.Answer(
                new PutIndex(database, collection, name, body.Path),
                http,
                reply => reply is IndexBuilding building ? TypedResults.Accepted(http.Request.Path.Value, building.ToDto()) : Defined(reply));
    }

    private static Task<IResult> Get(string database, string collection, string name, HttpContext http, NodeGateway node) =>
        node.Answer(new GetIndex(database, collection, name), http, Defined);

    private static Task<IResult> Delete(string database, string collection, string name, HttpContext http, NodeGateway node) =>
        node.Answer(
            new DropIndex(database, collection, name),
            http,
            reply => reply is IndexDropped dropped ? TypedResults.Ok(new IndexDroppedDto(dropped.Name)) : null);

    private static async Task<IResult> Entries(
        string database,
        string collection,
        string name,
        HttpContext http,
        NodeGateway node,
        [FromQuery] string? key = null,
        [FromQuery] string? from = null,
        [FromQuery] string? to = null,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        if (key is not null && (from is not null || to is not null))
        {
            query.Error("key", "cannot be combined with from or to");
        }

        var paging = Paging.Read(query);
        var request = new ReadIndexEntries(
            database, collection, name, query.Key("key"), query.Key("from"), query.Key("to"), paging.Limit)
        {
            After = paging.After,
        };
        return query.Problem ?? await node.Answer(request, http, Read);
    }

    private static IndexBody ReadBody(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var path = fields.Text("path", MaxPathLength, required: body.ValueKind == JsonValueKind.Object) ?? "";
        fields.RejectUnknown();
        return new IndexBody(path);
    }

    private static IResult? Defined(DataReply reply) => reply switch
    {
        IndexDefined index => TypedResults.Ok(new IndexDto(index.Name, index.JsonPath)),
        IndexBuilding building => TypedResults.Ok(building.ToDto()),
        _ => null,
    };

    private static IResult? Read(DataReply reply)
    {
        if (reply is not IndexEntriesRead read)
        {
            return null;
        }

        var entries = read.Entries.Select(entry => new IndexEntryDto(JsonElement.Parse(entry.Key), entry.Id));
        return TypedResults.Ok(new IndexEntriesDto([.. entries], read.Next.NullIfEmpty()));
    }
}
