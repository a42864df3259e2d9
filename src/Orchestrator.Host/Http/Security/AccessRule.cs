using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Http.Security;

/// <summary>Where the cluster is named for which the permission is needed.</summary>
internal enum ClusterSource
{
    /// <summary>In the route, as <c>cluster</c>.</summary>
    Route,

    /// <summary>It is the cluster of this process's database node.</summary>
    Node,

    /// <summary>Nowhere: the permission must be one for all clusters.</summary>
    Everywhere,

    /// <summary>In the body, or in what is asked for: the handler looks at it. Without the permission anywhere it is not called.</summary>
    Handler,
}

/// <summary>What a caller needs for an endpoint. Every endpoint has exactly one, or nobody may use it.</summary>
/// <param name="Permission"><see cref="Security.Permission.None"/>: open to everybody, without any proof.</param>
internal sealed record AccessRule(Permission Permission, ClusterSource Source);

/// <summary>Rules of endpoints, and the handlers' part of checking them.</summary>
internal static class Access
{
    private static readonly object CallerKey = new();

    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Permission permission, ClusterSource source)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(permission, source));

    /// <summary>One permission for what is asked with GET, another one for everything else in the group.</summary>
    public static RouteGroupBuilder Needs(this RouteGroupBuilder group, Permission toRead, Permission toChange, ClusterSource source)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var reads = endpoint.Metadata.OfType<HttpMethodMetadata>().Any(methods => methods.HttpMethods is ["GET"]);
            endpoint.Metadata.Add(new AccessRule(reads ? toRead : toChange, source));
        });
        return group;
    }

    public static TBuilder IsOpen<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Needs(Permission.None, ClusterSource.Handler);

    /// <summary>Who sends the request; known once the access rules were checked.</summary>
    public static Caller Caller(this HttpContext http) => (Caller)http.Items[CallerKey]!;

    public static void SetCaller(this HttpContext http, Caller caller) => http.Items[CallerKey] = caller;

    /// <summary>The refusal, or null where the caller has the permission.</summary>
    /// <param name="cluster">Empty or null for everywhere.</param>
    public static IResult? Refusal(this HttpContext http, Permission permission, string? cluster) => http.Caller().Refusal(permission, cluster);

    /// <inheritdoc cref="Refusal(HttpContext, Permission, string?)"/>
    public static IResult? Refusal(this Caller caller, Permission permission, string? cluster) =>
        caller.May(permission, cluster) ? null : Problems.Forbidden(caller.Name, permission, cluster);

    /// <summary>The refusal for a system collection, or null where there is none or the caller is an administrator.</summary>
    /// <param name="database">Null or empty for none in particular.</param>
    public static IResult? SystemRefusal(this HttpContext http, string? database, string? collection, string? cluster) =>
        database is not null && SystemDatabases.Contains(database)
            ? http.Caller().SystemRefusal(string.IsNullOrEmpty(collection) ? database : $"{database}/{collection}", cluster)
            : null;

    /// <summary>The same for what the scope of a plan or run names.</summary>
    public static IResult? SystemRefusal(this Caller caller, CompactionScope scope, string? cluster) =>
        scope.NamedSystemCollection is { Length: > 0 } named ? caller.SystemRefusal(named, cluster) : null;

    private static IResult? SystemRefusal(this Caller caller, string named, string? cluster) =>
        caller.May(Permission.System, cluster) ? null : Problems.SystemCollection(caller.Name, named, cluster);
}
