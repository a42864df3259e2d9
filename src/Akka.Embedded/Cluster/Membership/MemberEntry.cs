using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>What the cluster knows of one incarnation.</summary>
/// <param name="Node">The incarnation.</param>
/// <param name="Roles">Its roles; they never change during its life.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="UpNumber">Position in the age order, from 1; <see cref="NotUp"/> before it became Up.</param>
internal sealed record MemberEntry(UniqueAddress Node, ImmutableHashSet<string> Roles, MemberStage Stage, int UpNumber)
{
    /// <summary>The up-number of a member that was never Up.</summary>
    public const int NotUp = int.MaxValue;

    /// <summary>
    /// The least entry that knows what both know: the later stage, the smaller number. Taking the minimum
    /// of the numbers makes the result the same in any order, should two leaders ever have numbered a member.
    /// </summary>
    public MemberEntry Merge(MemberEntry other)
    {
        var stage = (MemberStage)Math.Max((int)Stage, (int)other.Stage);
        var upNumber = Math.Min(UpNumber, other.UpNumber);
        return stage == Stage && upNumber == UpNumber ? this : this with { Stage = stage, UpNumber = upNumber };
    }

    /// <summary>Same stage and number (node and roles are the same by construction).</summary>
    public bool SameAs(MemberEntry other) => Stage == other.Stage && UpNumber == other.UpNumber;

    /// <summary>The member as applications see it.</summary>
    public Member ToMember() => new(Node, UpNumber, Stage.ToStatus(), Roles);
}
