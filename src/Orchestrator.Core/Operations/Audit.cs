using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Asks for an <see cref="AuditTrail"/>: what people and schedules ordered.</summary>
/// <param name="After">Only entries with a higher number; 0 for all that are kept.</param>
/// <param name="Limit">Entries at most, at least 1; the oldest that fit are given.</param>
public sealed record ReadAudit(long After, int Limit) : ISupervisorRequest;

/// <summary>Entries in the order of their numbers.</summary>
public sealed record AuditTrail(IReadOnlyList<AuditEntry> Entries);

/// <summary>Somebody ordered something.</summary>
/// <param name="Sequence">From 1, without gaps.</param>
/// <param name="By">Who: a person's or token's name, or <c>schedule NAME</c>.</param>
/// <param name="Action">For example <c>start-run</c>, <c>pause-run</c>, <c>freeze</c>.</param>
/// <param name="Cluster">Where; empty for everywhere.</param>
/// <param name="Subject">What it was done to, for example a run's id.</param>
/// <param name="Detail">The rest, for people.</param>
public sealed record AuditEntry(
    long Sequence, DateTimeOffset At, string By, string Action, string Cluster, string Subject, string Detail)
{
    /// <summary>The order was followed, or is being followed.</summary>
    public const string Accepted = "accepted";

    /// <summary>The order was refused and changed nothing.</summary>
    public const string Refused = "refused";

    /// <summary><see cref="Accepted"/> or <see cref="Refused"/>; empty in entries that older versions stored, which did not say.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Why it was refused; else empty.</summary>
    public string Refusal { get; init; } = "";
}

/// <summary>Records an order that somebody gave to a node directly, past the supervisor. Not answered.</summary>
/// <param name="Subject">The node.</param>
/// <param name="Refusal">Why the node refused it; empty if it followed it.</param>
public sealed record RecordOrder(string By, string Action, string Cluster, string Subject, string Detail, string Refusal) : ISupervisorRequest;
