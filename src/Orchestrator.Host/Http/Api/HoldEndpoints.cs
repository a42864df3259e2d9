using System.Text.Json;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Holds: other operators say that they are about to take members out.</summary>
internal static class HoldEndpoints
{
    private const int MaxNameLength = 255;
    private const int MaxReasonLength = 1000;

    public static void MapHolds(this IEndpointRouteBuilder api)
    {
        var holds = api.MapGroup("/clusters/{cluster}/holds").WithTags("Holds");
        holds.MapGet("", async (string cluster, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
                (await administration.Holds(http.Caller(), cluster, cancellationToken)).AsResult())
            .WithName("ListHolds")
            .WithSummary("The holds in force on a cluster, by owner, and what runs still do next to the held members.")
            .Needs(Permission.View, ClusterSource.Route)
            .Produces<HoldListDto>()
            .ProducesProblems(404, 503);
        holds.MapPost("", Place)
            .WithName("PlaceHold")
            .WithSummary("Says that somebody is about to take members out: no run begins a step next to them.")
            .WithDescription(
                "The same owner again renews or changes its hold. Without a renewal it ends after ttlSeconds. A step that is at work is finished; while the answer's "
                + "working is not empty, the owner should wait and ask again.")
            .Needs(Permission.Operate, ClusterSource.Route)
            .Takes<HoldBody>("application/json")
            .Produces<HoldDto>()
            .ProducesProblems(400, 404, 409, 413, 503);
        holds.MapDelete("/{owner}", (string cluster, string owner, HttpContext http, SupervisorGateway supervisor, CancellationToken cancellationToken) =>
                supervisor.Answer<HoldList>(
                    new ReleaseHold(cluster, owner, http.Caller().Name), SupervisorGateway.Quick, list => TypedResults.Ok(list.ToDto()), cancellationToken))
            .WithName("ReleaseHold")
            .WithSummary("Ends a hold; runs go on. To release one that has ended does no harm.")
            .Needs(Permission.Operate, ClusterSource.Route)
            .Produces<HoldListDto>()
            .ProducesProblems(404, 503);
    }

    private static async Task<IResult> Place(string cluster, HttpRequest request, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(request, Read, cancellationToken);
        return body is null
            ? problem!
            : await supervisor.Answer<HoldView>(
                new PlaceHold(
                    cluster, body.Owner, body.Reason, body.Members ?? [], TimeSpan.FromSeconds(body.TtlSeconds), request.HttpContext.Caller().Name),
                SupervisorGateway.Quick,
                view => TypedResults.Ok(view.ToDto()),
                cancellationToken);
    }

    private static HoldBody Read(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var isObject = body.ValueKind == JsonValueKind.Object;
        var hold = new HoldBody(
            fields.Text("owner", MaxNameLength, required: isObject) ?? "",
            fields.Text("reason", MaxReasonLength, required: isObject) ?? "",
            fields.Names("members"),
            fields.Whole("ttlSeconds", 1, (long)HoldDecider.Longest.TotalSeconds) ?? 0);
        if (hold.Owner.Length > 0 && Core.PlainName.Check(hold.Owner) is { } wrong)
        {
            fields.Error("owner", wrong);
        }

        if (isObject && !fields.TryGet("ttlSeconds", out _))
        {
            fields.Error("ttlSeconds", "is required");
        }

        fields.RejectUnknown();
        return hold;
    }
}
