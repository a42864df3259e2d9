using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>Makes the HTTP clients: one for each member, so that the connections of one that hangs are in nobody's way.</summary>
/// <param name="tls">What secures the connections.</param>
/// <exception cref="EngineException">A certificate or key cannot be read.</exception>
internal sealed class EngineHttp(TlsFiles tls) : IDisposable
{
    private const int MaxConnections = 8;
    private readonly EngineCertificates certificates = new(tls);

    public HttpClient Create()
    {
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = tls.ServerName.Length > 0 ? tls.ServerName : null,
                ClientCertificates = certificates.Shown,
                CertificateChainPolicy = certificates.Authorities.Count == 0 ? null : certificates.ChainPolicy(),
            },
        };
        var client = new HttpClient(new OutgoingConnections(connections)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return client;
    }

    public void Dispose() => certificates.Dispose();

    /// <summary>Why no answer came, as far as the exception tells.</summary>
    public static string Describe(Exception error) => NoConnection(error) ?? error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection ended before the answer",
        _ => error.Message,
    };

    /// <summary>Why there is no connection; null where neither a socket nor TLS is at fault.</summary>
    public static string? NoConnection(Exception? error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return NoTls(ConnectionTroubles.Of(cause));
                case System.Net.Sockets.SocketException socket:
                    return $"no connection ({socket.Message})";
            }
        }

        return null;
    }

    private static string NoTls(IReadOnlyList<ConnectionTrouble> troubles) => "the TLS connection was not accepted"
        + (ConnectionTroubles.Describe(troubles) is { Length: > 0 } why ? $": {why}" : "")
        + (troubles.Contains(ConnectionTrouble.Untrusted) ? "; look at tls.ca"
            : troubles.Contains(ConnectionTrouble.Tls) ? "; look at tls.ca and tls.certificate, and whether the server uses TLS"
            : "");
}
