using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Tests;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Tests.Security;

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
        await run.LeadsTo("/sign-in?return=");
        await plan.Press("Start the run");
        await plan.LeadsTo("/sign-in?return=%2Fplan%2Fmain");
        await plan.GetByLabel("Token").FillAsync(Token());
        await plan.Press("Sign in");
        await plan.GetByText("The token is not valid").IsVisible();
        Assert.DoesNotContain(server.SupervisorRequests, request => request is StartRun);
    }

    [SkippableFact]
    public async Task A_token_that_is_taken_out_of_the_configuration_is_signed_out_by_the_restart_and_refused()
    {
        var http = FormattableString.Invariant($"page = on, port = {FreePorts.Find(1)[0]}");
        var before = await ApiHost.Start(supervisor: ScriptedSupervisor.Answer, security: Tokens.Settings(("ann", "operator"), ("bob", "viewer")), http: http);
        var page = await chromium.Open(before.Address);
        try
        {
            await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
            await page.SignIn("ann");
            await page.GetByText("enough is free").IsVisible();
        }
        finally
        {
            await before.DisposeAsync();
        }

        await using var after = await ApiHost.Start(supervisor: ScriptedSupervisor.Answer, security: Tokens.Settings(("bob", "viewer")), http: http);
        await page.LeadsTo("/sign-in?return=");
        await page.SignIn("ann");
        await page.GetByText("The token is not valid").IsVisible();
        await page.SignIn("bob");
        await page.GetByText("enough is free").IsVisible();
    }

    [SkippableFact]
    public async Task A_key_that_its_issuer_withdraws_signs_out_whoever_it_let_in()
    {
        await using var server = await ApiHost.Start(supervisor: ScriptedSupervisor.Answer, security: Issuer(), time: _time, http: "page = on");
        var page = await chromium.Open(server.Address);
        await page.GotoAsync($"/runs/{ScriptedSupervisor.Run}");
        await page.GetByLabel("Token").FillAsync(Token(TimeSpan.FromDays(1)));
        await page.Press("Sign in");
        await page.GetByText("enough is free").IsVisible();

        using var other = RSA.Create(2048);
        WriteKeys(other, "k2");
        _time.Advance(TimeSpan.FromHours(2));

        await page.LeadsTo("/sign-in?return=");
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _directory.Dispose();
    }

    private string Issuer() => $$"""security.jwt { issuer = "https://id.example", audience = orchestrator, keys = "{{WriteKeys(_rsa, "k1")}}", keys-refresh = 1h }""";

    /// <returns>The file's path.</returns>
    private string WriteKeys(RSA rsa, string id)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return _directory.Write("keys.json", JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", kid = id, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } },
        }));
    }

    /// <summary>Good for ten minutes, or as long as is said.</summary>
    private string Token(TimeSpan? length = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "https://id.example",
            Audience = "orchestrator",
            IssuedAt = now,
            NotBefore = now,
            Expires = now + (length ?? TimeSpan.FromMinutes(10)),
            Claims = new Dictionary<string, object> { ["sub"] = "ann", ["roles"] = new[] { "operator" } },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, "RS256"),
        });
    }

    /// <summary>The present, or so much later.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _ticks;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds * TimestampFrequency);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
    }
}
