using System.Security.Authentication;
using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Puts what went wrong into words for the operator.</summary>
internal static class MongoDbErrors
{
    /// <summary>Runs a piece of work; whatever MongoDB has against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="what">What was tried, for example <c>observing m1:27017</c>.</param>
    public static Task<T> Explain<T>(string what, MongoDbClusterOptions options, Func<Task<T>> work) =>
        EngineRefusal.Explain(work, (MongoDbRefusal refusal) => ToEngine(what, options, refusal));

    public static EngineException ToEngine(string what, MongoDbClusterOptions options, MongoDbRefusal refusal)
    {
        var remedy = refusal switch
        {
            { IsDenial: true } => Remedy(options, refusal),
            { IsPrimary: true } => "; step it down first, or compact it in place with the option force",
            { IsView: true } => "; a view stores nothing that could be compacted",
            { IsInProgress: true } => "; wait until that compaction has ended",
            { IsCachePressure: true } => "; its cache is under pressure: it is tried again later, at a quieter time",
            { IsInterrupted: true } => "; somebody ended the operation, for example by killOp, or the server is going down",
            { Code: 115 } => "; collections of the in-memory storage engine cannot be compacted",
            { Code: 73 } => "; this version does not compact system collections",
            { Code: 94 } => "; the replica set is not initiated yet",
            { Code: 262 } => "; a secondary must catch up first, or give it more time with transfer-timeout",
            { Code: 268 } => "; wait until the backup has ended",
            { Code: 314 } => "; background compaction is being switched; try again",
            { Code: 323 } => "; the connection string must not set apiStrict",
            { Code: 14031 } => "; free space on its disk first",
            _ => "",
        };
        var fault = refusal.IsDenial ? EngineFault.Denied : refusal.IsWrongState ? EngineFault.WrongState : EngineFault.Failed;
        return new EngineException(fault, $"{what}: MongoDB answers '{refusal.Message.TrimEnd('.')}'{remedy}", refusal);
    }

    /// <summary>What the official driver throws, as one of the exceptions that the rest knows.</summary>
    /// <param name="what">The member and its address.</param>
    public static Exception Translate(string what, MongoDbClusterOptions options, Exception error) => error switch
    {
        MongoCommandException { InnerException: null, Result: not null } command => new MongoDbRefusal(Math.Max(0, command.Code), command.ErrorMessage ?? command.Message),
        MongoExecutionTimeoutException expired => new MongoDbRefusal(expired.Code, expired.Message),
        MongoAuthenticationException => new EngineException(
            EngineFault.Denied, $"{what} does not accept the user{Remedy(options, null)}", error),
        MongoIncompatibleDriverException => new MongoDbOtherWire(error),
        MongoConfigurationException => new EngineException(EngineFault.Misconfigured, $"{what}: {error.Message}", error),
        _ => new EngineException(Fault(error), $"{what}: {Describe(error)}", error),
    };

    /// <summary>Why no answer came, as far as the exception tells.</summary>
    public static string Describe(Exception? error)
    {
        if (EngineHttp.NoConnection(error) is { } known)
        {
            return known;
        }

        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is EndOfStreamException)
            {
                return "the connection ended before the answer";
            }
        }

        return error is TimeoutException ? "no connection in time" : "the connection failed";
    }

    private static EngineFault Fault(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return EngineFault.Denied;
            }
        }

        return EngineFault.Unreachable;
    }

    private static string Remedy(MongoDbClusterOptions options, MongoDbRefusal? refusal) => refusal switch
    {
        { Code: 13 } when options.User.Length == 0 => $"; it wants a user: set clusters.{options.Name}.auth.user and .password",
        { Code: 13 } => $"; give the user '{options.User}' the role that docs/engines/mongodb.md shows",
        _ => $"; check clusters.{options.Name}.auth: user, password and authentication database",
    };
}
