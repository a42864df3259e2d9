using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>A server answered that it does not do what it was asked. Each engine has its own kind, with what its answers mean.</summary>
/// <param name="text">The server's own words.</param>
internal abstract class EngineRefusal(string text) : Exception(text)
{
    /// <summary>Runs a piece of work; what the server has against it becomes an <see cref="EngineException"/>.</summary>
    /// <param name="toEngine">Puts it into words for the operator.</param>
    public static async Task<T> Explain<T, TRefusal>(Func<Task<T>> work, Func<TRefusal, EngineException> toEngine)
        where TRefusal : EngineRefusal
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (TRefusal refusal)
        {
            throw toEngine(refusal);
        }
    }
}
