using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Kubernetes.Metacontroller;

/// <summary>The hooks for Metacontroller. Open to everyone, as it sends no token: they say what an object would mean, and neither read nor change anything.</summary>
internal static class MetacontrollerEndpoints
{
    public static void MapMetacontroller(this IEndpointRouteBuilder app)
    {
        var hooks = app.MapGroup("/hooks/metacontroller").IsOpen().ExcludeFromDescription();
        hooks.MapPost("/sync", (HttpRequest request) => Answer(request, MetacontrollerHooks.Sync));
        hooks.MapPost("/finalize", (HttpRequest request) => Answer(request, MetacontrollerHooks.Finalize));
        hooks.MapPost("/customize", (HttpRequest request) => Answer(request, MetacontrollerHooks.Customize));
    }

    private static async Task<IResult> Answer(HttpRequest request, Func<JsonObject, JsonObject?> hook)
    {
        JsonObject? answer = null;
        try
        {
            answer = await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) is JsonObject asked ? hook(asked) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, or a field that is something else than Metacontroller sends, or one that is there twice.
        }

        return answer is null
            ? Problems.Invalid("request", "must be one of Metacontroller, with the field parent (CompositeController) or object (DecoratorController)")
            : Results.Content(answer.ToJsonString(), "application/json");
    }
}
