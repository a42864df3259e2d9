using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>Settings that the clusters of all discovered engines have.</summary>
internal static class SharedSettings
{
    /// <summary>The pause between two steps; null where the cluster does not say.</summary>
    public static TimeSpan? Settle(this IEngineSettings cluster) => cluster.Has("settle") ? cluster.Duration("settle", "0s", "1h") : null;
}
