using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http;

/// <summary>Describes error answers in the OpenAPI document.</summary>
internal static class ProblemMetadata
{
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemDto>(status, Problems.ContentType);
        }

        return endpoint;
    }
}
