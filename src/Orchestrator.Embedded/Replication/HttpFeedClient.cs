using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.Embedded.Nodes;

namespace Orchestrator.Embedded.Replication;

/// <summary>Reads other members' collections over HTTP, in the form that <see cref="FeedJson"/> describes.</summary>
/// <param name="http">Must not follow redirects by itself and must have no time-out of its own shorter than a pull's.</param>
public sealed class HttpFeedClient(HttpClient http) : IFeedClient, IDisposable
{
    /// <summary>A client with connections that suit long polls: no redirects, no overall time-out (callers cancel).</summary>
    /// <param name="secret">What members show each other; empty for nothing.</param>
    /// <param name="tls">Whom to trust where members serve HTTPS; null for whom the machine trusts.</param>
    public static HttpFeedClient Create(string secret = "", SslClientAuthenticationOptions? tls = null)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = tls ?? new SslClientAuthenticationOptions(),
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        if (secret.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        return new HttpFeedClient(http);
    }

    /// <inheritdoc/>
    public Task<DataReply> ReadChangesAsync(string address, ReadChanges request, CancellationToken cancellationToken)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"since={request.Since}&limit={request.Limit}&wait={request.Wait.TotalSeconds}{ReaderQuery(request.Reader)}");
        return GetAsync(address, request, query, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DataReply> ReadVersionAsync(string address, ReadVersion request, CancellationToken cancellationToken) =>
        GetAsync(address, request, $"id={Uri.EscapeDataString(request.Id)}{ReaderQuery(request.Reader)}", cancellationToken);

    public void Dispose() => http.Dispose();

    private static string ReaderQuery(FeedReader reader) => reader is FeedReader.Member member
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"&member={Uri.EscapeDataString(member.Node)}&term={member.Term}&lastTerm={member.LastTerm}&confirmed={member.Confirmed}")
            + (member.Incarnation == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"&incarnation={member.Incarnation}"))
            + (member.Checksum is { } checksum ? $"&{FeedJson.ChecksumName}={checksum:x32}" : "")
        : "";

    private async Task<DataReply> GetAsync(string address, DataRequest request, string query, CancellationToken cancellationToken)
    {
        var url = $"{address}/api/v1/databases/{Uri.EscapeDataString(request.Database)}"
            + $"/collections/{Uri.EscapeDataString(request.Collection)}/changes?{query}";
        try
        {
            using var response = await http.GetAsync(url, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return ReadAnswer(response, body, request);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException or UriFormatException or InvalidOperationException)
        {
            // What lies behind it says which: refused, no such host, a certificate that is not trusted.
            throw new FeedUnreachableException($"{url}: {e.GetBaseException().Message}", e);
        }
        catch (OperationCanceledException e)
        {
            throw new FeedUnreachableException($"{url}: no answer in time", e);
        }
    }

    private static DataReply ReadAnswer(HttpResponseMessage response, byte[] body, DataRequest request) => response.StatusCode switch
    {
        HttpStatusCode.OK => FeedJson.Read(body),
        HttpStatusCode.TemporaryRedirect => new NotPrimary("", response.Headers.Location?.GetLeftPart(UriPartial.Authority) ?? ""),
        HttpStatusCode.NotFound => new CollectionMissing(request.Database, request.Collection),
        HttpStatusCode.Conflict => new TermStale(ProblemNumber(body, FeedJson.PromisedTermName)),
        HttpStatusCode.Gone => new HistoryParted(ProblemNumber(body, FeedJson.CommonSequenceName), ProblemNumber(body, FeedJson.TermName))
        {
            Difference = ProblemText(body, FeedJson.DifferenceName, ""),
        },
        HttpStatusCode.ServiceUnavailable => new DataUnavailable(
            ProblemText(body), response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1)),
        var status => throw new JsonException($"status {(int)status}: {ProblemText(body)}"),
    };

    private static long ProblemNumber(byte[] body, string name)
    {
        using var problem = JsonDocument.Parse(body);
        return problem.RootElement.TryGetProperty(name, out var value) && value.TryGetInt64(out var number)
            ? number
            : throw new JsonException($"the problem document has no number '{name}'");
    }

    private static string ProblemText(byte[] body, string name = "detail", string otherwise = "no reason given")
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            var root = problem.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var detail) && detail.ValueKind == JsonValueKind.String
                ? detail.GetString()!
                : otherwise;
        }
        catch (JsonException)
        {
            return otherwise;
        }
    }
}
