using System.Buffers;
using System.Text.Json;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Reads request bodies of bounded size.</summary>
internal static class Bodies
{
    /// <summary>Limit of the bodies of administrative requests, in bytes.</summary>
    public const int MaxAdminBytes = 256 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>Reads the whole body; null if it is larger than <paramref name="maxBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytes(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

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
            using var document = JsonDocument.Parse(bytes.IsEmpty ? "null"u8.ToArray() : bytes, Strict);
            var errors = new List<FieldErrorDto>();
            var body = read(document.RootElement, errors);
            return errors.Count == 0 ? (body, null) : (null, Problems.Invalid(errors));
        }
        catch (JsonException e)
        {
            return (null, Problems.Invalid("body", DescribeJson(e)));
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

    /// <summary>The first reason why the text is not a JSON object; null if it is one.</summary>
    public static string? WhyNotAnObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "must be a JSON object";
            }

            while (reader.Read())
            {
                // GetString also finds escapes that stand for no character, which Read alone lets pass.
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }

            return null;
        }
        catch (JsonException e)
        {
            return DescribeJson(e);
        }
        catch (InvalidOperationException)
        {
            return "holds a string that is not valid Unicode";
        }
    }

    /// <summary>The parser's message without its private coordinates, with ours.</summary>
    public static string DescribeJson(JsonException e)
    {
        var message = e.Message;
        var cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        message = (cut < 0 ? message : message[..cut]).TrimEnd('.');
        return $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {message}";
    }
}
