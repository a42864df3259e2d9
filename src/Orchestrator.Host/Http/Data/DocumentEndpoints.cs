using System.Net;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Validation;
using Orchestrator.Storage;

namespace Orchestrator.Host.Http.Data;

/// <summary>Single documents.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this IEndpointRouteBuilder collection)
    {
        var documents = collection.MapGroup("/documents").WithTags("Documents");
        documents.MapPut("/{id}", Put)
            .WithName("PutDocument")
            .WithSummary("Stores a document.")
            .WithDescription(
                "The body is a JSON object. If-Match or rev makes it depend on the present revision, If-None-Match: * on there "
                + "being none. A secondary redirects to the primary. 504: stored here, but not confirmed by a majority in time.")
            .Takes<object>("application/json")
            .TakesHeader("If-Match", "The present revision as an ETag in double quotes; 412 if it is another one.")
            .TakesHeader("If-None-Match", "* stores the document only if there is none.")
            .Produces<WrittenDto>()
            .ProducesProblems(307, 400, 404, 409, 412, 413, 503, 504);
        documents.MapGet("/{id}", Get)
            .WithName("GetDocument")
            .WithSummary("Reads a document, from the primary unless from=any.")
            .Produces<object>()
            .ProducesProblems(307, 400, 404, 503);
        documents.MapDelete("/{id}", Delete)
            .WithName("DeleteDocument")
            .WithSummary("Deletes a document.")
            .TakesHeader("If-Match", "The present revision as an ETag in double quotes; 412 if it is another one.")
            .Produces<WrittenDto>()
            .ProducesProblems(307, 400, 404, 409, 412, 503, 504);
    }

    private static async Task<IResult> Put(
        string database, string collection, string id, HttpContext http, NodeGateway node, [FromQuery] string? w = null, [FromQuery] string? rev = null)
    {
        var query = new QueryValues(http.Request);
        var (documentId, concern, expected) = (Id(http, id, query), query.Concern(), query.ExpectedRev());
        if (await Bodies.ReadBytes(http.Request, DocumentRules.MaxBodyBytes, http.RequestAborted) is not { } body)
        {
            return Problems.TooLarge($"A document must not be larger than {DocumentRules.MaxBodyBytes} bytes (16 MiB).");
        }

        if (WhyNot(body, documentId) is { } reason)
        {
            query.Error("body", reason);
        }

        return query.Problem ?? await node.Answer(
            new PutDocument(database, collection, documentId, body, expected, concern), http, reply => Written(reply, http));
    }

    private static string? WhyNot(ReadOnlyMemory<byte> body, string id)
    {
        if (DocumentRules.WhyBodyIsInvalid(body.Span) is { } reason)
        {
            return reason;
        }

        return DocumentId.WhyNot(body.Span, id);
    }

    private static async Task<IResult> Get(
        string database, string collection, string id, HttpContext http, NodeGateway node, [FromQuery] string? from = null)
    {
        var query = new QueryValues(http.Request);
        var (documentId, fromAny) = (Id(http, id, query), query.FromAnyMember());
        return query.Problem ?? await node.Answer(
            new GetDocument(database, collection, documentId, fromAny), http, reply => Found(reply, http));
    }

    private static async Task<IResult> Delete(
        string database, string collection, string id, HttpContext http, NodeGateway node, [FromQuery] string? w = null, [FromQuery] string? rev = null)
    {
        var query = new QueryValues(http.Request);
        var (documentId, concern, expected) = (Id(http, id, query), query.Concern(), query.ExpectedRev());
        return query.Problem ?? await node.Answer(
            new DeleteDocument(database, collection, documentId, expected, concern), http, reply => Written(reply, http));
    }

    private static IResult? Written(DataReply reply, HttpContext http)
    {
        if (reply is not DocumentWritten written)
        {
            return null;
        }

        SetETag(http, written.Rev);
        return TypedResults.Ok(new WrittenDto(written.Id, written.Rev, written.Sequence, written.Term));
    }

    private static IResult? Found(DataReply reply, HttpContext http)
    {
        if (reply is not DocumentFound found)
        {
            return null;
        }

        SetETag(http, found.Rev);
        return TypedResults.Bytes(found.Body, "application/json");
    }

    private static void SetETag(HttpContext http, string rev) => http.Response.Headers.ETag = $"\"{rev}\"";

    /// <summary>
    /// The id as the client wrote it. The server leaves %2F in a path encoded but decodes %25, so only the raw target
    /// tells <c>a%2Fb</c> (the id "a/b") from <c>a%252Fb</c> (the id "a%2Fb").
    /// </summary>
    private static string Id(HttpContext http, string routeValue, QueryValues query)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan(0, target.IndexOf('?') is var end and >= 0 ? end : target.Length);
        if (path.IsEmpty)
        {
            return routeValue;
        }

        // A plus sign in a path is itself, unlike in a form.
        var encoded = path[(path.LastIndexOf('/') + 1)..].ToString().Replace("+", "%2B", StringComparison.Ordinal);
        var bytes = WebUtility.UrlDecodeToBytes(Encoding.UTF8.GetBytes(encoded), 0, Encoding.UTF8.GetByteCount(encoded))!;
        var id = Encoding.UTF8.GetString(bytes);
        var problem = Utf8.IsValid(bytes) ? DocumentRules.WhyIdIsInvalid(id) : "the id is not UTF-8, percent-encoded";
        if (problem is { } why)
        {
            query.Error("id", why);
        }

        return id;
    }
}
