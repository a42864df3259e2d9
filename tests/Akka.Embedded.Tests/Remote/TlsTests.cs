using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
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
    public async Task A_peer_whose_authority_is_another_one_is_refused_by_the_side_that_validates_and_others_go_on()
    {
        var trusting = Tls(Certificate("node"), "suppress-validation = true");
        var there = _systems.Start(trusting);
        var friend = _systems.Start(trusting);
        var validating = _systems.Start(Tls(IssuedBy("another-authority", "peer"), ""));
        var actor = there.ActorOf(Props.Create(() => new Echo()));
        var refused = Systems.Remote(validating, there, actor);

        await Assert.ThrowsAsync<AskTimeoutException>(() => refused.Ask<string>("who are you", TimeSpan.FromSeconds(2)));

        Assert.Equal("still here", await Systems.Remote(friend, there, actor).Ask<string>("still here", Limit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_without_a_certificate_or_without_encryption_is_refused_with_one_log_line(bool speaksTls)
    {
        var tls = Tls(Certificate("node"), "suppress-validation = true");
        var (here, there) = (_systems.Start(tls), _systems.Start(tls));
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        Assert.Equal("before", await echo.Ask<string>("before", Limit));

        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Systems.AddressOf(there).Port!.Value);
        Assert.True(await IsRefused(client.GetStream(), speaksTls), "the connection was served");

        await Systems.Eventually(() => _systems.LogLines(LogLevel.WarningLevel).Any(), "the log line");
        Assert.Single(_systems.LogLines(LogLevel.WarningLevel));
        Assert.Equal("after", await echo.Ask<string>("after", Limit));
    }

    [Fact]
    public async Task The_end_of_a_watched_actor_is_told_over_an_encrypted_connection()
    {
        var tls = Tls(Certificate("node"), "suppress-validation = true");
        var (here, there) = (_systems.Start(tls), _systems.Start(tls));
        var actor = there.ActorOf(Props.Create(() => new Echo()));
        var subject = Systems.Remote(here, there, actor);
        var ended = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = here.ActorOf(Props.Create(() => new Watcher(subject, message => ended.TrySetResult(message))));
        Assert.Equal("ready", await watcher.Ask<string>("?", Limit));
        Assert.Equal("alive", await subject.Ask<string>("alive", Limit));

        there.Stop(actor);

        Assert.Equal(subject, (await ended.Task.WaitAsync(Limit)).ActorRef);
    }

    [Fact]
    public void Without_a_certificate_the_start_fails_with_an_error_that_names_the_setting()
    {
        var error = Assert.Throws<ConfigurationException>(() => _systems.Start("akka.remote.dot-netty.tcp.enable-ssl = true"));
        Assert.Contains("ssl.certificate.path", error.Message);
    }

    /// <summary>True when the server ends the connection without serving it.</summary>
    private static async Task<bool> IsRefused(Stream plain, bool speaksTls)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var stream = plain;
            if (speaksTls)
            {
                var encrypted = new SslStream(plain);
                await encrypted.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = (_, _, _, _) => true }, limit.Token);
                stream = encrypted;
            }

            await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), limit.Token);

            // An alert in plain text is an end of the connection too; an answer to what was sent would be longer.
            var answer = new byte[256];
            return await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, limit.Token) < 64;
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return true;
        }
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

    /// <summary>A certificate that an authority, which no machine trusts, has issued.</summary>
    private string IssuedBy(string authority, string name)
    {
        var (from, to) = (new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest($"CN={authority}", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(from, to);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var issued = request.Create(root, from, to, [1, 2, 3, 4]);
        using var certificate = issued.CopyWithPrivateKey(key);
        var file = Path.Combine(_directory.FullName, name + ".pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx, "pass"));
        return file;
    }
}
