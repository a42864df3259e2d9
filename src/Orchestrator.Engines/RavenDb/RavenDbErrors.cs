using System.Net;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>RavenDB answered that it does not do what it was asked. Its status says little: most refusals are 500, decided by their type.</summary>
/// <param name="type">Name of the server's exception with its namespace; empty if it gave none.</param>
/// <param name="text">The server's own words.</param>
internal sealed class RavenDbRefusal(HttpStatusCode status, string type, string text) : EngineRefusal(text)
{
    public HttpStatusCode Status => status;

    /// <summary>Name of the server's exception without its namespace.</summary>
    public string Type { get; } = type[(type.LastIndexOf('.') + 1)..];

    public bool IsDenial => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || Type is "AuthorizationException" or "InsufficientTransportLayerProtectionException";

    /// <summary>The database is unloaded and locked, most often because it is being compacted.</summary>
    public bool IsDatabaseDisabled => Type == "DatabaseDisabledException";

    public bool IsMissing => Type is "DatabaseDoesNotExistException" || Says("doesn't exist") || Says("does not exist") || Says("doesn't reside on this node");

    public bool IsTransient => IsDatabaseDisabled || status is HttpStatusCode.ServiceUnavailable || Type is "NoLeaderException" or "DatabaseLoadTimeoutException"
        or "DatabaseConcurrentLoadTimeoutException" or "ConcurrencyException" || Says("already in progress") || Says("being compacted");

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Puts what went wrong into words for the operator.</summary>
internal static class RavenDbErrors
{
    /// <summary>Runs a piece of work; whatever RavenDB has against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="what">What was tried, for example <c>observing A</c>.</param>
    public static Task<T> Explain<T>(string what, RavenDbClusterOptions options, Func<Task<T>> work) =>
        EngineRefusal.Explain(work, (RavenDbRefusal refusal) => ToEngine(what, options, refusal));

    public static EngineException ToEngine(string what, RavenDbClusterOptions options, RavenDbRefusal refusal)
    {
        var remedy = refusal switch
        {
            { IsDenial: true } when options.Tls.Certificate.Length == 0 => $"; it wants a client certificate: set clusters.{options.Name}.tls.certificate",
            { IsDenial: true } => $"; the certificate of clusters.{options.Name}.tls needs the clearance Operator",
            { Type: "NotSupportedInShardingException" } => "; a sharded database is compacted shard by shard, as NAME$0, NAME$1 and so on",
            { Type: "NotSupportedInCoraxException" } => "; indexes of the engine Corax cannot be compacted: leave them out",
            { Type: "NoLeaderException" } => "; the cluster has no leader: bring a majority of its nodes back first",
            { IsDatabaseDisabled: true } => "; wait until that has ended",
            _ => "",
        };
        var fault = refusal.IsDenial ? EngineFault.Denied : refusal.IsTransient || refusal.IsMissing ? EngineFault.WrongState : EngineFault.Failed;
        return new EngineException(fault, $"{what}: RavenDB answers '{FirstLine(refusal.Message)}'{remedy}", refusal);
    }

    /// <summary>The server adds its stack traces to its messages.</summary>
    public static string FirstLine(string text)
    {
        var line = text.AsSpan().TrimStart();
        line = line.IndexOfAny('\r', '\n') is >= 0 and var end ? line[..end] : line;
        return line.TrimEnd().TrimEnd('.').ToString();
    }
}
