using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Data;

/// <summary>Orders to the database node of this very process: direct compactions and the upkeep of its files.</summary>
internal static class NodeEndpoints
{
    /// <summary>Checking reads everything; a client that has no patience loses the answer, not the node.</summary>
    private static readonly TimeSpan MeasuresAll = TimeSpan.FromSeconds(30);

    // Every byte of what it covers.
    private static readonly TimeSpan ReadsAll = TimeSpan.FromHours(6);

    public static void MapNode(this IEndpointRouteBuilder api)
    {
        var node = api.MapGroup("/node").WithTags("Node");
        MapCompactions(node.MapGroup("/compactions"));
        node.MapPost("/verify", Verify)
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("VerifyNode")
            .WithSummary("Checks files and contents of this node's collections.")
            .Takes<CollectionScopeBody>("application/json")
            .Produces<VerificationDto>()
            .ProducesProblems(400, 404, 409, 413, 503);
        node.MapPost("/index-cleanup", CleanUp)
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("CleanUpIndexes")
            .WithSummary("Removes index files of this node whose definition is gone.")
            .CleansIndexes();
        node.MapPost("/resync", Resync)
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("ResyncCollection")
            .WithSummary("Moves this node's copy of a collection aside and copies it again from the primary.")
            .WithDescription("For a damaged file. Refused on the primary. Until the copy is complete, the node confirms no writes and promises no term.")
            .Resynchronises();
    }

