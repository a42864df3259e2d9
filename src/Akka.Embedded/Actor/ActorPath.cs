using System.Globalization;

namespace Akka.Actor;

/// <summary>
/// The place of an actor in the tree of its system. Two paths are equal when address and names are equal; the
/// uid, which tells one incarnation at a path from the next, does not count.
/// </summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>Characters that an element may hold besides letters and digits.</summary>
    internal static readonly string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private readonly ActorPath? _parent;

    internal ActorPath(Address address, string name)
    {
        Address = address;
        Name = name;
    }

    internal ActorPath(ActorPath parentPath, string name, long uid)
    {
        _parent = parentPath;
        Address = parentPath.Address;
        Depth = parentPath.Depth + 1;
        Name = name;
        Uid = uid;
    }

    /// <summary>Address of the actor system.</summary>
    public Address Address { get; }

    /// <summary>The last element; empty for the root.</summary>
    public string Name { get; }

    /// <summary>Incarnation at this path; 0 when not known.</summary>
    public long Uid { get; }

    /// <summary>Names from below the root to this actor.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[Depth];
            ActorPath path = this;
            for (var i = elements.Length - 1; i >= 0; i--)
            {
                elements[i] = path.Name;
                path = path.Parent;
            }

            return elements;
        }
    }

    /// <summary>Number of elements below the root.</summary>
    public int Depth { get; }

    /// <summary>The parent's path; the root is its own parent.</summary>
    public ActorPath Parent => _parent ?? this;

    /// <summary>The root's path.</summary>
    public ActorPath Root => _parent is null ? this : _parent.Root;

    public static bool operator ==(ActorPath? left, ActorPath? right) => Equals(left, right);

    public static bool operator !=(ActorPath? left, ActorPath? right) => !Equals(left, right);

    /// <summary>The path of a child; a <c>#uid</c> at the end of the name is taken as its uid.</summary>
    public static ActorPath operator /(ActorPath path, string name) => path.Child(name);

    /// <summary>The path below <paramref name="path"/> through all the names.</summary>
    public static ActorPath operator /(ActorPath path, IEnumerable<string> name)
    {
        foreach (var element in name)
        {
            if (element.Length > 0)
            {
                path = path.Child(element);
            }
        }

        return path;
    }

    /// <summary>True when the text can name an actor: letters, digits, <see cref="ValidSymbols"/> and %XX, not starting with <c>$</c>.</summary>
    public static bool IsValidPathElement(string? s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
        {
            return false;
        }

        for (var i = 0; i < s.Length; i++)
        {
            var c = s[i];
            if (c == '%')
            {
                if (i + 2 >= s.Length || !char.IsAsciiHexDigit(s[i + 1]) || !char.IsAsciiHexDigit(s[i + 2]))
                {
                    return false;
                }

                i += 2;
            }
            else if (!char.IsAsciiLetterOrDigit(c) && !ValidSymbols.Contains(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a full path such as <c>akka://sys/user/a#12</c>.</summary>
    /// <exception cref="UriFormatException">The text is no actor path.</exception>
    public static ActorPath Parse(string path) =>
        TryParse(path, out var result) ? result! : throw new UriFormatException($"'{path}' is not an actor path.");

    /// <summary>Reads a full path.</summary>
    internal static bool TryParse(string path, out ActorPath? actorPath)
    {
        actorPath = null;
        if (!Address.TryParse(path, out var address, out var absolute))
        {
            return false;
        }

        actorPath = new RootActorPath(address!) / absolute!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    /// <summary>Joins names to <c>/a/b</c>.</summary>
    internal static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join('/', pathElements);

    /// <summary>The path of a child.</summary>
    internal ActorPath Child(string childName)
    {
        var hash = childName.IndexOf('#');
        return hash >= 0 && long.TryParse(childName.AsSpan(hash + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var uid)
            ? new ChildActorPath(this, childName[..hash], uid)
            : new ChildActorPath(this, childName, 0);
    }

    /// <summary>The same path with another uid.</summary>
    public ActorPath WithUid(long uid) => uid == Uid ? this : _parent is null
        ? throw new NotSupportedException("The root path has no uid.")
        : new ChildActorPath(_parent, Name, uid);

    /// <summary>The names only: <c>/user/a</c>.</summary>
    public string ToStringWithoutAddress() => Depth == 0 ? "/" : FormatPathElements(Elements);

    /// <summary>The path with its own address, without the uid.</summary>
    public string ToStringWithAddress() => ToStringWithAddress(Address);

    /// <summary>The path with its own address or, when that is local, with the given one; without the uid.</summary>
    public string ToStringWithAddress(Address address) => (Address.HasGlobalScope ? Address : address) + ToStringWithoutAddress();

    /// <summary>The path with address and uid.</summary>
    internal string ToStringWithUid() => AppendUid(ToStringWithAddress());

    /// <summary>The text that is put on the wire: address, names and uid.</summary>
    public string ToSerializationFormat() => AppendUid(ToStringWithAddress());

    /// <summary>As <see cref="ToSerializationFormat"/>, with the given address in place of a local one.</summary>
    public string ToSerializationFormatWithAddress(Address address) => AppendUid(ToStringWithAddress(address));

    public bool Equals(ActorPath? other)
    {
        if (other is null || Depth != other.Depth)
        {
            return false;
        }

        ActorPath left = this;
        for (var right = other; ; left = left.Parent, right = right.Parent)
        {
            if (ReferenceEquals(left, right))
            {
                return true;
            }

            if (left.Name != right.Name)
            {
                return false;
            }

            if (left.Depth == 0)
            {
                return left.Address == right.Address;
            }
        }
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode()
    {
        var hash = Address.GetHashCode();
        for (var path = this; path.Depth > 0; path = path.Parent)
        {
            hash = HashCode.Combine(hash, path.Name);
        }

        return hash;
    }

    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => ToStringWithAddress();

    private string AppendUid(string text) => Uid == 0 ? text : text + "#" + Uid.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The root of a system's tree.</summary>
public sealed class RootActorPath : ActorPath
{
    public RootActorPath(Address address, string name = "")
        : base(address, name)
    {
    }
}

/// <summary>A path below the root.</summary>
public sealed class ChildActorPath : ActorPath
{
    internal ChildActorPath(ActorPath parentPath, string name, long uid)
        : base(parentPath, name, uid)
    {
    }
}
