using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>Makes the HTTP clients: one for each member, so that the connections of one that hangs are in nobody's way.</summary>
internal sealed class EngineHttp : IDisposable
{
    private const int MaxConnections = 8;
    private readonly string serverName;
    private readonly X509Certificate2Collection authorities = [];
    private readonly X509Certificate2? own;

    /// <param name="files">What secures the connections.</param>
    /// <param name="serverName">Name that the servers' certificates must have; empty: that of the URL.</param>
    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public EngineHttp(PemFiles files, string serverName)
    {
        this.serverName = serverName;
        try
        {
            if (files.Ca.Length > 0)
            {
                authorities.ImportFromPemFile(files.Ca);
            }

            own = files.Certificate.Length > 0 ? X509Certificate2.CreateFromPemFile(files.Certificate, files.Key) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EngineException(EngineFault.Misconfigured, $"the certificates cannot be read: {e.Message}", e);
        }
    }

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
                TargetHost = serverName.Length > 0 ? serverName : null,
                ClientCertificates = own is null ? null : [own],
                CertificateChainPolicy = ChainPolicy(),
            },
        };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return client;
    }

    public void Dispose()
    {
        own?.Dispose();
        foreach (var authority in authorities)
        {
            authority.Dispose();
        }
    }

    /// <summary>Why no answer came, as far as the exception tells.</summary>
    public static string Describe(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException tls:
                    return $"the TLS connection was not accepted ({tls.Message}); look at tls.ca, tls.certificate and tls.server-name";
                case System.Net.Sockets.SocketException socket:
                    return $"no connection ({socket.Message})";
            }
        }

        return error is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } ? "the connection ended before the answer" : error.Message;
    }

    private X509ChainPolicy? ChainPolicy()
    {
        if (authorities.Count == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
