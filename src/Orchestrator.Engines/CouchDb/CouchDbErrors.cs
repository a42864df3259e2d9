using System.Globalization;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>CouchDB answered that it does not do what it was asked.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="error">CouchDB's word for it, for example <c>not_found</c>.</param>
/// <param name="reason">Its own sentence.</param>
internal sealed class CouchDbRefusal(int status, string error, string reason) : EngineRefusal($"{status} {error}: {reason}")
{
    public int Status => status;

    public string Error => error;

    public string Reason => reason;

    public bool IsDenial => status is 401 or 403;

    /// <summary>Services keep compaction to themselves.</summary>
    public bool IsNotOffered => status == 405;

    /// <summary>Database, shard copy, design document or setting is not there.</summary>
    public bool IsMissing => status == 404 && !IsUnknownNode;

    public bool IsUnknownNode => status == 404 && reason.StartsWith("no such node", StringComparison.Ordinal);

    public bool IsNodeDown => status == 412 && error == "nodedown";

    public bool IsConflict => status == 409;

    /// <summary>The disk monitor of 3.4 and later stops writes.</summary>
    public bool IsOutOfSpace => status == 507;

    /// <summary>It may be another answer in a moment.</summary>
    public bool IsPassing => status is 500 or 502 or 503 or 504;
}

/// <summary>Puts what went wrong into words for the operator.</summary>
internal static class CouchDbErrors
{
    /// <summary>Runs a piece of work; whatever CouchDB has against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="what">What was tried, for example <c>observing couchdb@c1</c>.</param>
    public static Task<T> Explain<T>(string what, CouchDbClusterOptions options, Func<Task<T>> work) =>
        EngineRefusal.Explain(work, (CouchDbRefusal refusal) => ToEngine(what, options, refusal));

    public static EngineException ToEngine(string what, CouchDbClusterOptions options, CouchDbRefusal refusal)
    {
        var remedy = refusal switch
        {
            { Status: 401 } when options.User.Length == 0 => $"; it wants a user: set clusters.{options.Name}.auth.user and .password",
            { Status: 401 } =>
                $"; correct clusters.{options.Name}.auth and start the orchestrator again. The password is not tried again: after five wrong ones CouchDB locks the account",
            { Status: 403 } when refusal.Reason.Contains("locked", StringComparison.OrdinalIgnoreCase) => "; wait some minutes, and find out who uses a wrong password",
            { Status: 403 } => $"; the user '{options.User}' must be a server administrator",
            { IsNotOffered: true } => "; this service does not offer compaction: it compacts by itself",
            { IsNodeDown: true } or { IsUnknownNode: true } => "; the other nodes do not reach it",
            { IsOutOfSpace: true } => "; free space on its disk first",
            { IsPassing: true } => "; it is tried again later",
            _ => "",
        };
        var fault = refusal switch
        {
            { IsDenial: true } => EngineFault.Denied,

            // Another try would end in the same way until an administrator has done something.
            { IsNotOffered: true } or { IsOutOfSpace: true } => EngineFault.Misconfigured,
            { IsNodeDown: true } or { IsUnknownNode: true } or { IsPassing: true } => EngineFault.Unreachable,
            _ => EngineFault.Failed,
        };
        return new EngineException(
            fault, string.Create(CultureInfo.InvariantCulture, $"{what}: CouchDB answers {refusal.Status} '{refusal.Reason.TrimEnd('.')}'{remedy}"), refusal);
    }
}
