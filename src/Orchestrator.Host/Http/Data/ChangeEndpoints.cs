using System.Buffers;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Data;

/// <summary>The change feed, for clients and for the members of the replica set, and the summary of a collection.</summary>
internal static class ChangeEndpoints
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    public static void MapChanges(this IEndpointRouteBuilder collection)
    {
        collection.MapGet("/changes", Changes)
            .WithTags("Changes")
            .WithName("ReadChanges")
            .WithSummary("The changes of a collection after a sequence number, in order.")
            .WithDescription(
                "wait: seconds to wait for a first change. Members of the replica set add member, term, lastTerm, "
                + "confirmed, checksum (of the history up to since) and incarnation; with id instead of since they read the present version of one document.")
            .Produces<ChangesDto>()
            .ProducesProblems(307, 400, 404, 409, 410, 503);
        collection.MapGet("/summary", Summary)
            .WithTags("Changes")
            .WithName("SummarizeCollection")
            .WithSummary("Number and checksum of the documents that this node holds, whether primary or secondary.")
            .Produces<SummaryDto>()
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> Changes(
        string database,
        string collection,
        HttpContext http,
        NodeGateway node,
        [FromQuery] string? since = null,
        [FromQuery] string? limit = null,
        [FromQuery] string? wait = null,
        [FromQuery] string? id = null,
        [FromQuery] string? member = null,
        [FromQuery] string? term = null,
        [FromQuery] string? lastTerm = null,
        [FromQuery] string? confirmed = null,
        [FromQuery] string? checksum = null,
        [FromQuery] string? incarnation = null)
    {
        var query = new QueryValues(http.Request);
        var sinceSeq = query.Whole("since", 0, long.MaxValue, 0);
        var limitChanges = (int)query.Whole("limit", 1, FeedJson.MaxLimit, FeedJson.DefaultLimit);
        var waitTime = query.Seconds("wait", MaxWait);
        var reader = Reader(query, member, checksum);
        if (id is not null && reader is not FeedReader.Member)
        {
            query.Error("id", "is for members of the replica set; read the document instead");
        }

        if (query.Problem is { } problem)
        {
            return problem;
        }

        // What a member says it has on disk decides what is acknowledged as confirmed by a majority.
        if (reader is FeedReader.Member && http.Refusal(Permission.Replicate, http.RequestServices.GetRequiredService<NodeCluster>().Name) is { } refusal)
        {
            return refusal;
        }

        DataRequest request = id is not null && reader is FeedReader.Member asker
            ? new ReadVersion(database, collection, id, asker)
            : new ReadChanges(database, collection, sinceSeq, limitChanges, waitTime, reader);
        return await node.Answer(request, http, Read, waitTime);
    }

    private static FeedReader Reader(QueryValues query, string? member, string? checksum)
    {
        var (term, lastTerm) = (query.Whole("term", 0, long.MaxValue, -1), query.Whole("lastTerm", 0, long.MaxValue, -1));
        var confirmed = query.Whole("confirmed", 0, long.MaxValue, 0);
        var incarnation = (int)query.Whole("incarnation", 1, int.MaxValue, 1);
        if (member is null)
        {
            return new FeedReader.Client();
        }

        if (term < 0 || lastTerm < 0)
        {
            query.Error("member", "needs term and lastTerm");
        }

        var known = FeedJson.ReadChecksum(checksum);
        if (checksum is not null && known is null)
        {
            query.Error("checksum", "must have 32 hexadecimal digits");
        }

        return new FeedReader.Member(member, term, lastTerm, confirmed) { Checksum = known, Incarnation = incarnation };
    }

    private static IResult? Read(DataReply reply)
    {
        if (reply is not ChangesRead read)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>();
        FeedJson.Write(output, read);
        return TypedResults.Bytes(output.WrittenMemory, "application/json");
    }

    private static Task<IResult> Summary(string database, string collection, HttpContext http, NodeGateway node) =>
        node.Answer(
            new SummarizeCollection(database, collection),
            http,
            reply => reply is CollectionSummary summary
                ? TypedResults.Ok(new SummaryDto(summary.Documents, summary.Checksum, summary.LastSequence))
                : null);
}
