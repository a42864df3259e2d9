using Microsoft.AspNetCore.Mvc;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Clusters, the storage report, and the planned step-down.</summary>
internal static class ClusterEndpoints
{
    private const int MaxNameLength = 255;

    public static void MapClusters(this IEndpointRouteBuilder api)
    {
        var clusters = api.MapGroup("/clusters").WithTags("Clusters");
        clusters.MapGet("", List)
            .WithName("ListClusters")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("The clusters by name, as last observed.")
            .WithDescription(Paging.Description)
            .Produces<ClusterListDto>()
            .ProducesProblems(400, 503);
        clusters.MapGet("/{cluster}", Get)
            .WithName("GetCluster")
            .Needs(Permission.View, ClusterSource.Route)
            .WithSummary("A cluster with its replica sets and members, as last observed.")
            .Produces<ClusterDto>()
            .ProducesProblems(404, 503);
        clusters.MapGet("/{cluster}/report", Report)
            .WithName("GetStorageReport")
            .Needs(Permission.View, ClusterSource.Route)
            .WithSummary("The storage report: sizes of every node, database, collection and index, measured now.")
            .Produces<ReportDto>()
            .ProducesProblems(404, 503);
        clusters.MapPost("/{cluster}/replica-sets/{replicaSet}/step-down", StepDown)
            .WithName("StepDown")
            .Needs(Permission.Operate, ClusterSource.Route)
            .WithSummary("Moves the role of primary to another member, without losing a write.")
            .Takes<StepDownBody>("application/json")
            .Produces<StepDownDto>()
            .ProducesProblems(400, 404, 409, 413, 503);
    }

    private static async Task<IResult> List(
        HttpContext http,
        Administration administration,
        CancellationToken cancellationToken,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var (clusters, problem) = await administration.Clusters(http.Caller(), cancellationToken);
        if (clusters is null)
        {
            return problem!;
        }

        var (page, next) = paging.Of(clusters, cluster => cluster.Name);
        return TypedResults.Ok(new ClusterListDto(page) { Next = next });
    }

    private static async Task<IResult> Get(string cluster, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        (await administration.Cluster(http.Caller(), cluster, cancellationToken)).AsResult();

    private static async Task<IResult> Report(string cluster, HttpContext http, Administration administration, CancellationToken cancellationToken)
    {
        var (report, problem) = await administration.Report(http.Caller(), cluster, cancellationToken);
        return (report?.ToDto(), problem).AsResult();
    }

    private static async Task<IResult> StepDown(
        string cluster, string replicaSet, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(request, ReadStepDown, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        return await supervisor.Answer<StepDownCompleted>(
            new RequestStepDown(cluster, replicaSet, body.ExpectedPrimary, body.To ?? "") { By = request.HttpContext.Caller().Name },
            SupervisorGateway.MovesPrimary,
            done => TypedResults.Ok(new StepDownDto(done.ReplicaSet, done.OldPrimary, done.NewPrimary, done.Term)),
            cancellationToken);
    }

    private static StepDownBody ReadStepDown(System.Text.Json.JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var isObject = body.ValueKind == System.Text.Json.JsonValueKind.Object;
        var stepDown = new StepDownBody(
            fields.Text("expectedPrimary", MaxNameLength, required: isObject) ?? "",
            fields.Text("to", MaxNameLength));
        fields.RejectUnknown();
        return stepDown;
    }
}
