using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Engines;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Composition;

/// <summary>
/// The certificate of the connection between processes, looked at before the actor system takes it, whose errors know nothing of
/// the product's settings.
/// </summary>
internal static class RemotingCertificate
{
    private const string Setting = "orchestrator.remoting.tls.certificate";

    /// <returns>From when until when it is valid.</returns>
    /// <exception cref="FileException">It cannot be read, or has no key.</exception>
    public static (DateTime From, DateTime Until) Check(RemotingTlsSettings tls)
    {
        try
        {
            RegularFile.Require(tls.Certificate);
            using var certificate = X509CertificateLoader.LoadPkcs12FromFile(tls.Certificate, tls.Password.IsEmpty ? null : tls.Password.Value);
            if (!certificate.HasPrivateKey)
            {
                throw new FileException($"{Setting}: {tls.Certificate} contains no key; create a PKCS#12 file with certificate and key.");
            }

            return (certificate.NotBefore, certificate.NotAfter);
        }
        catch (CryptographicException e) when (File.Exists(tls.Certificate))
        {
            throw new FileException(
                $"{Setting}: {tls.Certificate} cannot be opened: {FileProblem.Of(e, tls.Certificate)}. It must be a PKCS#12 file, and orchestrator.remoting.tls.password its password.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FileException($"{Setting}: {tls.Certificate} cannot be read: {(File.Exists(tls.Certificate) ? FileProblem.Of(e, tls.Certificate) : "there is no such file")}.", e);
        }
    }
}
