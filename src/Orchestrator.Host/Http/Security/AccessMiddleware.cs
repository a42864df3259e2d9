using Orchestrator.Host.Web;
using Orchestrator.Host.Web.Access;

namespace Orchestrator.Host.Http.Security;

/// <summary>Lets a request through to its endpoint if the caller has what the endpoint's <see cref="AccessRule"/> demands.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    Authenticator authenticator,
    LoginLimiter limiter,
    NodeCluster nodeCluster,
    PageSessions sessions,
    ILogger<AccessMiddleware> log)
{
    /// <summary>Where clients say who they are while nobody asks for a proof.</summary>
    public const string UserHeader = "X-Orchestrator-User";

    private const string Scheme = "Bearer ";

    public async Task Invoke(HttpContext http)
    {
        if (http.GetEndpoint() is not { } endpoint || IsFrameworks(endpoint))
        {
            // No such address, or not with this method: the answer tells nothing that is worth a proof.
            await next(http);
            return;
        }

        if (endpoint.Metadata.GetOrderedMetadata<AccessRule>() is not [.., var rule])
        {
            throw new InvalidOperationException($"endpoint {endpoint.DisplayName} has no access rule");
        }

        var refusal = rule.Permission == Permission.None
            ? null
            : endpoint.Metadata.GetMetadata<PageRule>() is null ? await Refusal(http, rule) : await sessions.Refusal(http);
        await (refusal is null ? next(http) : refusal.ExecuteAsync(http));
    }

    /// <summary>The answer 405 is an endpoint of the framework's own, without any route.</summary>
    private static bool IsFrameworks(Endpoint endpoint) => endpoint is not RouteEndpoint;

    private async Task<IResult?> Refusal(HttpContext http, AccessRule rule)
    {
        if (!authenticator.IsOn)
        {
            http.SetCaller(Caller.Unproven(http.Request.Headers[UserHeader].ToString()));
            return null;
        }

        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (limiter.WaitOf(address) is { Ticks: > 0 } wait)
        {
            return Problems.TooManyAttempts(wait);
        }

        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.Unauthenticated("Send a token: Authorization: Bearer TOKEN (orchestrator: environment ORCHESTRATOR_TOKEN).");
        }

        var (caller, reason) = await authenticator.Authenticate(header[Scheme.Length..].Trim(), http.RequestAborted);
        if (caller is null)
        {
            limiter.Failed(address);
            log.LogWarning("Authentication of {Address} failed: {Reason}", address, reason);
            return Problems.Unauthenticated("The token is not valid: it is unknown, expired or from another issuer. The server's log has the reason.");
        }

        http.SetCaller(caller);
        var cluster = rule.Source switch
        {
            ClusterSource.Route => http.Request.RouteValues["cluster"] as string,
            ClusterSource.Node => nodeCluster.Name,
            _ => null,
        };
        if (rule.Source == ClusterSource.Handler && !caller.MaySomewhere(rule.Permission))
        {
            return Problems.ForbiddenEverywhere(caller.Name, rule.Permission);
        }

        return rule.Source == ClusterSource.Handler || caller.May(rule.Permission, cluster)
            ? SystemRefusal(http, cluster)
            : Problems.Forbidden(caller.Name, rule.Permission, cluster);
    }

    /// <summary>Of addresses that name a database; where a body does, its handler looks at it.</summary>
    private static IResult? SystemRefusal(HttpContext http, string? cluster) =>
        http.SystemRefusal(http.Request.RouteValues["database"] as string, http.Request.RouteValues["collection"] as string, cluster);
}

/// <summary>The cluster of this process's database node; empty without one.</summary>
/// <param name="Node">The node's name; empty without one.</param>
internal sealed record NodeCluster(string Name, string Node = "")
{
    /// <summary>Where the node keeps its files; empty without one.</summary>
    public string DataDirectory { get; init; } = "";
}
