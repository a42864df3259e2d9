using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Runs;

/// <summary>Shows a run's state as a <see cref="RunView"/>.</summary>
public static class RunProjection
{
    /// <summary>The view of an existing run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="observed">Compactions as last observed, for the progress of the running step.</param>
    public static RunView View(ExistingRun run, IEnumerable<CompactionStatus> observed) => throw new NotSupportedException();
}
