using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Cluster.Tests;

/// <summary>An authority of a test's own, with certificates for processes on loopback, as PKCS#12 files.</summary>
internal sealed class Authority : IDisposable
{
    public const string Password = "pass äöü \"1\"";

    private readonly string directory;
    private readonly string name;
    private readonly X509Certificate2 root;

    public Authority(string directory, string name)
    {
        this.directory = directory;
        this.name = name;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        root = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(12));
        File.WriteAllText(RootFile, root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate (PEM).</summary>
    public string RootFile => Path.Combine(directory, $"{name}.pem");

    /// <summary>A certificate of a process on 127.0.0.1.</summary>
    /// <returns>The file.</returns>
    public string Issue(string subject, bool withKey = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(root, now.AddMinutes(-30), now.AddHours(6), RandomNumberGenerator.GetBytes(8));
        using var complete = certificate.CopyWithPrivateKey(key);
        var file = Path.Combine(directory, $"{name}-{subject}.pfx");
        File.WriteAllBytes(file, (withKey ? complete : certificate).Export(X509ContentType.Pkcs12, Password)!);
        return file;
    }

    public void Dispose() => root.Dispose();
}
