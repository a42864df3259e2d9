using System.Buffers;
using System.Text.Json;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Limits;
using Orchestrator.Storage;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Reads request bodies of bounded size.</summary>
internal static class Bodies
{
    /// <summary>Limit of the bodies of administrative requests, in bytes.</summary>
    public const int MaxAdminBytes = 256 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DocumentRules.MaxDepth };

    /// <summary>
    /// Reads the whole body; null if it is larger than <paramref name="maxBytes"/>. It counts as held by the caller until the request ends.
    /// </summary>
    /// <exception cref="LimitReachedException">Too much is held already.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytes(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var http = request.HttpContext;
        var limits = http.RequestServices.GetRequiredService<RequestLimits>();
        var share = limits.Bodies.Begin(RequestLimits.KeyOf(http));
        http.Response.RegisterForDispose(share);
        return request.ContentLength is { } length
            ? await ReadKnown(request, (int)length, bytes => limits.HoldBody(http, share, bytes), cancellationToken)
            : await ReadUnknown(request, maxBytes, bytes => limits.HoldBody(http, share, bytes), cancellationToken);
    }

    /// <summary>Into its place at once, so that it is in memory once.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadKnown(HttpRequest request, int length, Action<long> hold, CancellationToken cancellationToken)
    {
        hold(length);
        var body = new byte[length];
        await request.Body.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

    /// <summary>In the pipe and then in its place: twice for a moment.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadUnknown(HttpRequest request, int maxBytes, Action<long> hold, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            try
            {
                hold(buffer.Length);
            }
            catch (LimitReachedException)
            {
                reader.AdvanceTo(buffer.End);
                throw;
            }

            if (result.IsCompleted)
            {
                var bytes = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return bytes;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Reads a JSON body and hands it to <paramref name="read"/>; either its result or a problem is not null.</summary>
    public static async Task<(T? Body, IResult? Problem)> ReadJson<T>(
        HttpRequest request,
        Func<JsonElement, List<FieldErrorDto>, T> read,
        CancellationToken cancellationToken)
        where T : class
    {
        if (await ReadBytes(request, MaxAdminBytes, cancellationToken) is not { } bytes)
        {
            return (null, Problems.TooLarge($"The body must not be larger than {MaxAdminBytes} bytes."));
        }

        try
        {
            var text = bytes.IsEmpty ? "null"u8.ToArray() : bytes;
            using var document = JsonDocument.Parse(text, Strict);
            if (DocumentRules.WhyTextIsInvalid(text.Span) is { } reason)
            {
                return (null, Problems.Invalid("body", reason));
            }

            var errors = new List<FieldErrorDto>();
            var body = read(document.RootElement, errors);
            return errors.Count == 0 ? (body, null)
                : bytes.IsEmpty ? (null, Problems.Invalid("body", "is missing: a JSON object is expected"))
                : (null, Problems.Invalid(errors));
        }
        catch (JsonException e)
        {
            return (null, Problems.Invalid("body", DocumentRules.DescribeJson(e)));
        }
    }

    /// <summary>The same for a body that may be left out: then <paramref name="absent"/>.</summary>
    public static async Task<(T? Body, IResult? Problem)> ReadOptionalJson<T>(
        HttpRequest request, T absent, Func<JsonElement, List<FieldErrorDto>, T> read, CancellationToken cancellationToken)
        where T : class
    {
        var isAbsent = false;
        var (body, problem) = await ReadJson(
            request,
            (element, errors) =>
            {
                isAbsent = element.ValueKind == JsonValueKind.Null;
                return isAbsent ? absent : read(element, errors);
            },
            cancellationToken);
        return isAbsent ? (absent, null) : (body, problem);
    }
}
