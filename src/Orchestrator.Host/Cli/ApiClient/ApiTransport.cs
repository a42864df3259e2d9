using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.Engines;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>
/// Sends requests to one server, follows 307 to the primary by itself (method and body go along), and turns every other
/// answer than success into <see cref="ApiException"/> and silence into <see cref="ServerUnreachableException"/>.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private const int MaxRedirects = 5;

    private readonly HttpMessageInvoker http;
    private readonly int maxRedirects;
    private readonly ClientIdentity identity;

    /// <param name="server">Base URL.</param>
    /// <param name="timeout">Time for the answer to one request.</param>
    /// <param name="followRedirects">Whether another member may answer.</param>
    /// <param name="identity">What is shown to the server, and to where it redirects.</param>
    public ApiTransport(Uri server, TimeSpan timeout, bool followRedirects, ClientIdentity identity)
    {
        this.identity = identity;
        Server = server;
        maxRedirects = followRedirects ? MaxRedirects : 0;
        Timeout = timeout;
        http = new HttpMessageInvoker(new OutgoingConnections(new SocketsHttpHandler
        {
            // Nobody traces a command; what would tell of it takes long to start.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions = Composition.OutgoingHttp.Trusting(identity.Authorities),
        }));
    }

    public Uri Server { get; }

    public TimeSpan Timeout { get; }

    public Task<T> Get<T>(string path, CancellationToken cancellationToken) => Send<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends a request and reads the JSON of its answer.</summary>
    /// <param name="content">Makes the body; called again for a redirect.</param>
    public async Task<T> Send<T>(HttpMethod method, string path, Func<HttpContent>? content, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Timeout);
        try
        {
            using var response = await SendFollowing(method, path, content, null, limited.Token);
            await using var body = await response.Content.ReadAsStreamAsync(limited.Token);
            return await JsonSerializer.DeserializeAsync(body, AnswerJson.Tolerant<T>(), limited.Token)
                ?? throw NotOurs(path, null);
        }
        catch (Exception e) when (Translate(e, path, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Opens a stream of server-sent events; the caller disposes the response.</summary>
    public async Task<HttpResponseMessage> Open(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Timeout);
        try
        {
            return await SendFollowing(HttpMethod.Get, path, null, lastEventId, limited.Token);
        }
        catch (Exception e) when (Translate(e, path, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>What a failure of the connection means; null for one that is not.</summary>
    public Exception? Translate(Exception e, string path, CancellationToken cancellationToken) => e switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException => new ServerUnreachableException($"{Server} did not answer {path} within {Timeout.TotalSeconds:0} seconds.", e),
        HttpRequestException failure => new ServerUnreachableException(
            $"{Server} cannot be reached: {Reason(failure)}. --server (or ORCHESTRATOR_SERVER) names another server; --config does without one.", e),
        IOException => new ServerUnreachableException(
            $"{Server} ended in the middle of an answer to {path}: it has stopped, or something on the way has cut the connection.", e),
        JsonException => NotOurs(path, e),
        _ => null,
    };

    private ServerUnreachableException NotOurs(string path, Exception? e) => new(
        $"The answer of {Server} to {path} is not one of this API: check that an orchestrator listens there, and that its version fits this one's.", e);

    private static string Reason(HttpRequestException e) => (e.HttpRequestError, e.InnerException) switch
    {
        (HttpRequestError.SecureConnectionError, _) => NoTls(ConnectionTroubles.Of(e)),
        (HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded, _) =>
            "what answers there does not speak HTTP; if the server has a certificate, write https://, and check that the port is that of orchestrator.http.port",
        (HttpRequestError.NameResolutionError, _) => "there is no host of that name",
        (_, SocketException socket) => socket.Message.TrimEnd('.'),
        _ => "the connection failed",
    };

    private static string NoTls(IReadOnlyList<ConnectionTrouble> troubles) =>
        troubles.Contains(ConnectionTrouble.NoTls) || ConnectionTroubles.Describe(troubles) is not { Length: > 0 } why
            ? "it does not answer with TLS; if the server has no certificate, write http:// instead of https://"
            : why + (troubles.Contains(ConnectionTrouble.Untrusted) ? "; --ca FILE names an authority to trust" : "");

    private async Task<HttpResponseMessage> SendFollowing(
        HttpMethod method, string path, Func<HttpContent>? content, string? lastEventId, CancellationToken cancellationToken)
    {
        var target = new Uri(Server, path);
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(method, target) { Content = content?.Invoke() };
            if (lastEventId is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
            }

            identity.AddTo(request);
            var response = await http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.TemporaryRedirect && response.Headers.Location is { } location && hop < maxRedirects)
                {
                    var next = new Uri(target, location);
                    if (next.Scheme is not ("http" or "https"))
                    {
                        throw new ApiException(StatusAlone(response));
                    }

                    if (target.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
                    {
                        throw new ServerUnreachableException($"{target.GetLeftPart(UriPartial.Authority)} leads to {next.GetLeftPart(UriPartial.Authority)}, which is not encrypted.");
                    }

                    target = next;
                    continue;
                }

                throw await ReadProblem(response, cancellationToken) is { } problem ? new ApiException(problem)
                    : response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed ? NotOurs(path, null)
                    : new ApiException(StatusAlone(response));
            }
        }
    }

    /// <returns>Null for what is not an answer of this API, perhaps of something in between.</returns>
    private static async Task<ProblemDto?> ReadProblem(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, AnswerJson.Tolerant<ProblemDto>(), cancellationToken) is { Detail.Length: > 0 } problem
                ? problem with { Status = (int)response.StatusCode }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ProblemDto StatusAlone(HttpResponseMessage response) => new(
        "The request failed.", (int)response.StatusCode, $"The server answered with status {(int)response.StatusCode} ({response.ReasonPhrase}).", "failed");
}
