namespace Orchestrator.Core.Engines;

/// <summary>What a member of an engine can do, and what a compaction of it costs. The planner sees this, never an engine's name.</summary>
/// <param name="Scope">The smallest thing that one compaction covers.</param>
/// <param name="Availability">What the member still serves while it compacts.</param>
/// <param name="TemporarySpace">The space that a compaction needs beside the files.</param>
/// <param name="EstimatesWithoutCompacting">Whether a dry run exists.</param>
/// <param name="ReportsProgress">Whether progress can be observed.</param>
/// <param name="CanCancel">Whether a running compaction can be cancelled.</param>
/// <param name="CanPause">Whether a running compaction can stop and go on later without losing work.</param>
/// <param name="HasPrimary">Whether replica sets have a primary that must be stepped down before its turn.</param>
/// <param name="Modes">The compaction modes that may be asked for; the first is the default.</param>
public sealed record EngineCapabilities(
    CompactionScopeKind Scope,
    CompactionAvailability Availability,
    TemporarySpaceRule TemporarySpace,
    bool EstimatesWithoutCompacting,
    bool ReportsProgress,
    bool CanCancel,
    bool CanPause,
    bool HasPrimary,
    IReadOnlyList<string> Modes)
{
    /// <summary>The embedded engine with its online <c>rewrite</c> mode.</summary>
    public static EngineCapabilities Embedded { get; } = new(
        CompactionScopeKind.Index,
        CompactionAvailability.Serving,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: true,
        ReportsProgress: true,
        CanCancel: true,
        CanPause: true,
        HasPrimary: true,
        ["rewrite"]);
}

/// <summary>The smallest thing that one compaction covers.</summary>
public enum CompactionScopeKind
{
    Node,
    Database,
    Collection,
    Index,
}

/// <summary>What a member still serves while it compacts.</summary>
public enum CompactionAvailability
{
    Serving,
    ReadsOnly,
    Recovering,
    Offline,
}

/// <summary>The space that a compaction needs beside the files.</summary>
public enum TemporarySpaceRule
{
    None,
    LiveData,
    WholeFile,
    Fixed,
}
