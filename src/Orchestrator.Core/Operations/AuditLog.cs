using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>The last entries of the audit trail; all of them are in the supervisor's journal.</summary>
/// <param name="Entries">Oldest first, at most <see cref="Kept"/>.</param>
/// <param name="Last">Number of the last entry; 0 before the first.</param>
public sealed record AuditLog(ImmutableList<AuditEntry> Entries, long Last)
{
    /// <summary>Entries that can be read.</summary>
    public const int Kept = 1000;

    private const int LongestDetail = 2000;

    public static AuditLog Initial { get; } = new([], 0);

    /// <summary>The entry that comes next. Texts from outside are cut to a length that the journal can bear.</summary>
    /// <param name="refusal">Why the order was refused; empty if it was accepted.</param>
    public AuditEntry Next(DateTimeOffset at, string by, string action, string cluster, string subject, string detail, string refusal = "") =>
        new(Last + 1, at, Cut(by, 200), action, cluster, Cut(subject, 200), Cut(detail, LongestDetail))
        {
            Outcome = refusal.Length == 0 ? AuditEntry.Accepted : AuditEntry.Refused,
            Refusal = Cut(refusal, LongestDetail),
        };

    /// <summary>The log with one entry more.</summary>
    public AuditLog Add(AuditEntry entry)
    {
        var longer = Entries.Add(entry);
        return new AuditLog(longer.Count > Kept ? longer.RemoveAt(0) : longer, entry.Sequence);
    }

    /// <summary>The oldest entries after a number.</summary>
    public AuditTrail Read(ReadAudit request)
    {
        var first = Entries.Count == 0 ? 1 : Entries[0].Sequence;
        var skip = (int)Math.Clamp(Math.Max(0, request.After) - first + 1, 0, Entries.Count);
        return new AuditTrail([.. Entries.Skip(skip).Take(Math.Clamp(request.Limit, 1, Kept))]);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length] + "…";
}
