namespace Orchestrator.Core.Planning;

/// <summary>Makes plans from what was observed.</summary>
public static class Planner
{
    /// <summary>The plan for a request, or everything that stands against it.</summary>
    public static PlanResult Plan(ClusterSnapshot snapshot, CompactionRequest request, CompactionPolicy policy) =>
        throw new NotSupportedException();
}