    private static void MapCompactions(RouteGroupBuilder compactions)
    {
        compactions.MapPost("", Start)
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("CompactNode")
            .WithSummary("Compacts units of this node now, without a plan; with dryRun it only estimates the gain.")
            .WithDescription("Refused on a primary without force, and while another compaction is running on the node (409). An unknown index is a 404 that names it.")
            .Takes<NodeCompactionBody>("application/json")
            .Produces<EstimatesDto>()
            .Produces<CompactionDto>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 413, 503);
        compactions.MapGet("", List)
            .Needs(Permission.View, ClusterSource.Node)
            .WithName("ListNodeCompactions")
            .WithSummary("Running and recent compactions on this node, including those of runs.")
            .Produces<NodeCompactionsDto>()
            .ProducesProblems(404, 503);
        compactions.MapGet("/{id}", Get)
            .Needs(Permission.View, ClusterSource.Node)
            .WithName("GetNodeCompaction")
            .WithSummary("Progress or result of a direct compaction.")
            .Produces<CompactionDto>()
            .ProducesProblems(404, 503);
        compactions.MapPost("/{id}/cancel", (string id, HttpContext http, NodeGateway node, NodeOrderTrail trail) =>
                Control(new CancelCompaction(0, DirectCompaction.TicketOf(id)), AuditAction.CancelNodeCompaction, id, http, node, trail))
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("CancelNodeCompaction")
            .WithSummary("Stops a direct compaction at its next checkpoint.")
            .Produces<CompactionDto>()
            .ProducesProblems(404, 503);
        compactions.MapPost("/{id}/pause", (string id, HttpContext http, NodeGateway node, NodeOrderTrail trail) =>
                Control(new PauseCompaction(0, DirectCompaction.TicketOf(id)), AuditAction.PauseNodeCompaction, id, http, node, trail))
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("PauseNodeCompaction")
            .WithSummary("Stops a direct compaction at its next checkpoint; the next one of the same units continues from there.")
            .Produces<CompactionDto>()
            .ProducesProblems(404, 503);
        compactions.MapPost("/{id}/throttle", Throttle)
            .Needs(Permission.Operate, ClusterSource.Node)
            .WithName("ThrottleNodeCompaction")
            .WithSummary("Changes the copying rate of a direct compaction while it runs.")
            .Takes<ThrottleBody>("application/json")
            .Produces<CompactionDto>()
            .ProducesProblems(400, 404, 413, 503);
    }

    private static async Task<IResult> Start(HttpContext http, NodeGateway node, NodeCluster cluster, NodeOrderTrail trail, RunIds ids)
    {
        var (body, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadCompaction, http.RequestAborted);
        if (body is null)
        {
            return problem!;
        }

        if (http.SystemRefusal(body.Database, body.Collection, cluster.Name) is { } refusal)
        {
            return refusal;
        }

        var request = new DirectCompaction(
            $"direct-{ids.Next()}",
            body.Database ?? "",
            body.Collection ?? "",
            body.Documents ?? true,
            body.Indexes ?? IndexSelection.All,
            NodeBodyReader.ToSettings(body),
            body.DryRun ?? false);
        return await node.Answer(request, http, body.DryRun is true ? Started : trail.Noting(http, AuditAction.CompactNode, Describe(body), Started), MeasuresAll);
    }

    private static IResult? Started(DataReply reply) => reply switch
    {
        CompactionEstimated estimated => TypedResults.Ok(estimated.ToDto()),
        OrderDone { Answer: CompactionStatus status } => TypedResults.Accepted(
            $"/api/v1/node/compactions/{Uri.EscapeDataString(status.Ticket.RunId)}", status.ToDto()),
        _ => null,
    };

    private static Task<IResult> List(HttpContext http, NodeGateway node) => node.Answer(
        new ListCompactions(),
        http,
        reply => reply is CompactionsListed listed
            ? TypedResults.Ok(new NodeCompactionsDto([.. listed.Compactions.Select(status => status.ToDto())]))
            : null);

    private static Task<IResult> Get(string id, HttpContext http, NodeGateway node) => node.Answer(
        new ListCompactions(),
        http,
        reply => reply is not CompactionsListed listed
            ? null
            : listed.Compactions.LastOrDefault(status => status.Ticket == DirectCompaction.TicketOf(id)) is { } found
                ? TypedResults.Ok(found.ToDto())
                : Problems.NotFound($"This node has no compaction '{id}'."));

    private static string Describe(NodeCompactionBody body)
    {
        string?[] parts = [Describe(body.Database, body.Collection), body.Mode, body.Force is true ? "forced" : null, body.Comment];
        return string.Join("; ", parts.Where(part => !string.IsNullOrEmpty(part)));
    }

    private static string Describe(string? database, string? collection) =>
        string.IsNullOrEmpty(database) ? "all collections" : string.IsNullOrEmpty(collection) ? database : $"{database}/{collection}";

    private static Task<IResult> Control(
        INodeCommand command, AuditAction action, string detail, HttpContext http, NodeGateway node, NodeOrderTrail trail) => node.Answer(
        new DirectOrder(command),
        http,
        trail.Noting(http, action, detail, reply => reply is OrderDone { Answer: CompactionStatus status } ? TypedResults.Ok(status.ToDto()) : null));

    private static async Task<IResult> Throttle(string id, HttpContext http, NodeGateway node, NodeOrderTrail trail)
    {
        var (body, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadRate, http.RequestAborted);
        return body is null
            ? problem!
            : await Control(
                new ThrottleCompaction(0, DirectCompaction.TicketOf(id), body.MaxBytesPerSecond),
                AuditAction.ThrottleNodeCompaction,
                $"{id}; {body.MaxBytesPerSecond} bytes/s",
                http,
                node,
                trail);
    }

    private static async Task<IResult> Verify(HttpContext http, NodeGateway node, NodeCluster cluster, NodeOrderTrail trail)
    {
        var (scope, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadScope, http.RequestAborted);
        return scope is null
            ? problem!
            : http.SystemRefusal(scope.Database, scope.Collection, cluster.Name) ?? await node.Answer(
                new DirectOrder(new VerifyCollections(0, scope.Database ?? "", scope.Collection ?? "")),
                http,
                trail.Noting(http, AuditAction.VerifyNode, Describe(scope.Database, scope.Collection), Verified),
                ReadsAll);
    }

    private static async Task<IResult> CleanUp(HttpContext http, NodeGateway node, NodeCluster cluster, NodeOrderTrail trail)
    {
        var (scope, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadCleanup, http.RequestAborted);
        return scope is null
            ? problem!
            : http.SystemRefusal(scope.Database, scope.Collection, cluster.Name) ?? await node.Answer(
                new DirectOrder(new CleanUpIndexes(0, scope.Database ?? "", scope.Collection ?? "") { PartialCopies = scope.PartialCopies ?? false }),
                http,
                trail.Noting(http, AuditAction.IndexCleanup, Describe(scope.Database, scope.Collection), CleanedUp));
    }

    private static async Task<IResult> Resync(HttpContext http, NodeGateway node, NodeCluster cluster, NodeOrderTrail trail)
    {
        var (scope, problem) = await Bodies.ReadJson(http.Request, NodeBodyReader.ReadResync, http.RequestAborted);
        return scope is null
            ? problem!
            : http.SystemRefusal(scope.Database, scope.Collection, cluster.Name) ?? await node.Answer(
                new DirectOrder(new ResyncCollection(0, scope.Database ?? "", scope.Collection ?? "")),
                http,
                trail.Noting(
                    http, AuditAction.Resync, $"{(scope.All == true ? "all collections" : $"{scope.Database}/{scope.Collection}")}{(scope.Reason is { Length: > 0 } why ? $"; {why}" : "")}", Resynchronised));
    }

    private static IResult? Verified(DataReply reply) =>
        reply is OrderDone { Answer: CollectionsVerified verified } ? TypedResults.Ok(verified.ToDto()) : null;

    private static IResult? CleanedUp(DataReply reply) =>
        reply is OrderDone { Answer: IndexesCleanedUp cleaned } ? TypedResults.Ok(cleaned.ToDto()) : null;

    private static IResult? Resynchronised(DataReply reply) =>
        reply is OrderDone { Answer: ResyncBegun begun } ? UpkeepOrders.Accepted(begun) : null;
}
