using Orchestrator.Core;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Http.Api;

/// <summary>What the engines can do.</summary>
internal static class EngineEndpoints
{
    public static void MapEngines(this IEndpointRouteBuilder api)
    {
        var engines = api.MapGroup("/engines").WithTags("Engines");
        engines.MapGet("", (EngineProviders known) => TypedResults.Ok(known.ToDto()))
            .WithName("ListEngines")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("The engines: what each can do by mode, its options, what it needs.")
            .Produces<EngineListDto>()
            .ProducesProblems();
        engines.MapGet("/{engine}", Get)
            .WithName("GetEngine")
            .Needs(Permission.View, ClusterSource.Handler)
            .WithSummary("One engine.")
            .Produces<EngineDto>()
            .ProducesProblems(404);
    }

    private static IResult Get(string engine, EngineProviders engines) =>
        engines.List.FirstOrDefault(provider => provider.Description.Name == engine) is { } found
            ? TypedResults.Ok(found.ToDto())
            : Problems.NotFound($"There is no engine '{engine}'; {KnownNames.Of(engines.Names, "there is none")}.");
}
