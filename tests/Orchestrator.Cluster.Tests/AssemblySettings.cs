// Two lanes, each of which runs its tests one after the other: more processes at a time would cost their timing.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Orchestrator.Cluster.Tests;

/// <summary>The collections of these tests.</summary>
internal static class Lanes
{
    /// <summary>Clusters that tests take apart, and whose processes detect failures quickly.</summary>
    public const string Clusters = "clusters";

    /// <summary>Commands, the demo among them, with what they start by themselves.</summary>
    public const string Commands = "commands";
}
