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
        var handler = new SocketsHttpHandler
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
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return client;
    }

    public void Dispose() => certificates.Dispose();

    /// <summary>Why no answer came, as far as the exception tells.</summary>
    public static string Describe(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException tls:
                    return $"the TLS connection was not accepted{Because(tls.Message)}; look at tls.ca, tls.certificate and tls.server-name";
                case System.Net.Sockets.SocketException socket:
                    return $"no connection ({socket.Message})";
            }
        }

        return error is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } ? "the connection ended before the answer" : error.Message;
    }

    /// <summary>The runtime names in the message what is wrong with the server's certificate: SslPolicyErrors or X509ChainStatusFlags.</summary>
    private static string Because(string message)
    {
        (string Named, string Words)[] troubles =
        [
            ("RemoteCertificateNameMismatch", "its certificate is for another name"),
            ("RemoteCertificateNotAvailable", "it shows no certificate"),
            ("NotTimeValid", "its certificate has expired, or is not valid yet"),
            ("UntrustedRoot", "no authority that is trusted here has signed its certificate"),
            ("PartialChain", "no authority that is trusted here has signed its certificate"),
            ("Revoked", "its certificate is revoked"),
        ];
        var found = troubles.Where(trouble => message.Contains(trouble.Named, StringComparison.Ordinal)).Select(trouble => trouble.Words).Distinct().ToList();
        return found.Count > 0 ? $": {string.Join("; ", found)}" : "";
    }
}
