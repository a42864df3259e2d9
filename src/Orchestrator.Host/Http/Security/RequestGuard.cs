using System.Net;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Orchestrator.Host.Http.Security;

/// <summary>
/// Refuses what a page of another site could send from a user's browser, and addresses that do not mean what they seem to. It stands
/// before the access rules: without tokens it is all that keeps such pages away.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, OwnNames names)
{
    private const string Api = "/api";

    public Task Invoke(HttpContext http) => Refusal(http) is { } refusal ? refusal.ExecuteAsync(http) : next(http);

    private IResult? Refusal(HttpContext http)
    {
        var isApi = http.Request.Path.StartsWithSegments(Api);
        if (isApi && AddressProblem(http) is { } problem)
        {
            return problem;
        }

        var changes = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        if (http.GetEndpoint() is not RouteEndpoint endpoint || (!changes && IsOpen(endpoint)))
        {
            // Nothing is there, or it is open to everybody: probes come under any name.
            return null;
        }

        var host = http.Request.Host;
        if (!names.HasHost(host.Host))
        {
            return Problems.ForeignHost(host.Host);
        }

        if ((changes || http.Request.Headers.ContainsKey(HeaderNames.Upgrade)) && ForeignPage(http.Request) is { } page)
        {
            return Problems.ForeignPage(page);
        }

        return isApi && changes ? MediaTypeProblem(http, endpoint) : null;
    }

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<AccessRule>() is { Permission: Permission.None };

    /// <summary>
    /// Clients and servers resolve dot segments: <c>.../documents/..</c> arrives as the collection's address with a slash at the end,
    /// and must not do to the collection what was meant for a document.
    /// </summary>
    private static IResult? AddressProblem(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', 2)[0];
        if (path.Split('/').Select(Uri.UnescapeDataString).FirstOrDefault(segment => segment is "." or "..") is { } dots)
        {
            return Problems.Invalid("path", $"the address has the part '{dots}', which means another address; no document can have that id");
        }

        // What is decoded below would have U+FFFD in place of it.
        if (target.Length > path.Length && !IsUtf8(target[(path.Length + 1)..]))
        {
            return Problems.Invalid("query", "is not UTF-8, percent-encoded");
        }

        return path.EndsWith('/') ? Problems.NotFound($"There is nothing at {target}; an address does not end with a slash.") : null;
    }

    private static bool IsUtf8(string encoded) => Utf8.IsValid(WebUtility.UrlDecodeToBytes(Encoding.Latin1.GetBytes(encoded), 0, encoded.Length));

    /// <summary>The site of the page that sent the request, unless it is this server's; null where no browser sent it.</summary>
    private string? ForeignPage(HttpRequest request)
    {
        if (request.Headers.Origin is [{ } origin, ..])
        {
            return names.HasOrigin(origin, request.Host) ? null : origin;
        }

        return request.Headers["Sec-Fetch-Site"] is [{ } site, ..] && site is not ("same-origin" or "none") ? "another site" : null;
    }

    /// <summary>A form of a page can send text and form data without being asked, but not these types.</summary>
    private static IResult? MediaTypeProblem(HttpContext http, RouteEndpoint endpoint)
    {
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && http.Request.ContentLength != 0;
        var expected = endpoint.Metadata.GetMetadata<BodyDescription>()?.ContentType ?? "application/json";
        var isExpected = MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.MediaType.Equals(expected, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (!hasBody || !isExpected)
        {
            return hasBody ? Problems.UnsupportedMediaType(expected, http.Request.ContentType) : null;
        }

        // Bounds of a body are bounds of what was sent; a small one could be unpacked to any size (RFC 9110, section 15.5.16).
        var encoding = http.Request.Headers.ContentEncoding.ToString();
        return encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase) ? null : Problems.EncodedBody(encoding);
    }
}
