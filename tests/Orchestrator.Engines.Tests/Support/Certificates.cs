using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>An authority of a test's own, with certificates for members on loopback and for a client, as PEM files.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-tls-").FullName;
    private readonly X509Certificate2 authority;

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, until) = Validity();
        authority = request.CreateSelfSigned(from, until);
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        Write("server");
        Write("client");
    }

    public string Authority => Path.Combine(directory, "ca.pem");

    public string Certificate(string name) => Path.Combine(directory, $"{name}.pem");

    public string Key(string name) => Path.Combine(directory, $"{name}-key.pem");

    /// <summary>With its key, as a server needs it.</summary>
    public X509Certificate2 Load(string name) => Reload(X509Certificate2.CreateFromPemFile(Certificate(name), Key(name)));

    /// <summary>For a test's own calls.</summary>
    public HttpClient CreateClient() => new(new HttpClientHandler
    {
        ServerCertificateCustomValidationCallback = (_, _, _, _) => true,
        ClientCertificates = { Load("client") },
    });

    public void Dispose()
    {
        authority.Dispose();
        TemporaryFiles.Delete(directory);
    }

    private static X509Certificate2 Reload(X509Certificate2 ephemeral) => X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);

    private static (DateTimeOffset From, DateTimeOffset Until) Validity()
    {
        var now = TimeProvider.System.GetUtcNow();
        return (now.AddHours(-1), now.AddHours(12));
    }

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var (from, until) = Validity();
        using var certificate = request.Create(authority, from.AddMinutes(1), until.AddMinutes(-1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Certificate(name), certificate.ExportCertificatePem());
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
    }
}
