using Microsoft.AspNetCore.Mvc;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Validation;
using Orchestrator.Host.Telemetry;

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
        string cluster, HttpRequest request, Administration administration, EngineProviders engines, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(
            request, (element, errors) => CompactionBodyReader.Read(element, cluster, engines, errors), cancellationToken);
        return body is null
            ? problem!
            : (await administration.Plan(request.HttpContext.Caller(), cluster, body, cancellationToken)).AsResult();
    }

    private static async Task<IResult> Start(
        HttpContext http, Administration administration, EngineProviders engines, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(
            http.Request, (element, errors) => CompactionBodyReader.Read(element, null, engines, errors), cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        (var run, problem) = await administration.Start(http.Caller(), body, cancellationToken);
        if (run is null)
        {
            return problem!;
        }

        RunCallers.Note(http.Request, run.Id);
        return TypedResults.Accepted($"/api/v1/runs/{Uri.EscapeDataString(run.Id)}", run);
    }

    private static async Task<IResult> List(
        HttpContext http,
        Administration administration,
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
            Cluster = cluster ?? "",
            States = query.SomeOf("state", RunStates.All),
            After = paging.After,
            Limit = paging.Limit,
        };
        if (paging.After.Length > 0 && RunPlace.Read(paging.After) is null)
        {
            query.Error("after", $"must be what a page gave as next, not '{paging.After}'");
        }

        return query.Problem ?? (await administration.Runs(http.Caller(), request, cancellationToken)).AsResult();
    }

    private static async Task<IResult> Get(string run, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        (await administration.Run(http.Caller(), run, cancellationToken)).AsResult();
}
