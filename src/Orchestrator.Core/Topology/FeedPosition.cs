namespace Orchestrator.Core.Topology;

/// <summary>How far a member has one collection's change feed on disk.</summary>
/// <param name="Database">Name of the database.</param>
/// <param name="Collection">Name of the collection.</param>
/// <param name="Term">Term of the last change; 0 for an empty feed.</param>
/// <param name="Sequence">Sequence number of the last change; 0 for an empty feed.</param>
public sealed record FeedPosition(string Database, string Collection, long Term, long Sequence);
