namespace Orchestrator.Core.Topology;

/// <summary>
/// Asks the supervisor to have a member remove index files whose definition is gone. Answered with
/// <see cref="Nodes.IndexesCleanedUp"/>.
/// </summary>
/// <param name="Database">Only this database; empty for all.</param>
/// <param name="Collection">Only this collection; empty for all.</param>
public sealed record RequestIndexCleanup(string Cluster, string Node, string Database, string Collection) : ISupervisorRequest
{
    /// <summary>Who orders it; empty in orders of older processes.</summary>
    public string By { get; init; } = "";

    /// <summary>Also the partial copies that interrupted compactions left to be gone on with.</summary>
    public bool PartialCopies { get; init; }
}

/// <summary>
/// Asks the supervisor to have a member put its copy of a collection aside and copy it anew from the primary. Answered with
/// <see cref="Nodes.ResyncBegun"/>.
/// </summary>
public sealed record RequestResync(string Cluster, string Node, string Database, string Collection) : ISupervisorRequest
{
    /// <summary>Who orders it; empty in orders of older processes.</summary>
    public string By { get; init; } = "";

    /// <summary>Why, for the audit trail; may be empty.</summary>
    public string Reason { get; init; } = "";
}
