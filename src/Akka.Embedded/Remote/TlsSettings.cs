using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>
/// TLS for the connections, from <c>ssl</c>. Both sides show the certificate: a peer without one that this
/// machine trusts gets no connection.
/// </summary>
internal sealed class TlsSettings
{
    private readonly X509Certificate2 _certificate;
    private readonly bool _suppressValidation;
    private readonly bool _mutual;
    private readonly bool _checkHostname;

    /// <exception cref="ConfigurationException">The certificate is missing or cannot be read.</exception>
    public TlsSettings(Config config, string path)
    {
        _suppressValidation = config.GetBoolean($"{path}.suppress-validation");
        _mutual = config.GetBoolean($"{path}.require-mutual-authentication");
        _checkHostname = config.GetBoolean($"{path}.validate-certificate-hostname");
        _certificate = Load(config.GetString($"{path}.certificate.path", ""), config.GetString($"{path}.certificate.password", ""), path);
    }

    /// <summary>Encrypts an accepted connection.</summary>
    /// <exception cref="AuthenticationException">The peer does not speak TLS, or is not trusted; the message says which.</exception>
    public async Task<Stream> AcceptAsync(Stream connection, CancellationToken token)
    {
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        var distrust = "";
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = _mutual,
            EnabledSslProtocols = SslProtocols.None,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                (!_mutual && certificate is null) || IsTrusted(certificate, chain, errors, isServer: false, out distrust),
        };
        await Authenticate(stream.AuthenticateAsServerAsync(options, token), () => distrust).ConfigureAwait(false);
        return stream;
    }

    /// <summary>Encrypts a connection to the host.</summary>
    /// <exception cref="AuthenticationException">The peer does not speak TLS, or is not trusted; the message says which.</exception>
    public async Task<Stream> ConnectAsync(Stream connection, string host, CancellationToken token)
    {
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        var distrust = "";
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = [_certificate],
            EnabledSslProtocols = SslProtocols.None,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                IsTrusted(certificate, chain, errors, isServer: true, out distrust),
        };
        await Authenticate(stream.AuthenticateAsClientAsync(options, token), () => distrust).ConfigureAwait(false);
        return stream;
    }

    private static async Task Authenticate(Task handshake, Func<string> distrust)
    {
        try
        {
            await handshake.ConfigureAwait(false);
        }
        catch (AuthenticationException cause)
        {
            throw new AuthenticationException(distrust() is { Length: > 0 } reason ? reason : $"the TLS handshake failed: {cause.Message}", cause);
        }
    }

    /// <param name="reason">Why it is not trusted, with whose certificate it is.</param>
    private bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, bool isServer, out string reason)
    {
        var trusted = IsTrusted(errors, isServer);
        var flaws = chain?.ChainStatus.Select(status => status.Status.ToString()).Distinct() ?? [];
        reason = trusted ? ""
            : certificate is null ? "the peer shows no certificate"
            : $"the peer's certificate {certificate.Subject} of {certificate.Issuer} is not trusted: {string.Join(", ", flaws.Prepend(errors.ToString()))}";
        return trusted;
    }

    private bool IsTrusted(SslPolicyErrors errors, bool isServer)
    {
        if (_suppressValidation)
        {
            return (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0;
        }

        var relevant = isServer && _checkHostname ? errors : errors & ~SslPolicyErrors.RemoteCertificateNameMismatch;
        return relevant == SslPolicyErrors.None;
    }

    private static X509Certificate2 Load(string file, string password, string path)
    {
        if (file.Length == 0)
        {
            throw new ConfigurationException($"{path}.certificate.path is empty; TLS needs a PKCS#12 file.");
        }

        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(file, password);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"{path}.certificate.path: '{file}' cannot be read: {cause.Message}", cause);
        }
    }
}
