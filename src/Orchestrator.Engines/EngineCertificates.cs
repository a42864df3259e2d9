using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>The certificates that the <see cref="TlsFiles"/> of a cluster hold.</summary>
internal sealed class EngineCertificates : IDisposable
{
    /// <exception cref="EngineException">A certificate or key cannot be read.</exception>
    public EngineCertificates(TlsFiles files)
    {
        try
        {
            foreach (var file in (string[])[files.Ca, files.Certificate, files.Key])
            {
                RegularFile.Require(file);
            }

            if (files.Ca.Length > 0)
            {
                Authorities.ImportFromPemFile(files.Ca);
            }

            Own = files switch
            {
                { Certificate.Length: 0 } => null,
                { IsPfx: true } => X509CertificateLoader.LoadPkcs12FromFile(files.Certificate, files.Password),
                _ => X509Certificate2.CreateFromPemFile(files.Certificate, files.Key),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EngineException(EngineFault.Misconfigured, $"the certificates cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Who may sign the servers' certificates; empty: whom the system trusts.</summary>
    public X509Certificate2Collection Authorities { get; } = [];

    /// <summary>What the client shows; null for nothing.</summary>
    public X509Certificate2? Own { get; }

    /// <summary>As a handshake wants what is shown; null for nothing.</summary>
    public X509CertificateCollection? Shown => Own is null ? null : [Own];

    /// <summary>How chains of certificates are judged when only <see cref="Authorities"/> are trusted.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }

    public void Dispose()
    {
        Own?.Dispose();
        foreach (var authority in Authorities)
        {
            authority.Dispose();
        }
    }
}
