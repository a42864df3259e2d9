using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>Milvus answered that it does not do what it was asked; the HTTP status of that is mostly 200.</summary>
/// <param name="code">The envelope's code.</param>
/// <param name="text">Milvus's own words.</param>
internal sealed class MilvusRefusal(int code, string text) : EngineRefusal(text)
{
    public int Code => code;

    public bool IsDenial => code is 1800 or 1400 || Says("authenticat") || Says("permission") || Says("PrivilegeDenied") || Says("privilege");

    public bool IsMissing => code is 100 or 800 || Says("collection not found") || Says("database not found");

    /// <summary>A compaction of the collection is at work already (2305), or its plan collides with another one (2302).</summary>
    public bool IsBusy => code is 2305 or 2302;

    /// <summary>Not ready, out of order for a while, or asked too often.</summary>
    public bool IsTransient => IsBusy || code is 1 or 2 or 5 or 8 or 9 or 1807;

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Puts what went wrong into words for the operator.</summary>
internal static class MilvusErrors
{
    /// <summary>Runs a piece of work; whatever Milvus has against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="what">What was tried.</param>
    public static Task<T> Explain<T>(string what, MilvusClusterOptions options, Func<Task<T>> work) =>
        EngineRefusal.Explain(work, (MilvusRefusal refusal) => ToEngine(what, options, refusal));

    public static EngineException ToEngine(string what, MilvusClusterOptions options, MilvusRefusal refusal)
    {
        var remedy = refusal switch
        {
            { IsDenial: true } when options.Token.Length == 0 => $"; it wants a user: set clusters.{options.Name}.auth.user and .password, or .token",
            { IsDenial: true } => $"; look at clusters.{options.Name}.auth and the privileges of that user",
            { IsBusy: true } => "; wait until that compaction has ended",
            { Code: 2303 } => "; this cluster or collection has no clustering compaction: leave the option clustering out",
            { Code: 2 } => "; is dataCoord.enableCompaction off?",
            { Code: 8 } => "; it is asked too often: it is tried again later",
            _ => "",
        };
        var fault = refusal.IsDenial ? EngineFault.Denied : refusal.IsTransient || refusal.IsMissing ? EngineFault.WrongState : EngineFault.Failed;
        return new EngineException(fault, $"{what}: Milvus answers '{refusal.Message.TrimEnd('.')}' (code {refusal.Code}){remedy}", refusal);
    }
}
