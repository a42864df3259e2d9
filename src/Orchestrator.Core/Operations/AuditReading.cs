using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>
/// A question about the audit trail while it is being answered: what was found so far, which segments are still to be looked into. It holds
/// no more than one answer and one segment.
/// </summary>
public sealed class AuditReading
{
    /// <summary>Entries in one answer at most.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Characters after which an answer ends, so that it fits a frame between processes.</summary>
    public const int MaxCharacters = 400_000;

    private readonly ReadAudit request;
    private readonly ImmutableList<AuditEntry> recent;
    private readonly Queue<AuditSegment> segments;
    private readonly List<AuditEntry> found = [];
    private readonly int limit;
    private long characters;
    private bool hasMore;

    internal AuditReading(ReadAudit request, IReadOnlyList<AuditSegment> segments, ImmutableList<AuditEntry> recent)
    {
        this.request = request;
        this.recent = recent;
        this.segments = new Queue<AuditSegment>(segments);
        limit = Math.Clamp(request.Limit, 1, MaxEntries);
        if (request.NewestFirst)
        {
            Take(recent);
        }
    }

    /// <summary>Whether any segment is to be read.</summary>
    public bool NeedsSegments => !hasMore && segments.Count > 0;

    /// <summary>The segment to be read next; null: there is nothing more to read, and <see cref="Answer"/> can be called.</summary>
    public AuditSegment? NextSegment() => !hasMore && segments.TryDequeue(out var next) ? next : null;

    /// <summary>What a segment holds, oldest first; nothing of one that was deleted meanwhile.</summary>
    public void Add(IReadOnlyList<AuditEntry> segment)
    {
        // What memory has too is taken from there.
        Take(recent.Count == 0 ? segment : [.. segment.Where(entry => entry.Sequence < recent[0].Sequence)]);
    }

    /// <summary>The answer, once no segment is left.</summary>
    public AuditTrail Answer()
    {
        if (!request.NewestFirst)
        {
            Take(recent);
        }

        return new AuditTrail([.. found]) { HasMore = hasMore };
    }

    private void Take(IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in request.NewestFirst ? entries.Reverse() : entries)
        {
            if (hasMore || !request.Asks(entry))
            {
                continue;
            }

            var length = entry.Detail.Length + entry.Refusal.Length + entry.Subject.Length + entry.By.Length;
            if (found.Count == limit || (found.Count > 0 && characters + length > MaxCharacters))
            {
                hasMore = true;
                return;
            }

            found.Add(entry);
            characters += length;
        }
    }
}
