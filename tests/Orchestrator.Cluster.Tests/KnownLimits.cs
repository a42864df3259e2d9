namespace Orchestrator.Cluster.Tests;

/// <summary>Tests that do not run by themselves, and why.</summary>
internal static class KnownLimits
{
    /// <summary>What the product does not do dependably yet.</summary>
    public const string Reason = "not dependable yet: docs/adr/0002-cluster-membership.md, known limits";

    /// <summary>Skips a test of many minutes unless the environment variable <c>ORCHESTRATOR_LONG_TESTS</c> is 1.</summary>
    public static void SkipUnlessLong() =>
        Skip.IfNot(Environment.GetEnvironmentVariable("ORCHESTRATOR_LONG_TESTS") == "1", "takes many minutes: set ORCHESTRATOR_LONG_TESTS=1");
}
