using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Embedded.Tests.Remote;

public sealed class TlsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Systems _systems = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tls");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _systems.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Systems_with_certificates_talk_encrypted()
    {
        var tls = Tls(Certificate("node"), "suppress-validation = true");
        var (here, there) = (_systems.Start(tls), _systems.Start(tls));
        Assert.Equal("akka.ssl.tcp", Systems.AddressOf(there).Protocol);
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        Assert.Equal("secret", await echo.Ask<string>("secret", Limit));
    }

    [Fact]
    public async Task A_peer_whose_certificate_is_not_trusted_gets_no_connection()
    {
        var there = _systems.Start(Tls(Certificate("node"), ""));
        var here = _systems.Start(Tls(Certificate("stranger"), "suppress-validation = true"));
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        await Assert.ThrowsAsync<AskTimeoutException>(() => echo.Ask<string>("let me in", TimeSpan.FromSeconds(2)));
        await Systems.Eventually(() => _systems.LogLines(LogLevel.WarningLevel).Any(), "the log line");
    }

    [Fact]
    public void Without_a_certificate_the_start_fails_with_an_error_that_names_the_setting()
    {
        var error = Assert.Throws<ConfigurationException>(() => _systems.Start("akka.remote.dot-netty.tcp.enable-ssl = true"));
        Assert.Contains("ssl.certificate.path", error.Message);
    }

    private static string Tls(string file, string more) => $$"""
        akka.remote.dot-netty.tcp { enable-ssl = true, ssl { certificate { path = "{{file}}", password = "pass" }
        {{more}} } }
        """;

    private string Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var file = Path.Combine(_directory.FullName, name + ".pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx, "pass"));
        return file;
    }
}
