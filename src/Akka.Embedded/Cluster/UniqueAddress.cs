using Akka.Actor;

namespace Akka.Cluster;

/// <summary>
/// A cluster node: its address and the uid of its incarnation, so that a process which restarts
/// at the same address is another node.
/// </summary>
public class UniqueAddress : IEquatable<UniqueAddress>, IComparable<UniqueAddress>, IComparable
{
    /// <summary>Creates the identity of one incarnation.</summary>
    public UniqueAddress(Address address, int uid)
    {
        ArgumentNullException.ThrowIfNull(address);
        Address = address;
        Uid = uid;
    }

    /// <summary>Where the node listens.</summary>
    public Address Address { get; }

    /// <summary>Random number that the actor system drew when it started.</summary>
    public int Uid { get; }

    /// <inheritdoc />
    public bool Equals(UniqueAddress? other) =>
        other is not null && Uid == other.Uid && Address.Equals(other.Address);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as UniqueAddress);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Address, Uid);

    /// <summary>Orders by address (host, port), then by uid.</summary>
    public int CompareTo(UniqueAddress? uniqueAddress)
    {
        if (uniqueAddress is null)
        {
            return 1;
        }

        var byAddress = Member.AddressOrdering.Compare(Address, uniqueAddress.Address);
        return byAddress != 0 ? byAddress : Uid.CompareTo(uniqueAddress.Uid);
    }

    int IComparable.CompareTo(object? obj) => CompareTo(obj as UniqueAddress);

    /// <inheritdoc />
    public override string ToString() => $"UniqueAddress: ({Address}, {Uid})";

    /// <summary>Equality by address and uid.</summary>
    public static bool operator ==(UniqueAddress? left, UniqueAddress? right) => Equals(left, right);

    /// <summary>Inequality by address and uid.</summary>
    public static bool operator !=(UniqueAddress? left, UniqueAddress? right) => !Equals(left, right);
}
