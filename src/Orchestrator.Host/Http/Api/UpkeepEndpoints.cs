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
            .WithSummary("Checks files and contents of a node's collections.")
            .Verifies();
        node.MapPost("/index-cleanup", CleanUp)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("IndexCleanup")
            .WithSummary("Removes index files of a node whose definition is gone.")
            .CleansIndexes();
        node.MapPost("/resync", Resync)
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithName("Resync")
            .WithSummary("Puts a node's copy of a collection aside and copies it anew from the primary.")
            .WithDescription("For a damaged file. Refused on the primary, and while a run works on the replica set.")
            .Resynchronises();
    }

    private static async Task<IResult> Verify(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadScope, cancellationToken);
        return scope is null
            ? problem!
            : await supervisor.Answer<CollectionsVerified>(
                new RequestVerify(cluster, node, scope.Database ?? "", scope.Collection ?? ""),
                UpkeepOrders.ReadsAll,
                verified => TypedResults.Ok(verified.ToDto()),
                cancellationToken);
    }

    private static async Task<IResult> CleanUp(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadScope, cancellationToken);
        return scope is null
            ? problem!
            : await supervisor.Answer<IndexesCleanedUp>(
                new RequestIndexCleanup(cluster, node, scope.Database ?? "", scope.Collection ?? ""),
                SupervisorGateway.AsksNodes,
                cleaned => TypedResults.Ok(cleaned.ToDto()),
                cancellationToken);
    }

    private static async Task<IResult> Resync(
        string cluster, string node, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (scope, problem) = await Bodies.ReadJson(request, NodeBodyReader.ReadCollection, cancellationToken);
        return scope is null
            ? problem!
            : await supervisor.Answer<ResyncBegun>(
                new RequestResync(cluster, node, scope.Database!, scope.Collection!),
                SupervisorGateway.AsksNodes,
                UpkeepOrders.Accepted,
                cancellationToken);
    }
}
