using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Etcd;

/// <summary>Calls one member (or one configured endpoint) by any of its addresses. Safe for use from several threads.</summary>
internal sealed class EtcdClient(string label, IReadOnlyList<Uri> addresses, EngineHttp http, EtcdTokens tokens) : IDisposable
{
    private const int MaxAnswerBytes = 4 << 20;
    private readonly HttpClient client = http.Create();
    private volatile IReadOnlyList<Uri> addresses = addresses;

    /// <summary>What messages call it.</summary>
    public string Label => label;

    /// <summary>Best first; empty while the member has none.</summary>
    public IReadOnlyList<Uri> Addresses
    {
        get => addresses;
        set => addresses = value;
    }

    /// <summary>Calls with the token of the configured user; a token that is no longer accepted is renewed once.</summary>
    /// <exception cref="EtcdRefusal">etcd's answer is an error.</exception>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<TResponse> Call<TRequest, TResponse>(
        EtcdCall<TRequest, TResponse> call, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var token = await tokens.Get(this, cancellationToken).ConfigureAwait(false);
        try
        {
            return await CallWith(token, call, request, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdRefusal refusal) when (refusal.WantsNewToken && token.Length > 0)
        {
            tokens.Drop(token);
            token = await tokens.Get(this, cancellationToken).ConfigureAwait(false);
            return await CallWith(token, call, request, timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Calls with a token; empty for none.</summary>
    public async Task<TResponse> CallWith<TRequest, TResponse>(
        string token, EtcdCall<TRequest, TResponse> call, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var known = addresses;
        for (var i = 0; i < known.Count; i++)
        {
            try
            {
                var response = await Send(known[i], token, call, request, timeout, cancellationToken).ConfigureAwait(false);
                Prefer(known, i);
                return response;
            }
            catch (EngineException e) when (i + 1 < known.Count && e.Fault == EngineFault.Unreachable && (call.Repeatable || NeverArrived(e)))
            {
                // The next address may do.
            }
        }

        throw new EngineException(
            EngineFault.Unreachable,
            $"{label} has no address that leads to it: it has not started, or advertises 0.0.0.0 (set --advertise-client-urls, or name its URL among the endpoints)");
    }

    public void Dispose() => client.Dispose();

    private static bool NeverArrived(EngineException e) =>
        e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private void Prefer(IReadOnlyList<Uri> known, int index)
    {
        if (index > 0 && ReferenceEquals(known, addresses))
        {
            addresses = [known[index], .. known.Where((_, other) => other != index)];
        }
    }

    private async Task<TResponse> Send<TRequest, TResponse>(
        Uri address, string token, EtcdCall<TRequest, TResponse> call, TRequest body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, call.Path));
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, call.Request));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (token.Length > 0)
        {
            // etcd takes the bare token (documentation, "gRPC gateway"): no scheme before it.
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            var answer = await Read(response.Content, limited.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? Parse(address, call, answer) : throw Refusal(address, response, answer);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineException.Silent(Named(address), timeout, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EngineException(EngineFault.Unreachable, $"{Named(address)}: {EngineHttp.Describe(e)}", e);
        }
    }

    /// <summary>An endpoint is called after its address already.</summary>
    private string Named(Uri address) => label.EndsWith(address.Authority, StringComparison.Ordinal) ? label : $"{label} at {address.Authority}";

    private static async Task<byte[]> Read(HttpContent content, CancellationToken cancellationToken)
    {
        await content.LoadIntoBufferAsync(MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
        return await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    private TResponse Parse<TRequest, TResponse>(Uri address, EtcdCall<TRequest, TResponse> call, byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, call.Response) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new EngineException(
                EngineFault.Misconfigured, $"{Named(address)} does not answer /{call.Path} as etcd does; is this its client URL?", e);
        }
    }

    private Exception Refusal(Uri address, HttpResponseMessage response, byte[] answer)
    {
        try
        {
            var error = JsonSerializer.Deserialize(answer, EtcdJson.Default.ErrorResponse);
            var text = error is null ? "" : error.Message.Length > 0 ? error.Message : error.Error;
            if (text.Length > 0)
            {
                return new EtcdRefusal(error!.Code, text);
            }
        }
        catch (JsonException)
        {
            // Not etcd's own answer.
        }

        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return new EngineException(
                EngineFault.Misconfigured,
                $"{Named(address)} has no JSON gateway: start etcd with --enable-grpc-gateway=true, or correct the address if this is not etcd's client URL");
        }

        return new EngineException(
            EngineFault.Misconfigured, $"{Named(address)} answers HTTP {(int)response.StatusCode}, not as etcd's JSON gateway does; is this its client URL?");
    }
}
