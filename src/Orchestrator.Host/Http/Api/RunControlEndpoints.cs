using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Orders to a run. Giving one twice does no harm.</summary>
internal static class RunControlEndpoints
{
    private const int MaxReasonLength = 1024;

    public static void MapRunControl(this IEndpointRouteBuilder api)
    {
        var run = api.MapGroup("/runs/{run}").WithTags("Runs");
        Describe<ReasonBody>(run.MapPost("/pause", Pause), "PauseRun")
            .WithSummary("Pauses a run at the next safe point; a running step stops at its checkpoint if its mode can pause.");
        Describe(run.MapPost("/resume", Resume), "ResumeRun")
            .WithSummary("Resumes a paused run.");
        Describe<ReasonBody>(run.MapPost("/cancel", Cancel), "CancelRun")
            .WithSummary("Ends a run permanently at the next safe point; every member is then online and every replica set has a primary.");
        Describe(run.MapPost("/approve", Approve), "ApproveRun")
            .WithSummary("Approves a plan that waits for a second person; refused to the one who started it.");
        Describe<ThrottleBody>(run.MapPut("/throttle", Throttle), "ThrottleRun")
            .WithSummary("Changes the copying rate of a run immediately.");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name) => endpoint
        .WithName(name)
        .Needs(Permission.Operate, ClusterSource.Handler)
        .Produces<RunDto>()
        .ProducesProblems(400, 404, 409, 413, 503);

    private static RouteHandlerBuilder Describe<TBody>(RouteHandlerBuilder endpoint, string name) =>
        Describe(endpoint, name).Takes<TBody>("application/json");

    private static Task<IResult> Pause(string run, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        OrderWithReason(run, http, administration, (by, reason) => new PauseRun(run, by, reason), cancellationToken);

    private static Task<IResult> Cancel(string run, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        OrderWithReason(run, http, administration, (by, reason) => new CancelRun(run, by, reason), cancellationToken);

    private static Task<IResult> Resume(string run, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        Order(run, http, administration, by => new ResumeRun(run, by), cancellationToken);

    private static Task<IResult> Approve(string run, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        Order(run, http, administration, by => new ApproveRun(run, by), cancellationToken);

    private static async Task<IResult> Throttle(string run, HttpContext http, Administration administration, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(http.Request, ReadThrottle, cancellationToken);
        return body is null
            ? problem!
            : await Order(run, http, administration, by => new ThrottleRun(run, by, body.MaxBytesPerSecond), cancellationToken);
    }

    private static async Task<IResult> OrderWithReason(
        string run, HttpContext http, Administration administration, Func<string, string, IRunControl> order, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadOptionalJson(http.Request, new ReasonBody(null), ReadReason, cancellationToken);
        return body is null
            ? problem!
            : await Order(run, http, administration, by => order(by, body.Reason ?? ""), cancellationToken);
    }

    private static async Task<IResult> Order(
        string run, HttpContext http, Administration administration, Func<string, IRunControl> order, CancellationToken cancellationToken) =>
        (await administration.Control(http.Caller(), run, order, cancellationToken)).AsResult();

    internal static ReasonBody ReadReason(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var reason = new ReasonBody(fields.Text("reason", MaxReasonLength));
        fields.RejectUnknown();
        return reason;
    }

    private static ThrottleBody ReadThrottle(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var rate = CompactionBodyReader.ReadRate(fields);
        if (body.ValueKind == JsonValueKind.Object && !fields.TryGet("maxBytesPerSecond", out _))
        {
            fields.Error("maxBytesPerSecond", "is required; 0 is unlimited");
        }

        fields.RejectUnknown();
        return new ThrottleBody(rate ?? 0);
    }
}
