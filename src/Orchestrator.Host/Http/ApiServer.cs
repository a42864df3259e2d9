using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Api;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Data;
using Orchestrator.Host.Http.Limits;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Validation;
using Orchestrator.Host.Kubernetes.Metacontroller;
using Orchestrator.Host.Telemetry;
using Orchestrator.Host.Web;
using Orchestrator.Host.Web.Access;

namespace Orchestrator.Host.Http;

/// <summary>What the API needs from the process that serves it.</summary>
internal sealed record ApiServices(
    SupervisorGateway Supervisor, NodeGateway Node, Readiness Readiness, RunIds RunIds, TimeProvider Time)
{
    /// <summary>Finds out who calls.</summary>
    public required Authenticator Authenticator { get; init; }

    /// <summary>Makes those wait who fail too often.</summary>
    public required LoginLimiter Limiter { get; init; }

    /// <summary>The engines that there are.</summary>
    public EngineProviders Engines { get; init; } = EngineProviders.All;

    /// <summary>Whose data the process holds.</summary>
    public NodeCluster NodeCluster { get; init; } = new("");

    /// <summary>What the page shows of the process's configuration.</summary>
    public PageFacts Facts { get; init; } = PageFacts.None;

    /// <summary>Null where nobody is given any.</summary>
    public OrchestratorMetrics? Metrics { get; init; }
}

/// <summary>Puts the API together.</summary>
internal static class ApiServer
{
    public static IServiceCollection AddApi(this IServiceCollection services, ApiServices api, OwnNames names, RequestLimits limits)
    {
        services.AddSingleton(limits);
        services.AddHostedService<HeldMemory>();
        services.AddSingleton(api.Supervisor);
        services.AddSingleton<Administration>();
        services.AddSingleton(api.Node);
        services.AddSingleton(api.Readiness);
        services.AddSingleton(api.RunIds);
        services.AddSingleton(api.Time);
        services.AddSingleton(api.Authenticator);
        services.AddSingleton(api.Limiter);
        services.AddSingleton<PageSessions>();
        services.AddSingleton(api.Facts);
        services.AddSingleton(api.Engines);
        services.AddSingleton(names);
        services.AddSingleton(api.NodeCluster);
        services.AddSingleton<NodeOrderTrail>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeOrderTrail>());
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Context);
            json.SerializerOptions.DefaultIgnoreCondition = ApiJson.Context.Options.DefaultIgnoreCondition;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.Encoder = ApiJson.Context.Options.Encoder;
        });
        services.AddApiDocument();
        services.AddMetricsExport(api.Metrics, api.Engines);
        return services;
    }

    public static void MapApi(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = HandleException, SuppressDiagnosticsCallback = IsClientsFault });
        app.UseStatusCodePages(context => WebPage.IsLost(context.HttpContext) ? WebPage.ShowNotFound(context) : WriteStatus(context.HttpContext));
        app.UseRouting();
        app.UseMiddleware<RequestGuard>();
        app.UseMiddleware<AccessMiddleware>();
        var api = app.MapGroup("/api/v1").RefusesUnknownParameters();
        api.MapClusters();
        api.MapEngines();
        api.MapRuns();
        api.MapRunControl();
        api.MapOperations();
        api.MapHolds();
        api.MapUpkeep();
        api.MapData();
        app.MapMetacontroller();
        app.MapHealth();
        app.MapMetrics();
        app.MapApiDocument();
    }

    private static bool IsClientsFault(ExceptionHandlerSuppressDiagnosticsContext context) =>
        context.Exception is BadHttpRequestException or OperationCanceledException or LimitReachedException;

    private static Task HandleException(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        return exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.TooLarge("The body is larger than this server accepts.").ExecuteAsync(http),
            BadHttpRequestException => Problems.Invalid("request", "cannot be read: it is malformed, or was cut off").ExecuteAsync(http),
            OperationCanceledException => Task.CompletedTask,
            LimitReachedException limit => limit.Answer.ExecuteAsync(http),
            _ => Problems.Failed("An unexpected error; the server's log has the details.").ExecuteAsync(http),
        };
    }

    /// <summary>A body for answers that the framework gives without one, for example for an unknown address.</summary>
    private static Task WriteStatus(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var problem = status switch
        {
            StatusCodes.Status404NotFound => new ProblemDto("Not found.", status, $"There is nothing at {target}.", "not-found"),
            StatusCodes.Status405MethodNotAllowed => new ProblemDto(
                "Method not allowed.", status, $"{http.Request.Method} is not supported at {target}.", "invalid"),
            _ => new ProblemDto("The request failed.", status, $"Status {status}.", status < 500 ? "invalid" : "failed"),
        };
        return Problems.Of(problem).ExecuteAsync(http);
    }
}
