using Orchestrator.Core.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Http;

/// <summary>What the upkeep orders take and answer that are the same for this process's node and for any node through the supervisor.</summary>
internal static class UpkeepOrders
{
    private static readonly int[] Refusals = [400, 404, 409, 413, 503];

    public static RouteHandlerBuilder CleansIndexes(this RouteHandlerBuilder endpoint) => endpoint
        .Takes<IndexCleanupBody>("application/json")
        .Produces<IndexCleanupDto>()
        .ProducesProblems(Refusals);

    public static RouteHandlerBuilder Resynchronises(this RouteHandlerBuilder endpoint) => endpoint
        .Takes<ResyncBody>("application/json")
        .Produces<ResyncDto>(StatusCodes.Status202Accepted)
        .ProducesProblems(Refusals);

    public static IResult Accepted(ResyncBegun begun) =>
        TypedResults.Json(begun.ToDto(), ApiJson.Context.ResyncDto, statusCode: StatusCodes.Status202Accepted);
}
