using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http;

/// <summary>Describes endpoints in the OpenAPI document.</summary>
internal static class EndpointMetadata
{
    /// <summary>Error answers.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        // Whoever may be refused a thing may be refused it everywhere.
        foreach (var status in (ReadOnlySpan<int>)[.. statuses, 401, 403, 429])
        {
            endpoint.Produces<ProblemDto>(status, Problems.ContentType);
        }

        return endpoint;
    }

    /// <summary>The request's body. <see cref="Security.RequestGuard"/> refuses other content types.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, string contentType) => endpoint
        .WithMetadata(new BodyDescription(typeof(T), contentType))
        .Produces<ProblemDto>(StatusCodes.Status415UnsupportedMediaType, Problems.ContentType);

    /// <summary>A header that the handler reads.</summary>
    public static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new HeaderDescription(name, description));
}

/// <summary>What a request's body holds.</summary>
internal sealed record BodyDescription(Type Type, string ContentType);

/// <summary>A header that a request may have.</summary>
internal sealed record HeaderDescription(string Name, string Description);
