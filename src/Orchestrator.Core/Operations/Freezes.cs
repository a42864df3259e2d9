using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>The kill switch: nothing starts while it is on. What is at work finishes its step and then waits.</summary>
/// <param name="Cluster">Where; empty for everywhere.</param>
/// <param name="By">Who switched it on.</param>
/// <param name="Reason">Why; never empty.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends by itself; null: only by <see cref="LiftFreeze"/>.</param>
public sealed record Freeze(string Cluster, string By, string Reason, DateTimeOffset At, DateTimeOffset? Until);

/// <summary>Switches the kill switch on. Answered with <see cref="FreezeList"/>; refused where one is in force, unless it replaces that.</summary>
/// <param name="Replace">Whether it may take the place of a freeze in force, whose owner and reason are then only in the audit trail.</param>
public sealed record StartFreeze(string Cluster, string By, string Reason, DateTimeOffset? Until, bool Replace = false) : ISupervisorRequest;

/// <summary>Switches it off. Answered with <see cref="FreezeList"/>; refused where there is none.</summary>
public sealed record LiftFreeze(string Cluster, string By) : ISupervisorRequest;

/// <summary>Asks for <see cref="FreezeList"/>.</summary>
public sealed record ListFreezes : ISupervisorRequest;

/// <summary>All freezes in force.</summary>
public sealed record FreezeList(IReadOnlyList<Freeze> Freezes);
