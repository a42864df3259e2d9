using System.Globalization;

namespace Akka.Actor;

/// <summary>
/// Where an actor system is reached: <c>akka://name</c> inside its own process, or
/// <c>akka.tcp://name@host:port</c> from elsewhere.
/// </summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable
{
    /// <summary>Orders addresses by their text.</summary>
    public static readonly IComparer<Address> Comparer = Comparer<Address>.Create(
        (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private string? _text;

    /// <param name="protocol">For example <c>akka</c> or <c>akka.tcp</c>.</param>
    /// <param name="system">Name of the actor system.</param>
    /// <param name="host">Host name or IP address; null for a local address.</param>
    /// <param name="port">Port, 0 to 65535; null for a local address.</param>
    public Address(string protocol, string system, string? host = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(system);
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
    }

    /// <summary>Protocol, without <c>://</c>.</summary>
    public string Protocol { get; }

    /// <summary>Name of the actor system.</summary>
    public string System { get; }

    /// <summary>Host in lower case, or null for a local address.</summary>
    public string? Host { get; }

    /// <summary>Port, or null for a local address.</summary>
    public int? Port { get; }

    /// <summary>True when the address only has a meaning inside its own process.</summary>
    public bool HasLocalScope => string.IsNullOrEmpty(Host);

    /// <summary>True when other processes can use the address.</summary>
    public bool HasGlobalScope => !string.IsNullOrEmpty(Host);

    public static bool operator ==(Address? left, Address? right) => Equals(left, right);

    public static bool operator !=(Address? left, Address? right) => !Equals(left, right);

    /// <summary>Reads an address.</summary>
    /// <exception cref="UriFormatException">The text is no address.</exception>
    public static Address Parse(string address) =>
        TryParse(address, out var result) ? result! : throw new UriFormatException($"'{address}' is not an actor system address.");

    /// <summary>Reads an address; anything after it (a path) is left alone.</summary>
    public static bool TryParse(string path, out Address? address) => TryParse(path, out address, out _);

    /// <summary>Reads an address and gives the path behind it, starting with a slash (<c>/</c> if there is none).</summary>
    internal static bool TryParse(string path, out Address? address, out string? absolutUri)
    {
        address = null;
        absolutUri = null;
        if (string.IsNullOrEmpty(path))
        {
            return false;
        }

        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0 || !path.StartsWith("akka", StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(scheme + 3);
        var slash = rest.IndexOf('/');
        var authority = slash < 0 ? rest : rest[..slash];
        absolutUri = slash < 0 ? "/" : rest[slash..].ToString();
        if (authority.IsEmpty)
        {
            return false;
        }

        return TryParseAuthority(path[..scheme], authority, out address);
    }

    /// <summary>The same address with another protocol.</summary>
    internal Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    /// <summary>The same address with another system name.</summary>
    internal Address WithSystem(string system) => new(Protocol, system, Host, Port);

    /// <summary>The same address with another host.</summary>
    internal Address WithHost(string? host = null) => new(Protocol, System, host, Port);

    /// <summary>The same address with another port.</summary>
    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    /// <summary>The address without its protocol: <c>system@host:port</c>.</summary>
    public string HostPort() => ToString()[(Protocol.Length + 3)..];

    public bool Equals(Address? other) =>
        other is not null && Port == other.Port && Host == other.Host && System == other.System && Protocol == other.Protocol;

    public override bool Equals(object? obj) => Equals(obj as Address);

    public override int GetHashCode() => HashCode.Combine(Host, Port, System, Protocol);

    public int CompareTo(Address? other) => other is null ? 1 : Comparer.Compare(this, other);

    int IComparable.CompareTo(object? obj) => CompareTo(obj as Address);

    public override string ToString() => _text ??= HasLocalScope
        ? $"{Protocol}://{System}"
        : string.Create(CultureInfo.InvariantCulture, $"{Protocol}://{System}@{Host}:{Port}");

    private static bool TryParseAuthority(string protocol, ReadOnlySpan<char> authority, out Address? address)
    {
        address = null;
        var at = authority.IndexOf('@');
        if (at < 0)
        {
            if (authority.Contains(':'))
            {
                return false;
            }

            address = new Address(protocol, authority.ToString());
            return true;
        }

        var hostPort = authority[(at + 1)..];
        var colon = hostPort.LastIndexOf(':');
        if (at == 0 || colon <= 0 ||
            !int.TryParse(hostPort[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
        {
            return false;
        }

        address = new Address(protocol, authority[..at].ToString(), hostPort[..colon].ToString(), port);
        return true;
    }
}
