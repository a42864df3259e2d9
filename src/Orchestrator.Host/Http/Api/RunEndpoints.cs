using Microsoft.AspNetCore.Mvc;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Plans (dry runs) and runs.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapPost("/clusters/{cluster}/plans", Plan)
            .WithTags("Plans")
            .WithName("MakePlan")
            .Needs(Permission.View, ClusterSource.Route)
            .WithSummary("A dry run: what a run would do now, and what it would leave out and why. Changes nothing.")
            .Takes<CompactionBody>("application/json")
            .Produces<PlanDto>()
            .ProducesProblems(400, 404, 413, 503);
        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapPost("", Start)
            .WithName("StartRun")
            .Needs(Permission.Operate, ClusterSource.Handler)
            .WithSummary("Makes a plan and starts its run.")
            .WithDescription("Answers 202 with the run's address. 409 names the conflicting run.")
            .Takes<CompactionBody>("application/json")
            .Produces<RunDto>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 413, 503);
        runs.MapGet("", List)
            .WithName("ListRuns")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("The runs that the supervisor remembers, newest first, without their plans and steps.")
            .WithDescription(
                $"{Paging.Description} cluster: only runs of this cluster. state: only runs in this state; may be repeated. "
                + $"States: {string.Join(", ", RunStates.All)}.")
            .Produces<RunListDto>()
            .ProducesProblems(400, 404, 503);
        runs.MapGet("/{run}", Get)
            .WithName("GetRun")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("A run with its plan and the state of each step.")
            .Produces<RunDto>()
            .ProducesProblems(404, 503);
        runs.MapGet("/{run}/events", RunEventStream.Serve)
            .WithName("FollowRun")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("The run's events as server-sent events.")
            .WithDescription(
                "The id of an event is its number in the run's history; a client that sends the last one it has as "
                + "Last-Event-ID gets what follows. Events named 'progress' have no id. The stream ends after the run's last event.")
            .TakesHeader("Last-Event-ID", "Number of the last event that the client has.")
            .Produces<RunEventDto>(contentType: "text/event-stream")
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> Plan(
        string cluster, HttpRequest request, SupervisorGateway supervisor, EngineProviders engines, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(
            request, (element, errors) => CompactionBodyReader.Read(element, cluster, engines, errors), cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        var compaction = body.ToRequest(cluster);
        if (request.HttpContext.SystemRefusal(compaction.Scope, cluster) is { } refusal)
        {
            return refusal;
        }

        return await supervisor.Answer<PlanMade>(
            new MakePlan(compaction),
            SupervisorGateway.AsksNodes,
            made => TypedResults.Ok(made.Plan.ToDto()),
            cancellationToken);
    }

    private static async Task<IResult> Start(
        HttpContext http, SupervisorGateway supervisor, RunIds runIds, EngineProviders engines, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(
            http.Request, (element, errors) => CompactionBodyReader.Read(element, null, engines, errors), cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        var compaction = body.ToRequest(body.Cluster!);
        if ((http.Refusal(Permission.Operate, body.Cluster) ?? http.SystemRefusal(compaction.Scope, body.Cluster)) is { } refusal)
        {
            return refusal;
        }

        var origin = new RunOrigin(http.Caller().Name, "", body.Window ?? "", body.NeedsApproval ?? false);
        return await supervisor.Answer<RunView>(
            new StartRun(runIds.Next(), compaction) { Origin = origin },
            SupervisorGateway.AsksNodes,
            run => TypedResults.Accepted($"/api/v1/runs/{Uri.EscapeDataString(run.Id)}", run.ToDto()),
            cancellationToken);
    }

    private static async Task<IResult> List(
        HttpContext http,
        SupervisorGateway supervisor,
        CancellationToken cancellationToken,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null,
        [FromQuery] string[]? state = null,
        [FromQuery] string? cluster = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        var request = new ListRuns
        {
            Clusters = http.Caller().ClustersWith(Permission.View),
            Cluster = cluster ?? "",
            States = query.SomeOf("state", RunStates.All),
            After = paging.After,
            Limit = paging.Limit,
        };
        if (paging.After.Length > 0 && RunPlace.Read(paging.After) is null)
        {
            query.Error("after", $"must be what a page gave as next, not '{paging.After}'");
        }

        return query.Problem
            ?? (string.IsNullOrEmpty(cluster) ? null : http.Refusal(Permission.View, cluster))
            ?? await supervisor.Answer<RunPage>(request, SupervisorGateway.Quick, page => TypedResults.Ok(page.ToDto()), cancellationToken);
    }

    private static Task<IResult> Get(string run, HttpContext http, SupervisorGateway supervisor, CancellationToken cancellationToken) =>
        supervisor.Answer<RunView>(
            new GetRun(run),
            SupervisorGateway.Quick,
            view => http.Refusal(Permission.View, view.Plan.Request.Cluster) ?? TypedResults.Ok(view.ToDto()),
            cancellationToken);
}
