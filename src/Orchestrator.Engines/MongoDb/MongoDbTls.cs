using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MongoDB.Driver;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The certificates of a cluster, as the connections want them.</summary>
internal sealed class MongoDbTls : IDisposable
{
    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509Certificate2? _own;

    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public MongoDbTls(MongoDbTlsOptions options)
    {
        IsOn = options.IsOn;
        try
        {
            if (options.CaFile.Length > 0)
            {
                _authorities.ImportFromPemFile(options.CaFile);
            }

            _own = options.CertificateFile.Length > 0 ? X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EngineException(EngineFault.Misconfigured, $"the certificates cannot be read: {e.Message}", e);
        }
    }

    public bool IsOn { get; }

    /// <summary>Whether the client shows a certificate.</summary>
    public bool HasCertificate => _own is not null;

    public SslSettings ToSettings() => new()
    {
        ClientCertificates = _own is null ? null : [_own],
        ServerCertificateValidationCallback = _authorities.Count == 0 ? null : (_, certificate, _, problems) => IsTrusted(certificate, problems),
    };

    public void Dispose()
    {
        _own?.Dispose();
        foreach (var authority in _authorities)
        {
            authority.Dispose();
        }
    }

    /// <summary>The name must fit, and the chain must end at one of the configured authorities.</summary>
    private bool IsTrusted(X509Certificate? shown, SslPolicyErrors problems)
    {
        if (shown is not X509Certificate2 certificate || (problems & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        return chain.Build(certificate);
    }
}
