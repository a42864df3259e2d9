using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Calls one endpoint. Safe for use from several threads.</summary>
internal sealed class CouchDbClient(Uri address, CouchDbClusterOptions options, EngineHttp http, CouchDbAccess access) : IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;
    private readonly HttpClient _client = http.Create();

    /// <summary>Ends with a slash.</summary>
    public Uri Address => address;

    /// <summary>Sends a request.</summary>
    /// <param name="path">Behind the address, percent-encoded.</param>
    /// <param name="body">JSON; null for none. Every POST has the content type of JSON, without which CouchDB refuses some.</param>
    /// <exception cref="CouchDbRefusal">CouchDB's answer is an error.</exception>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<CouchDbAnswer> Send(HttpMethod method, string path, string? body, CancellationToken cancellationToken, Action<HttpRequestHeaders>? headers = null) =>
        access.Call(() => SendOnce(method, path, body, headers, cancellationToken), cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>Whether the request cannot have arrived, so that another endpoint may be asked.</summary>
    public static bool NeverArrived(EngineException e) =>
        e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private async Task<CouchDbAnswer> SendOnce(
        HttpMethod method, string path, string? body, Action<HttpRequestHeaders>? headers, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.RequestTimeout);
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        request.Headers.Authorization = access.Header;
        headers?.Invoke(request.Headers);
        if (body is not null || method == HttpMethod.Post)
        {
            request.Content = new StringContent(body ?? "");
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, limited.Token).ConfigureAwait(false);
            return Read(response, path, await response.Content.ReadAsByteArrayAsync(limited.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(
                EngineFault.Unreachable, $"{address.Authority} gave no answer within {options.RequestTimeout.TotalSeconds:0.#} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EngineException(EngineFault.Unreachable, $"{address.Authority}: {EngineHttp.Describe(e)}", e);
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
                EngineFault.Misconfigured, $"{address.Authority} does not answer /{path} as CouchDB does; is this its URL (clusters.{options.Name}.endpoints)?", e);
        }

        return response.IsSuccessStatusCode
            ? new CouchDbAnswer(json, response.Headers.Date)
            : throw new CouchDbRefusal(status, json.TextOf("error"), json.TextOf("reason") is { Length: > 0 } reason ? reason : json.TextOf("status"));
    }
}

/// <summary>What CouchDB answered, and when by its own clock, if it said that.</summary>
internal sealed record CouchDbAnswer(JsonElement Json, DateTimeOffset? Date);
