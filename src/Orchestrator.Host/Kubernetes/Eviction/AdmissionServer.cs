using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Serilog;

namespace Orchestrator.Host.Kubernetes.Eviction;

/// <summary>
/// Answers the API server's questions (AdmissionReview of <c>admission.k8s.io/v1</c>) whether pods may be evicted or deleted:
/// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
/// </summary>
internal sealed class AdmissionServer : IAsyncDisposable
{
    /// <summary>Where the API server asks.</summary>
    public const string Path = "/pods";

    /// <summary>A question has the pod as it is, which is at most as large as an object in etcd.</summary>
    private const int MaxBody = 4 << 20;

    private readonly WebApplication _app;

    private AdmissionServer(WebApplication app) => _app = app;

    /// <exception cref="ServeException">The address cannot be listened on.</exception>
    public static async Task<AdmissionServer> Start(EvictionWebhookSettings settings, WebhookCertificate certificate, EvictionGuard guard, Serilog.ILogger logger)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSerilog(logger);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Listen(
                IPAddress.Parse(settings.Host), settings.Port, listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current));
        });
        var app = builder.Build();
        app.MapPost(Path, (HttpRequest request) => Answer(request, guard, logger));
        await WebListener.Start(app, "webhook", settings.Host, settings.Port, "orchestrator.kubernetes.webhook.port", CancellationToken.None);
        return new AdmissionServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<IResult> Answer(HttpRequest request, EvictionGuard guard, Serilog.ILogger logger)
    {
        JsonNode? asked;
        try
        {
            asked = (await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted))?["request"];
        }
        catch (JsonException)
        {
            asked = null;
        }

        if (asked is not JsonObject || Text(asked["uid"]) is not { Length: > 0 } uid || Text(asked["name"]) is not { Length: > 0 } pod)
        {
            return Results.Text("An AdmissionReview about a pod is expected.\n", statusCode: StatusCodes.Status400BadRequest);
        }

        var removal = new PodRemoval(pod, Text(asked["namespace"]), Text(asked["userInfo"]?["username"]), asked["dryRun"]?.GetValueKind() == JsonValueKind.True);
        var verdict = await guard.Judge(removal, request.HttpContext.RequestAborted);
        if (verdict.Refusal.Length > 0)
        {
            logger.Information("Pod {Namespace}/{Pod} has to stay, refused to {User}: {Reason}", removal.Namespace, removal.Pod, removal.By, verdict.Refusal);
        }

        return Results.Content(Review(uid, verdict).ToJsonString(), "application/json");
    }

    private static JsonObject Review(string uid, RemovalVerdict verdict)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = verdict.Refusal.Length == 0 };
        if (verdict.Refusal.Length > 0)
        {
            // Who drains a node takes 429 for "not yet" and asks again, as with a PodDisruptionBudget.
            response["status"] = new JsonObject
            {
                ["code"] = StatusCodes.Status429TooManyRequests,
                ["reason"] = "TooManyRequests",
                ["message"] = verdict.Refusal,
            };
        }

        if (verdict.Warning.Length > 0)
        {
            response["warnings"] = new JsonArray(verdict.Warning);
        }

        return new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
    }

    private static string Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : "";
}
