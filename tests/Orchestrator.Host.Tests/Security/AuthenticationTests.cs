using System.Net;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Tests.Cli;
using Orchestrator.Host.Tests.Http;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Orchestrator.Host.Tests.Security;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task Who_fails_too_often_has_to_wait_even_with_a_good_token_until_the_window_is_over()
    {
        var time = new ManualTime();
        await using var api = await ApiHost.Start(
            supervisor: _ => new RunPage([], ""), security: Tokens.Settings(("someone", "viewer")) + "\n security { max-failed-logins = 3, failed-login-window = 30s }", time: time);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await api.Try(HttpMethod.Get, "/api/v1/runs", "guess"));
        }

        time.Advance(TimeSpan.FromSeconds(10));
        var (status, body, response) = await api.Send(HttpMethod.Get, "/api/v1/runs", null, ("Authorization", $"Bearer {Tokens.Of("someone")}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Equal("too-many-attempts", body.GetProperty("code").GetString());
        Assert.Equal(TimeSpan.FromSeconds(20), response.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, "/healthz")).Status);

        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, await api.Try(HttpMethod.Get, "/api/v1/runs", Tokens.Of("someone")));
    }

    [Fact]
    public async Task A_missing_token_is_asked_for_and_not_counted()
    {
        await using var api = await ApiHost.Start(
            supervisor: _ => new RunPage([], ""), security: Tokens.Settings(("someone", "viewer")) + "\n security.max-failed-logins = 1");

        for (var i = 0; i < 3; i++)
        {
            var (status, body, response) = await api.Send(HttpMethod.Get, "/api/v1/runs");
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Equal("unauthenticated", body.GetProperty("code").GetString());
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }

        Assert.Equal(HttpStatusCode.OK, await api.Try(HttpMethod.Get, "/api/v1/runs", Tokens.Of("someone")));
    }

    [Fact]
    public async Task Orders_carry_the_name_that_was_proven_and_not_the_one_that_is_claimed()
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Run("r-1", "paused"), security: Tokens.Settings(("someone", "operator")));

        await api.Send(
            HttpMethod.Post,
            "/api/v1/runs/r-1/pause",
            """{"reason":"why"}""",
            ("Authorization", $"Bearer {Tokens.Of("someone")}"),
            (AccessMiddleware.UserHeader, "someone-else"));

        Assert.Equal(new PauseRun("r-1", "someone", "why"), Assert.Single(api.SupervisorRequests));
    }

    [Theory]
    [InlineData(null, "anonymous")]
    [InlineData("alice", "alice (unverified)")]
    [InlineData("a\tb c", "abc (unverified)")]
    public async Task Where_nobody_must_prove_anything_a_name_is_recorded_as_a_claim(string? claimed, string recorded)
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Run("r-1", "running"));

        await api.Send(HttpMethod.Post, "/api/v1/runs/r-1/resume", null, claimed is null ? [] : [(AccessMiddleware.UserHeader, claimed)]);

        Assert.Equal(new ResumeRun("r-1", recorded), Assert.Single(api.SupervisorRequests));
    }

    [Fact]
    public async Task A_caller_of_one_cluster_sees_the_runs_of_that_cluster_only()
    {
        await using var api = await ApiHost.Start(
            supervisor: request => request is ListRuns list
                ? RunPage.Of([Samples.Run("r-1", "running")], list)
                : new ClusterList([Samples.View, Samples.View with { Name = "other" }]),
            security: Tokens.Settings(("here", "\"viewer:main\""), ("there", "\"viewer:other\"")));

        async Task<JsonElement> Get(string path, string name) =>
            (await api.Send(HttpMethod.Get, path, null, ("Authorization", $"Bearer {Tokens.Of(name)}"))).Body;

        Assert.Equal(1, (await Get("/api/v1/runs", "here")).GetProperty("runs").GetArrayLength());
        Assert.Equal(0, (await Get("/api/v1/runs", "there")).GetProperty("runs").GetArrayLength());
        Assert.Equal("other", Assert.Single((await Get("/api/v1/clusters", "there")).GetProperty("clusters").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Secrets_are_neither_in_logs_nor_in_answers()
    {
        var log = new Captured();
        await using var api = await ApiHost.Start(
            supervisor: _ => new RunPage([], ""),
            security: Tokens.Settings(("someone", "reader")),
            log: new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(log).CreateLogger());
        var answers = new List<string>();
        foreach (var token in (string[])["bad-token-4711", $"x.bad-token-4711.y", Tokens.Of("someone"), Tokens.ClusterSecret])
        {
            var (_, body, _) = await api.Send(HttpMethod.Get, "/api/v1/runs", null, ("Authorization", $"Bearer {token}"));
            answers.Add(body.ToString());
        }

        Assert.Contains(log.Lines, line => line.Contains("Authentication of", StringComparison.Ordinal));
        Assert.All(log.Lines.Concat(answers), text => Assert.All(
            (string[])["bad-token-4711", Tokens.Of("someone"), Tokens.ClusterSecret], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
    }

    [Fact]
    public void Secrets_are_neither_in_errors_about_settings_nor_in_settings_as_text()
    {
        const string text = """
            orchestrator {
              roles = [supervisor]
              clusters.main.replica-sets.rs-1.members = [node-1]
              security { tokens.a { hash = "orc_my-secret", roles = [viewer] }, cluster-secret = "my-secret" }
              http.tls.password = "my-secret-too"
              remoting.tls.password = { my-secret = 1 }
            }
            """;
        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text)).Message;
        Assert.Contains("security.tokens.a.hash", error, StringComparison.Ordinal);
        Assert.Contains("security.cluster-secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", error, StringComparison.Ordinal);

        var settings = SettingsBinder.Parse("""
            orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1], security.cluster-secret = "a-secret-of-the-cluster" }
            """);
        Assert.DoesNotContain("a-secret", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_shown_once_with_the_line_that_lets_it_in()
    {
        var (code, output, _) = await CliHarness.Run("token", "create", "nightly", "--role", "viewer", "--role", "operator:main", "--output", "json");
        Assert.Equal(0, code);
        var made = JsonElement.Parse(output);
        var token = made.GetProperty("token").GetString()!;
        var setting = made.GetProperty("setting").GetString()!;
        Assert.DoesNotContain(token, setting, StringComparison.Ordinal);

        var settings = SettingsBinder.Parse($$"""
            orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1] }
            {{setting}}
            """);
        var (caller, _) = await new Authenticator(settings.Security, null).Authenticate(token, default);
        Assert.Equal("nightly", caller!.Name);
        Assert.True(caller.May(Permission.Operate, "main"));
        Assert.False(caller.May(Permission.Operate, "other"));
        Assert.Null((await new Authenticator(settings.Security, null).Authenticate(token + "x", default)).Caller);
    }

    [Theory]
    [InlineData("token", "create", "nightly")]
    [InlineData("token", "create", "nightly", "--role", "boss")]
    [InlineData("token", "create", "night ly", "--role", "viewer")]
    public async Task A_token_without_a_usable_role_or_name_is_refused(params string[] arguments) =>
        Assert.Equal(2, (await CliHarness.Run(arguments)).Code);

    [Theory]
    [InlineData("http.host = 10.0.0.1", "orchestrator.http.host: others can reach 10.0.0.1")]
    [InlineData("remoting.host = 10.0.0.1", "orchestrator.remoting.host: others can reach 10.0.0.1")]
    [InlineData("security.tokens.a.roles = [boss]", "expected ROLE or ROLE:CLUSTER")]
    [InlineData("security.tokens.a.roles = []", "expected at least one role")]
    [InlineData("security.jwt.issuer = x", "tokens of an issuer need issuer, audience and keys")]
    [InlineData("security.jwt { issuer = x, audience = y, keys = \"http://far.example/keys\" }", "expected a file or an https URL")]
    [InlineData("security.jwt.algorithms = [HS256]", "expected some of RS256")]
    [InlineData("security.jwt.algorithms = [none]", "expected some of RS256")]
    [InlineData("http.tls.key = k.pem", "orchestrator.http.tls.certificate: expected the path of a certificate")]
    public void What_would_not_protect_is_refused_at_the_start(string setting, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse($$"""
            orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1] }
            orchestrator { {{setting}} }
            """));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_needs_the_secret_of_its_cluster_once_callers_must_prove_who_they_are()
    {
        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse($$"""
            orchestrator { node.name = node-1, clusters.main.replica-sets.rs-1.members = [node-1] }
            orchestrator.security.tokens.a { hash = "sha256:{{new string('0', 64)}}", roles = [viewer] }
            """));
        Assert.Contains("orchestrator.security.cluster-secret: expected a secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_too_many_addresses_the_oldest_are_forgotten()
    {
        var time = new ManualTime();
        var limiter = new LoginLimiter(1, TimeSpan.FromMinutes(1), time);
        for (var i = 0; i <= 10_000; i++)
        {
            limiter.Failed($"address {i}");
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TimeSpan.Zero, limiter.WaitOf("address 0"));
        Assert.True(limiter.WaitOf("address 10000") > TimeSpan.Zero);
    }

    private sealed class Captured : ILogEventSink
    {
        private readonly Lock gate = new();
        private readonly List<string> lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (gate)
                {
                    return [.. lines];
                }
            }
        }

        public void Emit(LogEvent logEvent)
        {
            lock (gate)
            {
                lines.Add($"{logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {logEvent.Exception} {string.Join(' ', logEvent.Properties)}");
            }
        }
    }
}
