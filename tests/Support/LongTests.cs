namespace Orchestrator.Tests;

/// <summary>Tests that take several minutes, or do a part of their work, unless the environment variable <c>ORCHESTRATOR_LONG_TESTS</c> is 1.</summary>
internal static class LongTests
{
    public static bool AreWanted => Environment.GetEnvironmentVariable("ORCHESTRATOR_LONG_TESTS") == "1";

    public static void SkipUnlessWanted() => Skip.IfNot(AreWanted, "takes several minutes: set ORCHESTRATOR_LONG_TESTS=1");
}
