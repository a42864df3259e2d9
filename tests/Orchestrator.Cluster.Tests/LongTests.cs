namespace Orchestrator.Cluster.Tests;

/// <summary>Tests that take several minutes and do not run by themselves.</summary>
internal static class LongTests
{
    /// <summary>Skips a test unless the environment variable <c>ORCHESTRATOR_LONG_TESTS</c> is 1.</summary>
    public static void SkipUnlessWanted() =>
        Skip.IfNot(Environment.GetEnvironmentVariable("ORCHESTRATOR_LONG_TESTS") == "1", "takes several minutes: set ORCHESTRATOR_LONG_TESTS=1");
}
