using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Engines;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Composition;

/// <summary>TLS of calls to others: trusts the machine's authorities and, if given, those of a PEM file.</summary>
internal static class OutgoingHttp
{
    /// <param name="authorities">PEM file; empty for none.</param>
    /// <exception cref="FileException">The file cannot be read.</exception>
    public static SslClientAuthenticationOptions Trusting(string authorities)
    {
        if (authorities.Length == 0)
        {
            return new SslClientAuthenticationOptions();
        }

        var extra = new X509Certificate2Collection();
        try
        {
            extra.ImportFromPem(BoundedFile.ReadText(authorities));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FileException($"The authorities in {authorities} cannot be read: {FileProblem.Of(e, authorities)}.", e);
        }

        if (extra.Count == 0)
        {
            throw new FileException($"The authorities in {authorities} cannot be read: the file holds no certificate in PEM form.");
        }

        return new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors, extra),
        };
    }

    /// <summary>Why there is no answer, or none that can be used.</summary>
    public static string Reason(HttpRequestException e) => e switch
    {
        { StatusCode: { } status } => $"status {(int)status}",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => NoTls(ConnectionTroubles.Of(e)),
        { HttpRequestError: HttpRequestError.NameResolutionError } => "there is no host of that name",
        { InnerException: SocketException socket } => socket.Message.TrimEnd('.'),
        _ => "the connection failed",
    };

    private static string NoTls(IReadOnlyList<ConnectionTrouble> troubles) => "no TLS connection"
        + (ConnectionTroubles.Describe(troubles) is { Length: > 0 } why ? $": {why}" : "")
        + (troubles.Contains(ConnectionTrouble.Untrusted) ? "; orchestrator.http.tls.authorities names authorities to trust" : "");

    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not trusted: why.</exception>
    private static bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection extra)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            // What was built knows nothing of the authorities that are trusted here.
            return errors == SslPolicyErrors.None ? true : throw ConnectionTroubles.Refusal(errors, null);
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(extra);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(element => element.Certificate).ToArray());
        }

        return chain.Build(leaf) ? true : throw ConnectionTroubles.Refusal(errors, chain);
    }
}
