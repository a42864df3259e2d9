using Akka.Actor;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>A committed write that waits until a majority has it on disk.</summary>
internal sealed record UnconfirmedWrite(IActorRef Sender, long Sequence, DateTimeOffset Deadline, DataReply Reply);

/// <summary>
/// Which members have which part of a primary's feed on disk, in one term, and the writes that wait for them. The primary
/// itself counts as one of the majority; its own commit comes first.
/// </summary>
/// <param name="term">The primary's term; confirmations of other terms do not count.</param>
/// <param name="primary">The primary's name.</param>
/// <param name="members">All configured members.</param>
internal sealed class MajorityConfirmations(long term, string primary, IReadOnlyList<string> members)
{
    private readonly Dictionary<string, long> confirmed = members
        .Where(member => member != primary)
        .ToDictionary(member => member, _ => 0L, StringComparer.Ordinal);

    // In order of sequence numbers, since commits are; deadlines are in the same order.
    private readonly Queue<UnconfirmedWrite> waiting = new();

    private readonly int othersNeeded = members.Count / 2;

    public long Term { get; } = term;

    public int Waiting => waiting.Count;

    /// <summary>When the oldest waiting write is given up.</summary>
    public DateTimeOffset? NextDeadline => waiting.TryPeek(out var first) ? first.Deadline : null;

    /// <summary>The last sequence number that a majority has on disk, provided the primary has it.</summary>
    public long MajorityThrough => othersNeeded == 0
        ? long.MaxValue
        : confirmed.Values.OrderDescending().ElementAtOrDefault(othersNeeded - 1);

    /// <summary>The last sequence number that all members have on disk, provided the primary has it.</summary>
    public long HeldByAllThrough => confirmed.Count == 0 ? long.MaxValue : confirmed.Values.Min();

    /// <summary>Waits for a majority; the commit's writes come in order.</summary>
    public void Await(UnconfirmedWrite write) => waiting.Enqueue(write);

    /// <summary>A member has everything up to a sequence number on disk. Members that are not configured do not count.</summary>
    /// <param name="through">0 if it begins anew, and has nothing any more.</param>
    public void Confirm(string member, long through)
    {
        if (confirmed.TryGetValue(member, out var before) && (through > before || through == 0))
        {
            confirmed[member] = through;
        }
    }

    /// <summary>What a member has confirmed.</summary>
    public long ConfirmedBy(string member) => confirmed.GetValueOrDefault(member);

    /// <summary>Takes out the writes that a majority has on disk.</summary>
    public IReadOnlyList<UnconfirmedWrite> TakeConfirmed()
    {
        var through = MajorityThrough;
        return TakeWhile(write => write.Sequence <= through);
    }

    /// <summary>Takes out the writes whose time is over.</summary>
    public IReadOnlyList<UnconfirmedWrite> TakeExpired(DateTimeOffset now) => TakeWhile(write => write.Deadline <= now);

    /// <summary>Takes out all.</summary>
    public IReadOnlyList<UnconfirmedWrite> TakeAll() => TakeWhile(_ => true);

    private List<UnconfirmedWrite> TakeWhile(Func<UnconfirmedWrite, bool> wanted)
    {
        var taken = new List<UnconfirmedWrite>();
        while (waiting.TryPeek(out var next) && wanted(next))
        {
            taken.Add(waiting.Dequeue());
        }

        return taken;
    }
}
