using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Doctor;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>What the doctor, a command and a webhook say to do follows from what keeps the connection from coming about.</summary>
public sealed class RemedyTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("etcd", "127.0.0.1", 100, false, "Set tls.ca")]
    [InlineData("etcd", "127.0.0.1", -1, true, "Renew the server's certificate")]
    [InlineData("etcd", "10.1.1.1", 100, true, "by a name that its certificate has")]
    [InlineData("mongodb", "127.0.0.1", 100, false, "Set tls.ca")]
    [InlineData("mongodb", "127.0.0.1", -1, true, "Renew the server's certificate")]
    [InlineData("mongodb", "10.1.1.1", 100, true, "by a name that its certificate has")]
    public async Task The_doctor_tells_what_to_do_about_a_certificate_that_is_refused(string engine, string address, int days, bool trusted, string remedy)
    {
        await using var server = new Server(Certificate(address, days));
        var found = await Look(engine, $"127.0.0.1:{server.Port}", trusted);

        Assert.StartsWith(remedy, found.Remedy.Replace("Call the server ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("firewall", found.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etcd")]
    [InlineData("mongodb")]
    public async Task The_doctor_tells_what_to_do_about_a_server_without_TLS_and_a_name_without_a_host(string engine)
    {
        await using var server = new Server(null);

        Assert.StartsWith("Correct the address or the port, or switch TLS off", (await Look(engine, $"127.0.0.1:{server.Port}", false)).Remedy, StringComparison.Ordinal);
        Assert.StartsWith("Correct the host's name", (await Look(engine, "nowhere.invalid:2379", false)).Remedy, StringComparison.Ordinal);
        Assert.StartsWith("Start it, open its port", (await Look(engine, $"127.0.0.1:{FreePorts.Find(1)[0]}", false)).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_tells_what_to_do_about_a_seed_node_whose_name_has_no_host()
    {
        var found = (await Diagnose("""
            roles = [supervisor], http.port = 0, remoting.port = 0, remoting.seed-nodes = ["nowhere.invalid:2552"]
            clusters.kube { engine = etcd, endpoints = ["http://127.0.0.1:1"] }
            """)).Single(finding => finding.Check == "seed-node");

        Assert.StartsWith("Correct orchestrator.remoting.seed-nodes", found.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", 100, false, "no authority that is trusted here has signed its certificate; --ca FILE")]
    [InlineData("127.0.0.1", -1, true, "its certificate has expired, or is not valid yet.")]
    [InlineData("10.1.1.1", 100, true, "its certificate is for another name.")]
    public async Task A_command_says_why_it_does_not_accept_the_servers_certificate(string address, int days, bool trusted, string expected)
    {
        await using var server = new Server(Certificate(address, days));
        var (code, _, error) = await CliHarness.Run(
            ["nodes", "--server", $"https://127.0.0.1:{server.Port}", .. trusted ? (string[])["--ca", Authority] : []]);

        Assert.Equal(4, code);
        Assert.Contains(expected, error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void A_webhook_says_why_it_does_not_accept_the_certificate()
    {
        static string Reason(string message) =>
            OutgoingHttp.Reason(new HttpRequestException(HttpRequestError.SecureConnectionError, "no", new AuthenticationException(message)));

        Assert.Equal("no TLS connection: its certificate has expired, or is not valid yet", Reason("errors in the certificate chain: NotTimeValid"));
        Assert.EndsWith("; orchestrator.http.tls.authorities names authorities to trust", Reason("errors in the certificate chain: UntrustedRoot"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_an_issuer_that_cannot_be_read_say_why()
    {
        await using var server = new Server(Certificate("127.0.0.1", 100));
        using var keys = new JsonWebKeys($"https://127.0.0.1:{server.Port}/keys", TimeSpan.FromHours(1), new HttpClient(), TimeProvider.System);

        var error = await Assert.ThrowsAsync<KeysUnavailableException>(() => keys.For("k1", default));

        Assert.Contains("no authority that is trusted here has signed its certificate", error.Message, StringComparison.Ordinal);
    }

    private string Authority => Path.Combine(directory.Path, "authority.pem");

    private async Task<Finding> Look(string engine, string address, bool trusted) => (await Diagnose($$"""
        clusters.main {
          engine = {{engine}}, request-timeout = 2s
          {{(engine == "etcd" ? $"endpoints = [\"https://{address}\"]" : $"uri = \"mongodb://{address}/\", tls.on = on")}}
          {{(trusted ? $"tls.ca = \"{Authority}\"" : "")}}
        }
        """)).Single(finding => finding.Check == "cluster");

    private Task<IReadOnlyList<Finding>> Diagnose(string settings)
    {
        var file = Path.Combine(directory.Path, "orchestrator.conf");
        File.WriteAllText(file, $"orchestrator {{ journal.file = \"{directory.Path}/journal.sqlite\"\n{settings}\n}}\n");
        return Diagnosis.Make(file, TimeProvider.System, default);
    }

    /// <summary>A server's certificate, and the authority that has signed it as a file.</summary>
    private X509Certificate2 Certificate(string address, int days)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var signer = authority.CreateSelfSigned(now.AddDays(-400), now.AddDays(400));
        File.WriteAllText(Authority, signer.ExportCertificatePem());

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(signer, now.AddDays(-300), now.AddDays(days), [1, 2, 3]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Accepts connections, by TLS if it has a certificate, and says the same to everybody.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2? _certificate;
        private readonly Task _serving;

        public Server(X509Certificate2? certificate)
        {
            _certificate = certificate;
            _listener.Start();
            _serving = Serve();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _certificate?.Dispose();
        }

        private async Task Serve()
        {
            try
            {
                while (true)
                {
                    _ = Answer(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The end.
            }
        }

        private async Task Answer(TcpClient client)
        {
            using (client)
            {
                try
                {
                    if (_certificate is null)
                    {
                        await client.GetStream().ReadExactlyAsync(new byte[1]);
                        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
                        return;
                    }

                    await using var secured = new SslStream(client.GetStream());
                    await secured.AuthenticateAsServerAsync(_certificate);
                    await secured.ReadExactlyAsync(new byte[1]);
                }
                catch (Exception e) when (e is IOException or AuthenticationException)
                {
                    // The client has gone.
                }
            }
        }
    }
}
