using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>etcd answered that it does not do what it was asked.</summary>
/// <param name="code">The gRPC status code.</param>
/// <param name="text">etcd's own words.</param>
internal sealed class EtcdRefusal(int code, string text) : EngineRefusal(text)
{
    public int Code => code;

    /// <summary>The token has expired, is of before a restart, or of before the users were changed: a new one will do.</summary>
    public bool WantsNewToken => Says("invalid auth token") || Says("revision of auth store is old") || Says("revision in header is old");

    /// <summary>User, password or permission.</summary>
    public bool IsDenial => Says("permission denied") || Says("user name is empty") || Says("authentication failed") || code is 7 or 16;

    public bool IsAuthenticationDisabled => Says("authentication is not enabled");

    public bool IsOutOfSpace => Says("database space exceeded");

    public bool IsCompactedAlready => Says("required revision has been compacted");

    public bool IsLearnerRefusal => Says("not supported for learner");

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Puts what went wrong into words for the operator.</summary>
internal static class EtcdErrors
{
    /// <summary>Runs a piece of work; whatever etcd or the network have against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="what">What was tried, for example <c>defragmenting m1</c>.</param>
    public static Task<T> Explain<T>(string what, EtcdClusterOptions options, Func<Task<T>> work) =>
        EngineRefusal.Explain(work, (EtcdRefusal refusal) => ToEngine(what, options, refusal));

    private static EngineException ToEngine(string what, EtcdClusterOptions options, EtcdRefusal refusal)
    {
        if (refusal.IsDenial || refusal.WantsNewToken)
        {
            var remedy = options.User.Length == 0
                ? $"it wants a user: set clusters.{options.Name}.auth.user and .password"
                : $"the user '{options.User}' needs the role root, and its password must be right (clusters.{options.Name}.auth)";
            return new EngineException(EngineFault.Denied, $"{what}: etcd answers '{refusal.Message}'; {remedy}", refusal);
        }

        var fault = refusal.Code is 9 or 14 ? EngineFault.WrongState : EngineFault.Failed;
        return new EngineException(fault, $"{what}: etcd answers '{refusal.Message}'", refusal);
    }
}
