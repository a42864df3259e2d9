using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Tests.Security;
using Orchestrator.Host.Web;

namespace Orchestrator.Web.Tests;

/// <summary>Who gets the page, and from where.</summary>
public sealed class PageAccessTests
{
    private const string Page = "page = on";

    [Fact]
    public async Task Whoever_has_not_signed_in_gets_the_form_alone()
    {
        await using var server = await ApiHost.Start(security: Tokens.Settings(("ann", "\"operator\"")), http: Page);

        using var overview = await server.Client.GetAsync("/");
        using var run = await server.Client.GetAsync("/runs/20260131-1?x=y");
        using var negotiation = await server.Client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);

        Assert.Equal((HttpStatusCode.Found, "/sign-in"), (overview.StatusCode, overview.Headers.Location!.ToString()));
        Assert.Equal("/sign-in?return=%2Fruns%2F20260131-1%3Fx%3Dy", run.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, negotiation.StatusCode);
        Assert.Empty(server.SupervisorRequests);
    }

    [Fact]
    public async Task A_form_of_an_earlier_start_of_the_server_leads_to_a_new_one()
    {
        await using var server = await ApiHost.Start(security: Tokens.Settings(("ann", "\"operator\"")), http: Page);
        using var form = new FormUrlEncodedContent([new("_handler", "sign-in"), new("__RequestVerificationToken", "old"), new("Token", "x")]);

        using var sent = await server.Client.PostAsync("/sign-in?return=%2Fruns", form);
        var anew = await server.Client.GetStringAsync(sent.Headers.Location);

        Assert.Equal((HttpStatusCode.Found, "/sign-in?return=%2Fruns&outdated=yes"), (sent.StatusCode, sent.Headers.Location!.ToString()));
        Assert.Contains("The server has started again", anew, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_tokens_nobody_has_to_sign_in()
    {
        await using var server = await ApiHost.Start(http: Page);

        using var overview = await server.Client.GetAsync("/");
        using var form = await server.Client.GetAsync("/sign-in");

        Assert.Equal(HttpStatusCode.OK, overview.StatusCode);
        Assert.Equal((HttpStatusCode.Found, "/"), (form.StatusCode, form.Headers.Location!.ToString()));
    }

    [Theory]
    [InlineData("/nope", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html")]
    [InlineData("/nope", "*/*", "application/problem+json")]
    [InlineData("/api/v1/runs/nope", "text/html", "application/problem+json")]
    public async Task A_browser_is_told_in_a_page_that_there_is_none_and_a_program_in_JSON(string address, string accept, string answered)
    {
        await using var server = await ApiHost.Start(supervisor: _ => Samples.Failed(Core.Topology.FailureCode.NotFound, "there is no run 'nope'"), http: Page);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await server.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.NotFound, answered), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(answered == "text/html", text.Contains("There is no page at this address.", StringComparison.Ordinal));
        Assert.Equal(answered == "text/html", response.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task Every_endpoint_of_the_page_has_one_rule_and_only_the_form_and_files_are_open()
    {
        await using var server = await ApiHost.Start(http: Page);

        var open = new List<string>();
        foreach (var endpoint in server.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<PageRule>() is not null))
        {
            var rule = Assert.Single(endpoint.Metadata.GetOrderedMetadata<AccessRule>());
            if (rule.Permission == Permission.None)
            {
                open.Add(endpoint.RoutePattern.RawText!);
            }
        }

        Assert.Equal(["/assets/{version}/{name}", "/not-found", "/sign-in", "/sign-out"], open.Order(StringComparer.Ordinal).Distinct());
    }

    [Fact]
    public async Task Scripts_come_from_this_server_only_and_none_stands_in_the_page()
    {
        await using var server = await ApiHost.Start(http: Page);

        using var response = await server.Client.GetAsync("/");
        var html = await response.Content.ReadAsStringAsync();

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        foreach (var script in html.Split("<script").Skip(1))
        {
            Assert.StartsWith(" src=\"/assets/", script, StringComparison.Ordinal);
            var path = script.Split('"')[1];
            using var file = await server.Client.GetAsync(path);
            Assert.Equal((HttpStatusCode.OK, "text/javascript"), (file.StatusCode, file.Content.Headers.ContentType!.MediaType));
        }
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    public async Task The_connection_of_another_sites_page_is_refused(string origin)
    {
        await using var server = await ApiHost.Start(http: Page);
        using var own = new ClientWebSocket();
        using var foreign = new ClientWebSocket();
        own.Options.SetRequestHeader("Origin", server.Address.ToString().TrimEnd('/'));
        foreign.Options.SetRequestHeader("Origin", origin);
        foreign.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(server.Address) { Scheme = "ws", Path = "/_blazor" }.Uri;

        await own.ConnectAsync(address, CancellationToken.None);
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(address, CancellationToken.None));

        Assert.Equal(WebSocketState.Open, own.State);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.HttpStatusCode);
        own.Abort();
    }

    [Fact]
    public async Task The_page_is_refused_under_a_foreign_name_and_absent_when_it_is_off()
    {
        await using var server = await ApiHost.Start(http: Page);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = "evil.example";
        using var foreign = await server.Client.SendAsync(request);
        await using var without = await ApiHost.Start();
        using var off = await without.Client.GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, off.StatusCode);
    }

    [Fact]
    public async Task The_cookie_opens_the_page_and_nothing_of_the_API()
    {
        await using var server = await ApiHost.Start(security: Tokens.Settings(("ann", "\"operator\"")), http: Page);
        var cookies = await SignIn(server, Tokens.Of("ann"));

        var session = Assert.Single(cookies, cookie => cookie.Contains("orchestrator-session", StringComparison.Ordinal));
        Assert.Contains("httponly", session, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", session, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Tokens.Of("ann"), session, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await Get(server, "/", session));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(server, "/api/v1/clusters", session));

        using var leave = new HttpRequestMessage(HttpMethod.Post, "/sign-out");
        leave.Headers.Add("Cookie", session.Split(';')[0]);
        using var left = await server.Client.SendAsync(leave);
        Assert.Equal(HttpStatusCode.Found, await Get(server, "/", session));
    }

    [Theory]
    [InlineData("a-wrong-token", "The token is not valid")]
    [InlineData("token-of-rita", "rita needs the role viewer")]
    public async Task A_token_that_may_see_nothing_is_refused_with_the_reason(string token, string reason)
    {
        await using var server = await ApiHost.Start(security: Tokens.Settings(("rita", "reader")), http: Page);

        var (html, cookies) = await Form(server, token);

        Assert.Contains(reason, html, StringComparison.Ordinal);
        Assert.DoesNotContain(cookies, cookie => cookie.Contains("orchestrator-session", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_role_may_not_order_is_refused_before_the_supervisor_hears_of_it()
    {
        await using var server = await ApiHost.Start();
        var administration = new Administration(new SupervisorGateway(), new RunIds(TimeProvider.System, () => "1"));
        var viewer = new Caller("vic", [Roles.Read("viewer")!, Roles.Read("operator:other")!]);

        var freeze = await administration.Freeze(viewer, "main", "a reason", null, false, CancellationToken.None);
        var lift = await administration.Lift(viewer, "", CancellationToken.None);
        var start = await administration.Start(viewer, new("main", null, null), CancellationToken.None);

        Assert.All(new[] { freeze.Problem, lift.Problem, start.Problem }, problem => Assert.Equal(StatusCodes.Status403Forbidden, Problems.Described(problem!).Status));
    }

    private static async Task<IReadOnlyList<string>> SignIn(ApiHost server, string token) => (await Form(server, token)).Cookies;

    /// <summary>Fills in the form as a browser does: with its hidden fields and its cookie.</summary>
    private static async Task<(string Html, IReadOnlyList<string> Cookies)> Form(ApiHost server, string token)
    {
        using var form = await server.Client.GetAsync("/sign-in");
        var html = await form.Content.ReadAsStringAsync();
        var fields = System.Text.RegularExpressions.Regex.Matches(html, "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")
            .Select(field => KeyValuePair.Create(field.Groups[1].Value, WebUtility.HtmlDecode(field.Groups[2].Value)))
            .Append(KeyValuePair.Create("Token", token));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Cookie", form.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        request.Headers.Add("Origin", server.Address.ToString().TrimEnd('/'));
        using var response = await server.Client.SendAsync(request);
        return (await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : []);
    }

    private static async Task<HttpStatusCode> Get(ApiHost server, string path, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }
}
