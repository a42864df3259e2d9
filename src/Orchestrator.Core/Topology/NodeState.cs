namespace Orchestrator.Core.Topology;

/// <summary>What a database node is observed to do. State is observed, never assumed.</summary>
public enum NodeState
{
    /// <summary>Serves reads and, as a primary, writes.</summary>
    Online,

    /// <summary>Compacts and goes on serving.</summary>
    Compacting,

    /// <summary>Catches up or is in maintenance; refuses reads.</summary>
    Recovering,

    /// <summary>A database of the node is closed for compaction.</summary>
    Offline,

    /// <summary>A primary that has stopped writes and waits for its successor.</summary>
    SteppingDown,

    /// <summary>No answer within the configured time.</summary>
    Unreachable,

    /// <summary>The node itself reports that it cannot serve.</summary>
    Failed,
}

/// <summary>Questions about node states, and their names as people write them.</summary>
public static class NodeStates
{
    /// <summary>Whether the node answers and can serve something.</summary>
    public static bool IsReachable(this NodeState state) => state is not (NodeState.Unreachable or NodeState.Failed);

    /// <summary>For example <c>stepping-down</c>.</summary>
    public static string ToText(this NodeState state) => state switch
    {
        NodeState.Online => "online",
        NodeState.Compacting => "compacting",
        NodeState.Recovering => "recovering",
        NodeState.Offline => "offline",
        NodeState.SteppingDown => "stepping-down",
        NodeState.Unreachable => "unreachable",
        NodeState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "unknown node state"),
    };
}
