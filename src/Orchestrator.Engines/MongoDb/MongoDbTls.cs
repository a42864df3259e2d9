using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The certificates of a cluster, as the connections want them.</summary>
/// <exception cref="EngineException">A certificate or key cannot be read.</exception>
internal sealed class MongoDbTls(MongoDbClusterOptions options) : IDisposable
{
    private readonly EngineCertificates _certificates = new(options.Tls);

    public bool IsOn => options.UsesTls;

    /// <summary>Whether the client shows a certificate.</summary>
    public bool HasCertificate => _certificates.Own is not null;

    public SslSettings ToSettings() => new()
    {
        ClientCertificates = _certificates.Own is { } own ? [own] : null,
        ServerCertificateValidationCallback = _certificates.Authorities.Count == 0 ? null : (_, certificate, _, problems) => IsTrusted(certificate, problems),
    };

    public void Dispose() => _certificates.Dispose();

    /// <summary>The name must fit, and the chain must end at one of the configured authorities.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">One of the two is not so: which one.</exception>
    private bool IsTrusted(X509Certificate? shown, SslPolicyErrors problems)
    {
        if (shown is not X509Certificate2 certificate || (problems & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            throw ConnectionTroubles.Refusal(problems, null);
        }

        using var chain = new X509Chain();
        chain.ChainPolicy = _certificates.ChainPolicy();
        return chain.Build(certificate) ? true : throw ConnectionTroubles.Refusal(SslPolicyErrors.RemoteCertificateChainErrors, chain);
    }
}
