using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>Sends HTTP requests to one address of a member and reads the whole answer. Safe for use from several threads.</summary>
/// <param name="label">What messages call it, for example <c>node A</c>.</param>
internal sealed class RestEndpoint(string label, Uri address, EngineHttp http) : IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;
    private readonly HttpClient _client = http.Create();

    /// <summary>What messages call it.</summary>
    public string Label => label;

    public Uri Address => address;

    /// <summary>Sends a request once: it is never repeated.</summary>
    /// <param name="path">With its query, without a slash before it.</param>
    /// <param name="json">The body; null for none.</param>
    /// <param name="prepare">Adds headers; null for none.</param>
    /// <exception cref="EngineException">There is no answer; the server may nevertheless have done what was asked.</exception>
    public async Task<RestAnswer> Send(
        HttpMethod method, string path, byte[]? json, Action<HttpRequestHeaders>? prepare, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        prepare?.Invoke(request.Headers);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, limited.Token).ConfigureAwait(false);
            return new RestAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(limited.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineException.Silent($"{label} at {address.Authority}", timeout, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EngineException(EngineFault.Unreachable, $"{label} at {address.Authority}: {EngineHttp.Describe(e)}", e);
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>An answer, whatever its status.</summary>
internal sealed record RestAnswer(HttpStatusCode Status, byte[] Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
