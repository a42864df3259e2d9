using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Orders to one node through the supervisor: the check of its files, index cleanup, copying a collection anew.</summary>
internal static class UpkeepEndpoints
{
    public static void MapUpkeep(this IEndpointRouteBuilder api)
    {
        var node = api.MapGroup("/clusters/{cluster}/nodes/{node}").WithTags("Nodes");
        node.MapPost("/verify", Verify)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("Verify")
            .WithSummary("Checks files and contents of a node's collections, and compares them with the other members' copies.")
            .WithDescription("Answers immediately. Read the verification by its id, also after the supervisor has moved. It ends two minutes after the last request for it.")
            .Takes<CollectionScopeBody>("application/json")
            .Produces<VerificationStatusDto>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 413, 503);
        var verifications = api.MapGroup("/clusters/{cluster}/verifications/{id}").WithTags("Nodes");
        verifications.MapGet("", Get)
            .Needs(Permission.View, ClusterSource.Route)
            .WithName("GetVerification")
            .WithSummary("Progress or result of a verification.")
            .Produces<VerificationStatusDto>()
            .ProducesProblems(404, 503);
        verifications.MapPost("/cancel", Cancel)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("CancelVerification")
            .WithSummary("Stops a verification.")
            .Produces<VerificationStatusDto>()
            .ProducesProblems(404, 503);
        node.MapPost("/index-cleanup", CleanUp)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("IndexCleanup")
            .WithSummary("Removes index files of a node whose definition is gone.")
            .CleansIndexes();
        node.MapPost("/resync", Resync)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("Resync")
            .WithSummary("Moves a node's copy of a collection aside and copies it again from the primary.")
            .WithDescription("For a damaged file. Refused on the primary, and while a run works on the replica set.")
            .Resynchronises();
    }

    private static async Task<IResult> Verify(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadScope, cancellationToken);
        return scope is null
            ? problem!
            : request.HttpContext.SystemRefusal(scope.Database, scope.Collection, cluster) ?? await supervisor.Answer<VerificationView>(
                new StartVerification(cluster, node, scope.Database ?? "", scope.Collection ?? "", request.HttpContext.Caller().Name),
                SupervisorGateway.Quick,
                view => TypedResults.Accepted(
                    $"/api/v1/clusters/{Uri.EscapeDataString(cluster)}/verifications/{Uri.EscapeDataString(view.Id)}", view.ToDto()),
                cancellationToken);
    }

    private static Task<IResult> Get(string cluster, string id, SupervisorGateway supervisor, CancellationToken cancellationToken) =>
        supervisor.Answer<VerificationView>(
            new GetVerification(cluster, id), SupervisorGateway.Quick, view => TypedResults.Ok(view.ToDto()), cancellationToken);

    private static Task<IResult> Cancel(
        string cluster, string id, HttpContext http, SupervisorGateway supervisor, CancellationToken cancellationToken) =>
        supervisor.Answer<VerificationView>(
            new CancelVerification(cluster, id, http.Caller().Name), SupervisorGateway.Quick, view => TypedResults.Ok(view.ToDto()), cancellationToken);

    private static async Task<IResult> CleanUp(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadCleanup, cancellationToken);
        return scope is null
            ? problem!
            : request.HttpContext.SystemRefusal(scope.Database, scope.Collection, cluster) ?? await supervisor.Answer<IndexesCleanedUp>(
                new RequestIndexCleanup(cluster, node, scope.Database ?? "", scope.Collection ?? "")
                {
                    By = request.HttpContext.Caller().Name,
                    PartialCopies = scope.PartialCopies ?? false,
                },
                SupervisorGateway.AsksNodes,
                cleaned => TypedResults.Ok(cleaned.ToDto()),
                cancellationToken);
    }

    private static async Task<IResult> Resync(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadResync, cancellationToken);
        return scope is null
            ? problem!
            : request.HttpContext.SystemRefusal(scope.Database, scope.Collection, cluster) ?? await supervisor.Answer<ResyncBegun>(
                new RequestResync(cluster, node, scope.Database ?? "", scope.Collection ?? "")
                {
                    By = request.HttpContext.Caller().Name,
                    Reason = scope.Reason ?? "",
                },
                SupervisorGateway.AsksNodes,
                UpkeepOrders.Accepted,
                cancellationToken);
    }
}
