using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http;

/// <summary>The probes.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var probes = app.MapGroup("").WithTags("Health").IsOpen().RefusesUnknownParameters();
        probes.MapGet("/healthz", () => TypedResults.Ok(new HealthDto("ok", "")))
            .WithName("Healthz")
            .WithSummary("200 while the process answers.")
            .Produces<HealthDto>()
            .Produces<ProblemDto>(StatusCodes.Status400BadRequest, Problems.ContentType);
        probes.MapGet("/readyz", Ready)
            .WithName("Readyz")
            .WithSummary("200 when this process can do its part, else 503 with what is missing.")
            .Produces<HealthDto>()
            .Produces<HealthDto>(StatusCodes.Status503ServiceUnavailable)
            .Produces<ProblemDto>(StatusCodes.Status400BadRequest, Problems.ContentType);
        MapHead(probes);
    }

    /// <summary>Load balancers ask with HEAD as well; the server leaves the body out.</summary>
    private static void MapHead(RouteGroupBuilder probes)
    {
        probes.MapMethods("/healthz", [HttpMethods.Head], () => TypedResults.Ok()).ExcludeFromDescription();
        probes.MapMethods("/readyz", [HttpMethods.Head], Ready).ExcludeFromDescription();
    }

    private static IResult Ready(Readiness readiness)
    {
        var state = readiness.Current;
        return TypedResults.Json(
            state,
            ApiJson.Context.HealthDto,
            statusCode: state.Status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
