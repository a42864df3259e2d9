using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

public sealed class JwtTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ManualTime time = new();

    public void Dispose()
    {
        rsa.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task A_token_of_the_issuer_gives_its_name_and_roles()
    {
        await using var api = await Start();

        var answer = await api.Try(HttpMethod.Post, "/api/v1/runs/r-1/resume", Token(roles: ["viewer", "operator:main", "of-another-application"]));

        Assert.Equal(HttpStatusCode.OK, answer);
        Assert.Contains(new ResumeRun("r-1", "alice"), api.SupervisorRequests);
        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Post, "/api/v1/runs/r-1/resume", Token(roles: ["viewer"])));
        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Get, "/api/v1/runs", Token(roles: [])));
    }

    [Fact]
    public async Task Tokens_of_others_for_others_and_out_of_time_are_refused()
    {
        await using var api = await Start();
        using var stranger = RSA.Create(2048);
        var publicKey = new SymmetricSecurityKey(Encoding.ASCII.GetBytes(rsa.ExportRSAPublicKeyPem())) { KeyId = "k1" };
        (string Why, string Token)[] bad =
        [
            ("another issuer", Token(issuer: "https://evil.example")),
            ("another audience", Token(audience: "shop")),
            ("over", Token(from: -600, to: -31)),
            ("not yet", Token(from: 31, to: 600)),
            ("another key", Token(credentials: new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "k1" }, "RS256"))),
            ("signed with the public key", Token(credentials: new SigningCredentials(publicKey, "HS256"))),
            ("an algorithm that is not on the list", Token(credentials: new SigningCredentials(Key(), "RS512"))),
            ("not signed", Unsigned()),
            ("without an end", Token(to: null)),
            ("without a name", Token(name: null)),
            ("with a name that turns its direction", Token(name: "alice\u202Enimda")),
            ("with a name that has a character nobody sees", Token(name: "al\u200Bice")),
            ("with a name that has a line of its own", Token(name: "alice\u2028admin")),
            ("with a name of half a pair", Token(name: "alice\u00AD")),
            ("changed", Token()[..^3] + "AAA"),
            ("with an extension that has to be understood", Token(header: new() { ["crit"] = new[] { "confirm" }, ["confirm"] = "twice" })),
            ("nonsense", "a.b.c"),
        ];
        foreach (var (why, token) in bad)
        {
            Assert.True(await api.Try(HttpMethod.Get, "/api/v1/runs", token) == HttpStatusCode.Unauthorized, why);
        }

        Assert.Empty(api.SupervisorRequests);
        Assert.Equal(HttpStatusCode.OK, await api.Try(HttpMethod.Get, "/api/v1/runs", Token(from: -600, to: -29)));
    }

    [Fact]
    public async Task A_new_key_is_looked_up_at_once_but_not_more_than_once_a_minute()
    {
        var file = WriteKeys(Key());
        using var keys = new JsonWebKeys(file, TimeSpan.FromHours(1), new HttpClient(), time);
        Assert.Single(await keys.For("k1", default));

        using var newer = RSA.Create(2048);
        WriteKeys(Key(), new RsaSecurityKey(newer) { KeyId = "k2" });
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Single(await keys.For("k2", default));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await keys.For("k2", default)).Count);
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_again_stay_in_use()
    {
        var file = WriteKeys(Key());
        using var keys = new JsonWebKeys(file, TimeSpan.FromMinutes(1), new HttpClient(), time);
        await keys.For("k1", default);
        File.Delete(file);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Single(await keys.For("k1", default));
        using var none = new JsonWebKeys(file, TimeSpan.FromMinutes(1), new HttpClient(), time);
        await Assert.ThrowsAsync<KeysUnavailableException>(() => none.For("k1", default));
    }

    [Fact]
    public async Task Who_hangs_up_or_names_an_unknown_key_keeps_nobody_waiting()
    {
        var answers = new Queue<TaskCompletionSource<string>>([new(), new()]);
        var (first, second) = (answers.First(), answers.Last());
        using var keys = new JsonWebKeys("http://id.example/keys", TimeSpan.FromHours(1), new HttpClient(new Waiting(answers)), time) { Patience = Timeout.InfiniteTimeSpan };
        using var gone = new CancellationTokenSource();
        var left = keys.For("unknown", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        first.SetResult(await File.ReadAllTextAsync(WriteKeys(Key())));
        Assert.Single(await keys.For("k1", default));

        time.Advance(TimeSpan.FromMinutes(2));
        var unknown = keys.For("unknown", default);
        Assert.Single(await keys.For("k1", default).WaitAsync(TimeSpan.FromSeconds(60)));
        second.SetResult(await File.ReadAllTextAsync(WriteKeys(Key())));
        Assert.Single(await unknown);
    }

    private Task<ApiHost> Start() => ApiHost.Start(
        supervisor: request => request is ListRuns ? new RunPage([], "") : Samples.Run("r-1", "running"),
        security: $$"""security { max-failed-logins = 1000, jwt { issuer = "https://id.example", audience = orchestrator, keys = "{{WriteKeys(Key())}}" } }""",
        time: time);

    private RsaSecurityKey Key() => new(rsa) { KeyId = "k1" };

    private string WriteKeys(params RsaSecurityKey[] keys)
    {
        var set = keys.Select(key =>
        {
            var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
            return new { kty = "RSA", use = "sig", kid = key.KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
        });
        var file = Path.Combine(directory.Path, "keys.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new { keys = set }));
        return file;
    }

    /// <param name="from">Seconds from now.</param>
    /// <param name="to">Seconds from now.</param>
    private string Token(
        string issuer = "https://id.example",
        string audience = "orchestrator",
        int from = -60,
        int? to = 600,
        string? name = "alice",
        string[]? roles = null,
        SigningCredentials? credentials = null,
        Dictionary<string, object>? header = null)
    {
        var claims = new Dictionary<string, object> { ["roles"] = roles ?? ["viewer"] };
        if (name is not null)
        {
            claims["sub"] = name;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = time.GetUtcNow().UtcDateTime.AddSeconds(from),
            Expires = to is { } end ? time.GetUtcNow().UtcDateTime.AddSeconds(end) : null,
            Claims = claims,
            SigningCredentials = credentials ?? new SigningCredentials(Key(), "RS256"),
            AdditionalHeaderClaims = header,
        });
    }

    private string Unsigned()
    {
        var payload = Token().Split('.')[1];
        return $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{payload}.";
    }

    /// <summary>An issuer that answers when the test says so.</summary>
    private sealed class Waiting(Queue<TaskCompletionSource<string>> answers) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            new(HttpStatusCode.OK) { Content = new StringContent(await answers.Dequeue().Task.WaitAsync(cancellationToken)) };
    }
}
