using System.Net;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Http.Security;

/// <summary>
/// The names under which clients reach this server. A page of another site that makes its own name lead here (DNS rebinding) still sends
/// that name as Host, and every page sends its site as Origin; no page can choose either. An IP address needs no entry as Host:
/// it is nobody's name.
/// </summary>
internal sealed class OwnNames
{
    /// <summary>In <c>allowed-hosts</c>: every name.</summary>
    public const string Any = "*";

    private readonly HashSet<string> _names;
    private readonly Uri? _advertised;

    public OwnNames(HttpSettings settings)
    {
        _names = new HashSet<string>(settings.AllowedHosts, StringComparer.OrdinalIgnoreCase);
        _advertised = settings.AdvertisedUrl.Length > 0 ? new Uri(settings.AdvertisedUrl) : null;
    }

    /// <summary>Whether a request's Host means this server.</summary>
    public bool HasHost(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _)
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || string.Equals(host, _advertised?.Host, StringComparison.OrdinalIgnoreCase)
        || IsConfigured(host);

    /// <summary>Whether a request comes from a page of this server itself, or of one that is configured.</summary>
    /// <param name="requested">The Host that the page was loaded from, if it is this server's.</param>
    public bool HasOrigin(string origin, HostString requested) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (IsConfigured(from.Host) || IsAt(from, requested) || (_advertised is not null && IsAt(from, new HostString(_advertised.Authority))));

    private bool IsConfigured(string host) => _names.Contains(host) || _names.Contains(Any);

    /// <summary>A proxy in front may take HTTPS for this server: without a port the one that the scheme implies is meant.</summary>
    private static bool IsAt(Uri from, HostString host) =>
        string.Equals(from.Host, host.Host, StringComparison.OrdinalIgnoreCase) && (host.Port is { } port ? from.Port == port : from.IsDefaultPort);
}
