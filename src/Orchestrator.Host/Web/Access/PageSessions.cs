using System.Security.Claims;
using System.Security.Cryptography;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Web.Access;

/// <summary>
/// Who has signed in to the page. The cookie holds a random name only; the token stays here, in memory, and is asked for anew each time, so that
/// one that has expired opens nothing any more. All sessions end with the process.
/// </summary>
internal sealed class PageSessions(Authenticator authenticator, LoginLimiter limiter, TimeProvider time, ILogger<PageSessions> log)
{
    /// <summary>The claim that names the session.</summary>
    public const string Claim = "session";

    private const int MaxSessions = 10_000;

    private static readonly TimeSpan MaxIdle = TimeSpan.FromHours(12);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Whether one has to sign in at all.</summary>
    public bool AreNeeded => authenticator.IsOn;

    /// <summary>Signs in.</summary>
    /// <returns>Null, or why not.</returns>
    public async Task<string?> Begin(HttpContext http, string token)
    {
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (limiter.WaitOf(address) is { Ticks: > 0 })
        {
            return "Too many failed attempts from this address; try again later.";
        }

        var (caller, reason) = await authenticator.Authenticate(token.Trim(), http.RequestAborted);
        if (caller is null)
        {
            limiter.Failed(address);
            log.LogWarning("Authentication of {Address} failed: {Reason}", address, reason);
            return "The token is not valid: it is unknown, expired or from another issuer. The server's log has the reason.";
        }

        if (!caller.MaySomewhere(Permission.View))
        {
            return Problems.Described(Problems.ForbiddenEverywhere(caller.Name, Permission.View)).Detail;
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_gate)
        {
            RemoveOld();
            _sessions[id] = new Session(token.Trim(), time.GetUtcNow());
        }

        http.Response.Cookies.Append(CookieName(http), id, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = http.Request.IsHttps,
            Path = "/",
            IsEssential = true,
        });
        return null;
    }

    /// <summary>Signs out.</summary>
    public void End(HttpContext http)
    {
        if (http.Request.Cookies[CookieName(http)] is { } id)
        {
            lock (_gate)
            {
                _sessions.Remove(id);
            }
        }

        http.Response.Cookies.Delete(CookieName(http));
    }

    /// <summary>Lets a request for the page through, or says where to sign in.</summary>
    public async Task<IResult?> Refusal(HttpContext http)
    {
        var id = http.Request.Cookies[CookieName(http)] ?? "";
        if (await Find(id, http.RequestAborted) is not { } caller)
        {
            return HttpMethods.IsGet(http.Request.Method) && !http.WebSockets.IsWebSocketRequest
                ? TypedResults.LocalRedirect(SignIn.AddressFor(http.Request.Path + http.Request.QueryString))
                : Problems.Unauthenticated("Sign in to the page first.");
        }

        http.SetCaller(caller);
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim(Claim, id)], "page"));
        return null;
    }

    /// <summary>Who a session belongs to; null if there is none, or its token is not good any more.</summary>
    public async Task<Caller?> Find(string id, CancellationToken cancellationToken)
    {
        if (!authenticator.IsOn)
        {
            return Caller.Unproven("web-page");
        }

        string token;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(id, out var session) || time.GetUtcNow() - session.UsedAt > MaxIdle)
            {
                return null;
            }

            _sessions[id] = session with { UsedAt = time.GetUtcNow() };
            token = session.Token;
        }

        var (caller, _) = await authenticator.Authenticate(token, cancellationToken);
        return caller?.MaySomewhere(Permission.View) == true ? caller : null;
    }

    /// <summary>Browsers keep cookies by host, not by port; several servers may be on one host.</summary>
    private static string CookieName(HttpContext http) => FormattableString.Invariant($"orchestrator-session-{http.Connection.LocalPort}");

    private void RemoveOld()
    {
        var now = time.GetUtcNow();
        foreach (var id in _sessions.Where(session => now - session.Value.UsedAt > MaxIdle).Select(session => session.Key).ToList())
        {
            _sessions.Remove(id);
        }

        if (_sessions.Count >= MaxSessions)
        {
            _sessions.Remove(_sessions.MinBy(session => session.Value.UsedAt).Key);
        }
    }

    private sealed record Session(string Token, DateTimeOffset UsedAt);
}
