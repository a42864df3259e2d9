using Microsoft.AspNetCore.Mvc;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Data;

/// <summary>Many writes in one request and one commit.</summary>
internal static class BulkEndpoints
{
    /// <summary>Limit of a bulk's body, in bytes.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    public static void MapBulk(this IEndpointRouteBuilder collection)
    {
        collection.MapPost("/documents:bulk", Store)
            .WithTags("Documents")
            .WithName("WriteBulk")
            .WithSummary("Stores many documents in one commit.")
            .WithDescription(
                "NDJSON: each line is a document, with its id in _id, or else in id (a string or a whole number). A document that is there "
                + "with the very same bytes keeps its revision. If a line is wrong nothing is written, and every wrong line is named.")
            .Takes<object>("application/x-ndjson")
            .Produces<BulkWrittenDto>()
            .ProducesProblems(307, 400, 404, 413, 503, 504);
        collection.MapPost("/documents:delete", Delete)
            .WithTags("Documents")
            .WithName("DeleteBulk")
            .WithSummary("Deletes many documents in one commit.")
            .WithDescription(
                "NDJSON: each line has the id of a document, as {\"_id\": \"x\"}. Documents that do not exist are skipped. "
                + "If a line is wrong nothing is deleted, and every wrong line is named.")
            .Takes<object>("application/x-ndjson")
            .Produces<BulkWrittenDto>()
            .ProducesProblems(307, 400, 404, 413, 503, 504);
    }

    private static Task<IResult> Store(
        string database, string collection, HttpContext http, NodeGateway node, [FromQuery] string? w = null) =>
        Write(database, collection, http, node, deletes: false);

    private static Task<IResult> Delete(
        string database, string collection, HttpContext http, NodeGateway node, [FromQuery] string? w = null) =>
        Write(database, collection, http, node, deletes: true);

    private static async Task<IResult> Write(string database, string collection, HttpContext http, NodeGateway node, bool deletes)
    {
        var query = new QueryValues(http.Request);
        var concern = query.Concern();
        if (query.Problem is { } problem)
        {
            return problem;
        }

        if (await Bodies.ReadBytes(http.Request, MaxBytes, http.RequestAborted) is not { } body)
        {
            return Problems.TooLarge($"A bulk must not be larger than {MaxBytes} bytes; send it in pieces.");
        }

        var (writes, errors) = BulkReader.Read(body, deletes);
        return errors.Count > 0
            ? Problems.Invalid(errors)
            : await node.Answer(new WriteBulk(database, collection, writes, concern), http, Written);
    }

    private static IResult? Written(DataReply reply) => reply is BulkWritten written
        ? TypedResults.Ok(new BulkWrittenDto(
            written.Count, written.LastSequence, written.Term, written.Created, written.Replaced, written.Unchanged, written.Deleted))
        : null;
}
