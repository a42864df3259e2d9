using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Tests;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Web.Tests;

/// <summary>A token that stops being good while its owner is signed in.</summary>
[Collection(BrowserTests.Name)]
public sealed class EndedTokenTests(Chromium chromium) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ShiftedTime _time = new();

    [SkippableFact]
    public async Task Open_pages_lead_to_the_form_and_orders_are_refused()
    {
        await using var server = await ApiHost.Start(supervisor: ScriptedSupervisor.Answer, security: Issuer(), time: _time, http: "page = on");
        var plan = await chromium.Open(server.Address);
        await plan.GotoAsync("/plan/main");
        await plan.GetByLabel("Token").FillAsync(Token());
        await plan.Press("Sign in");
        await plan.GetByText("the old primary").IsVisible();
        var run = await plan.Context.NewPageAsync();
        await run.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await run.GetByText("enough is free").IsVisible();

        _time.Advance(TimeSpan.FromHours(1));

        // A page that asks by itself goes there by itself, another one with its first order, which nobody carries out.
        await run.WaitForURLAsync("**/sign-in?return=*");
        await plan.Press("Start the run");
        await plan.WaitForURLAsync("**/sign-in?return=%2Fplan%2Fmain");
        await plan.GetByLabel("Token").FillAsync(Token());
        await plan.Press("Sign in");
        await plan.GetByText("The token is not valid").IsVisible();
        Assert.DoesNotContain(server.SupervisorRequests, request => request is StartRun);
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _directory.Dispose();
    }

    private string Issuer()
    {
        var parameters = _rsa.ExportParameters(includePrivateParameters: false);
        var keys = _directory.Write("keys.json", JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } },
        }));
        return $$"""security.jwt { issuer = "https://id.example", audience = orchestrator, keys = "{{keys}}" }""";
    }

    /// <summary>Good for ten minutes.</summary>
    private string Token()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "https://id.example",
            Audience = "orchestrator",
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(10),
            Claims = new Dictionary<string, object> { ["sub"] = "ann", ["roles"] = new[] { "operator" } },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, "RS256"),
        });
    }

    /// <summary>The present, or so much later.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _ticks;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
    }
}
