namespace Orchestrator.Core.Engines;

/// <summary>Something that a compaction needs and the cluster's user may not do.</summary>
/// <param name="Member">The member that was asked.</param>
/// <param name="Resource">On what it must be done, in the engine's words.</param>
/// <param name="Actions">What is missing, by the engine's names.</param>
public sealed record AccessGap(string Member, string Resource, IReadOnlyList<string> Actions);
