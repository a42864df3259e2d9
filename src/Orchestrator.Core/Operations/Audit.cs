using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Asks for an <see cref="AuditTrail"/>: what people and schedules ordered.</summary>
/// <param name="After">Only entries with a higher number; 0 for all that are kept.</param>
/// <param name="Limit">Entries at most, 1 to <see cref="AuditReading.MaxEntries"/>; the first that fit are given.</param>
public sealed record ReadAudit(long After, int Limit) : ISupervisorRequest
{
    /// <summary>Only entries with a lower number; 0 for all.</summary>
    public long Before { get; init; }

    /// <summary>Only entries of this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only entries before this time; null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>From the highest number down, instead of from the lowest up.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Whether an entry is one of those that are asked for.</summary>
    public bool Asks(AuditEntry entry) =>
        entry.Sequence > After
        && (Before == 0 || entry.Sequence < Before)
        && !(entry.At < Since)
        && !(entry.At >= Until);
}

/// <summary>Entries in the order of their numbers, or in the opposite order, as was asked for.</summary>
public sealed record AuditTrail(IReadOnlyList<AuditEntry> Entries)
{
    /// <summary>Whether there are further ones in that direction: to be asked for after, or before, the last of these.</summary>
    public bool HasMore { get; init; }
}

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

/// <summary>
/// Records an order that somebody gave to a node directly, past the supervisor. Answered with <see cref="OrderRecorded"/>; an order of the same
/// book with the same number is recorded once, however often it is sent.
/// </summary>
/// <param name="Subject">The node.</param>
/// <param name="Refusal">Why the node refused it; empty if it followed it.</param>
public sealed record RecordOrder(string By, string Action, string Cluster, string Subject, string Detail, string Refusal) : ISupervisorRequest
{
    /// <summary>Names the node's book, which has numbers of its own; empty for an order without one, which is recorded each time it is sent.</summary>
    public string Book { get; init; } = "";

    /// <summary>From 1, in the order in which they were given.</summary>
    public long Number { get; init; }

    /// <summary>When it was given, by the node's clock.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The order is in the audit trail, and in the journal.</summary>
public sealed record OrderRecorded(long Number);
