using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Calls one endpoint. Safe for use from several threads.</summary>
internal sealed class CouchDbClient : IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;
    private const string SessionCookie = "AuthSession=";
    private readonly CouchDbClusterOptions _options;
    private readonly CouchDbAccess _access;
    private readonly HttpClient _client;
    private readonly CouchDbSession? _session;

    public CouchDbClient(Uri address, CouchDbClusterOptions options, EngineHttp http, CouchDbAccess access)
    {
        (Address, _options, _access, _client) = (address, options, access, http.Create());
        _session = access.UsesSessions ? new CouchDbSession(access, LogIn) : null;
    }

    /// <summary>Ends with a slash.</summary>
    public Uri Address { get; }

    /// <summary>Sends a request.</summary>
    /// <param name="path">Behind the address, percent-encoded.</param>
    /// <param name="body">JSON; null for none. Every POST has the content type of JSON, without which CouchDB refuses some.</param>
    /// <exception cref="CouchDbRefusal">CouchDB's answer is an error.</exception>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<CouchDbAnswer> Send(HttpMethod method, string path, string? body, CancellationToken cancellationToken, Action<HttpRequestHeaders>? headers = null) =>
        _session is { } session
            ? session.Call(cookie => SendOnce(method, path, body, request => AddCookie(request, cookie, headers), cancellationToken), cancellationToken)
            : _access.Call(() => SendOnce(method, path, body, request => AddPassword(request, headers), cancellationToken), cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>Whether the request cannot have arrived, so that another endpoint may be asked.</summary>
    public static bool NeverArrived(EngineException e) =>
        e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private void AddPassword(HttpRequestHeaders request, Action<HttpRequestHeaders>? more)
    {
        request.Authorization = _access.Header;
        more?.Invoke(request);
    }

    private static void AddCookie(HttpRequestHeaders request, string cookie, Action<HttpRequestHeaders>? more)
    {
        request.Add("Cookie", SessionCookie + cookie);
        more?.Invoke(request);
    }

    private async Task<string> LogIn(CancellationToken cancellationToken)
    {
        var body = $$"""{"name":"{{JsonEncodedText.Encode(_options.User)}}","password":"{{JsonEncodedText.Encode(_options.Password)}}"}""";
        var answer = await SendOnce(HttpMethod.Post, "_session", body, _ => { }, cancellationToken).ConfigureAwait(false);
        return answer.Cookie is { Length: > 0 } cookie
            ? cookie
            : throw new EngineException(
                EngineFault.Misconfigured, $"{Address.Authority} gives no session: set clusters.{_options.Name}.auth.method = basic, or enable its cookie authentication");
    }

    private async Task<CouchDbAnswer> SendOnce(
        HttpMethod method, string path, string? body, Action<HttpRequestHeaders> headers, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(_options.RequestTimeout);
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        headers(request.Headers);
        if (body is not null || method == HttpMethod.Post)
        {
            request.Content = new StringContent(body ?? "");
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, limited.Token).ConfigureAwait(false);
            var answer = Read(response, path, await response.Content.ReadAsByteArrayAsync(limited.Token).ConfigureAwait(false));
            if (answer.Cookie.Length > 0)
            {
                _session?.Renew(answer.Cookie);
            }

            return answer;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineException.Silent(Address.Authority, _options.RequestTimeout, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EngineException(EngineFault.Unreachable, $"{Address.Authority}: {EngineHttp.Describe(e)}", e);
        }
    }

    private CouchDbAnswer Read(HttpResponseMessage response, string path, byte[] answer)
    {
        var status = (int)response.StatusCode;
        JsonElement json;
        try
        {
            using var document = JsonDocument.Parse(answer);
            json = document.RootElement.Clone();
        }
        catch (JsonException) when (!response.IsSuccessStatusCode)
        {
            // A proxy's own page.
            throw new CouchDbRefusal(status, "", response.ReasonPhrase ?? "no reason");
        }
        catch (JsonException e)
        {
            throw new EngineException(
                EngineFault.Misconfigured, $"{Address.Authority} does not answer /{path} as CouchDB does; is this its URL (clusters.{_options.Name}.endpoints)?", e);
        }

        return response.IsSuccessStatusCode
            ? new CouchDbAnswer(json, response.Headers.Date, CookieOf(response))
            : throw new CouchDbRefusal(status, json.TextOf("error"), json.TextOf("reason") is { Length: > 0 } reason ? reason : json.TextOf("status"));
    }

    private static string CookieOf(HttpResponseMessage response) => response.Headers.TryGetValues("Set-Cookie", out var cookies)
        ? cookies.FirstOrDefault(cookie => cookie.StartsWith(SessionCookie, StringComparison.Ordinal))?[SessionCookie.Length..].Split(';')[0] ?? ""
        : "";
}

/// <summary>What CouchDB answered, and when by its own clock, if it said that.</summary>
/// <param name="Cookie">Of a session that has begun or was renewed; else empty.</param>
internal sealed record CouchDbAnswer(JsonElement Json, DateTimeOffset? Date, string Cookie);
