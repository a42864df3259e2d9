namespace Orchestrator.Core.Nodes;

/// <summary>What one member answered about one document.</summary>
/// <param name="Sequence">Where the member's feed ended.</param>
/// <param name="PurgedThrough">The last tombstone that it has dropped.</param>
/// <param name="Held">The version that it holds; null for none.</param>
public sealed record MemberVersion(string Node, long Sequence, long PurgedThrough, HeldVersion? Held);

/// <summary>What the members' answers about one document mean.</summary>
public abstract record VersionVerdict
{
    private VersionVerdict()
    {
    }

    /// <summary>They hold the same, or one has dropped a tombstone that another still has.</summary>
    public sealed record Equal : VersionVerdict;

    /// <summary>A member has not come as far as the newest version; ask again.</summary>
    public sealed record TooEarly : VersionVerdict;

    /// <summary>Members differ although each has come as far as the newest version.</summary>
    /// <param name="Odd">Those that differ from the majority or, where there is none, from the primary.</param>
    public sealed record Different(IReadOnlyList<string> Odd) : VersionVerdict;
}

/// <summary>
/// Judges the members' answers about one document, which were not given at the same instant. A difference counts only if a second look
/// shows it again: between two answers a document can be replaced, and its tombstone be dropped.
/// </summary>
public static class VersionJudge
{
    /// <param name="primary">The member whose version counts where no majority has one; empty if it is not among them.</param>
    public static VersionVerdict Judge(IReadOnlyList<MemberVersion> members, string primary)
    {
        var newest = members.Select(member => member.Held).OfType<HeldVersion>().MaxBy(held => held.Sequence);
        if (newest is null || members.All(member => Holds(member, newest)))
        {
            return new VersionVerdict.Equal();
        }

        if (members.Any(member => member.Sequence < newest.Sequence && !Holds(member, newest)))
        {
            return new VersionVerdict.TooEarly();
        }

        var groups = members
            .GroupBy(member => Holds(member, newest) ? newest.Digest : member.Held?.Digest ?? "", StringComparer.Ordinal)
            .ToList();
        var right = groups.Find(group => group.Count() * 2 > members.Count)
            ?? groups.Find(group => group.Any(member => member.Node == primary))
            ?? groups.First(group => group.Key == newest.Digest);
        return new VersionVerdict.Different(
            [.. members.Where(member => !right.Contains(member)).Select(member => member.Node).Order(StringComparer.Ordinal)]);
    }

    private static bool Holds(MemberVersion member, HeldVersion newest) => member.Held is { } held
        ? held.Digest == newest.Digest
        : newest.Deleted && member.PurgedThrough >= newest.Sequence;
}
