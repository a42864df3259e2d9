using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

/// <summary>A cluster member as one node sees it; two members are equal when they are the same incarnation.</summary>
public class Member : IComparable<Member>, IComparable
{
    /// <summary>Orders addresses by host, then port.</summary>
    internal static readonly IComparer<Address> AddressOrdering = Comparer<Address>.Create(CompareAddresses);

    /// <summary>Orders members by age, the oldest first: the order in which they became <see cref="MemberStatus.Up"/>.</summary>
    internal static readonly IComparer<Member> AgeOrdering = Comparer<Member>.Create(CompareAge);

    internal Member(UniqueAddress uniqueAddress, int upNumber, MemberStatus status, ImmutableHashSet<string> roles)
    {
        UniqueAddress = uniqueAddress;
        UpNumber = upNumber;
        Status = status;
        Roles = roles;
    }

    /// <summary>The incarnation.</summary>
    public UniqueAddress UniqueAddress { get; }

    /// <summary>Where the member listens.</summary>
    public Address Address => UniqueAddress.Address;

    /// <summary>Its status in this view.</summary>
    public MemberStatus Status { get; }

    /// <summary>The roles from its <c>akka.cluster.roles</c>.</summary>
    public ImmutableHashSet<string> Roles { get; }

    /// <summary>Position in the order of becoming Up, from 1; <see cref="int.MaxValue"/> before.</summary>
    internal int UpNumber { get; }

    /// <summary>True when the member has the role.</summary>
    public bool HasRole(string role) => Roles.Contains(role);

    /// <summary>
    /// True when this member became Up before the other; the address decides between members that
    /// have no or the same number.
    /// </summary>
    public bool IsOlderThan(Member other) => CompareAge(this, other) < 0;

    /// <summary>The same member with another status.</summary>
    internal Member Copy(MemberStatus status) => new(UniqueAddress, UpNumber, status, Roles);

    /// <summary>The same member, Up with the given position in the age order.</summary>
    internal Member CopyUp(int upNumber) => new(UniqueAddress, upNumber, MemberStatus.Up, Roles);

    /// <inheritdoc />
    public int CompareTo(Member? other) => other is null ? 1 : UniqueAddress.CompareTo(other.UniqueAddress);

    int IComparable.CompareTo(object? obj) => CompareTo(obj as Member);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Member other && UniqueAddress.Equals(other.UniqueAddress);

    /// <inheritdoc />
    public override int GetHashCode() => UniqueAddress.GetHashCode();

    /// <inheritdoc />
    public override string ToString() =>
        $"Member(address = {Address}, Uid={UniqueAddress.Uid} status = {Status}, role=[{string.Join(",", Roles.Order(StringComparer.Ordinal))}], upNumber={UpNumber})";

    private static int CompareAddresses(Address? left, Address? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        var byHost = string.CompareOrdinal(left.Host ?? "", right.Host ?? "");
        if (byHost != 0)
        {
            return byHost;
        }

        var byPort = (left.Port ?? 0).CompareTo(right.Port ?? 0);
        return byPort != 0 ? byPort : string.CompareOrdinal(left.System, right.System);
    }

    private static int CompareAge(Member? left, Member? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        var byNumber = left.UpNumber.CompareTo(right.UpNumber);
        return byNumber != 0 ? byNumber : left.UniqueAddress.CompareTo(right.UniqueAddress);
    }
}
