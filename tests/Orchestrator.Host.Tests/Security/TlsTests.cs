using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Tests.Cli;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTime time = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task The_server_speaks_TLS_and_clients_that_trust_its_authority_get_in()
    {
        WritePem("one");
        await using var api = await Start("certificate = \"{0}/server.pem\", key = \"{0}/server.key\"");

        var (stranger, _, error) = await CliHarness.Run("runs", "--server", api.Address.ToString());
        var (trusting, output, _) = await CliHarness.Run("runs", "--server", api.Address.ToString(), "--ca", Path.Combine(directory.Path, "server.pem"));

        Assert.Equal("https", api.Address.Scheme);
        Assert.Equal(4, stranger);
        Assert.Contains("certificate", error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, trusting);
        Assert.Contains("no runs", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not()
    {
        WritePem("one");
        await using var api = await Start("certificate = \"{0}/server.pem\", key = \"{0}/server.key\"");
        Assert.Equal("CN=one", await Subject(api));

        WritePem("two");
        Assert.Equal("CN=one", await Subject(api));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=two", await Subject(api));

        File.WriteAllText(Path.Combine(directory.Path, "server.key"), "nonsense");
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=two", await Subject(api));
    }

    [Fact]
    public async Task A_PKCS12_file_with_a_password_is_taken()
    {
        using var certificate = Make("three");
        File.WriteAllBytes(Path.Combine(directory.Path, "server.pfx"), certificate.Export(X509ContentType.Pkcs12, "pass"));
        await using var api = await Start("certificate = \"{0}/server.pfx\", password = pass");

        Assert.Equal("CN=three", await Subject(api));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<Host.Formatting.FileException>(() => Start("certificate = \"{0}/none.pem\""));
        Assert.Contains("none.pem", failure.Message, StringComparison.Ordinal);
    }

    private Task<ApiHost> Start(string tls) => ApiHost.Start(
        supervisor: _ => new RunPage([], ""),
        security: $"http.tls {{ {tls.Replace("{0}", directory.Path, StringComparison.Ordinal)} }}",
        time: time);

    private static async Task<string> Subject(ApiHost api)
    {
        var subject = "";
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => (subject = certificate!.Subject).Length > 0 },
        });
        using var answer = await client.GetAsync(new Uri(api.Address, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return subject;
    }

    private void WritePem(string name)
    {
        using var certificate = Make(name);
        File.WriteAllText(Path.Combine(directory.Path, "server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory.Path, "server.key"), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());

        // Two files of the same second must be told apart.
        File.SetLastWriteTimeUtc(Path.Combine(directory.Path, "server.pem"), DateTime.UnixEpoch.AddSeconds(name[0]));
    }

    private static X509Certificate2 Make(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
