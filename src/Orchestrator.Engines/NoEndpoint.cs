using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>What is told of a cluster when all its endpoints were asked and none has answered.</summary>
internal static class NoEndpoint
{
    /// <summary>One error of all that was found. Its fault is one that an operator has to mend, if there is such a one, else silence.</summary>
    /// <param name="failures">One for each endpoint, in their order; at least one.</param>
    public static EngineException Answers(string cluster, IReadOnlyList<EngineException> failures)
    {
        EngineFault[] worstFirst = [EngineFault.Denied, EngineFault.Misconfigured];
        var worst = worstFirst.Where(fault => failures.Any(failure => failure.Fault == fault)).Append(EngineFault.Unreachable).First();
        return new EngineException(
            worst, $"no endpoint of {cluster} answers: {string.Join("; ", failures.Select(failure => failure.Message))}", new AggregateException(failures));
    }
}
