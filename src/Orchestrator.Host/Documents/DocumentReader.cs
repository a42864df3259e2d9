using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Host.Formatting;
using Orchestrator.Storage;

namespace Orchestrator.Host.Documents;

/// <summary>Reads documents from a file of NDJSON or one JSON array, one document at a time.</summary>
internal static class DocumentReader
{
    /// <summary>Reads a file; "-" is standard input.</summary>
    /// <exception cref="InputException">The file or a document cannot be read.</exception>
    public static async IAsyncEnumerable<InputDocument> ReadFile(
        string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = file == "-" ? Console.OpenStandardInput() : await Open(file, cancellationToken);
        await foreach (var document in Read(stream, file == "-" ? "standard input" : file, cancellationToken))
        {
            yield return document;
        }
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="name">How errors call it.</param>
    /// <exception cref="InputException">A document cannot be read.</exception>
    public static async IAsyncEnumerable<InputDocument> Read(
        Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var isArray = await StartsWithBracket(pipe, name, cancellationToken);
        var bodies = isArray ? ReadArray(pipe, name, cancellationToken) : ReadLines(pipe, name, cancellationToken);
        var position = 0L;
        await foreach (var (place, body) in bodies)
        {
            position++;
            yield return Identify(body, position, $"{name}, {place}");
        }

        if (position == 0)
        {
            throw new InputException($"{name} contains no documents.");
        }
    }

    /// <summary>To open a pipe waits for somebody who writes to it: that must not keep the command from being ended.</summary>
    private static async Task<Stream> Open(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, useAsync: true), CancellationToken.None)
                .WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FileException($"{file} cannot be read: {FileProblem.Of(e, file)}.", e);
        }
    }

    private static async Task<bool> StartsWithBracket(PipeReader pipe, string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadPipe(pipe, name, cancellationToken);
            var (first, at) = FirstByte(result.Buffer);
            if (first is not null || result.IsCompleted)
            {
                pipe.AdvanceTo(at);
                return first == (byte)'[';
            }

            pipe.AdvanceTo(at, result.Buffer.End);
        }
    }

    /// <summary>The first byte that is neither white space nor part of a byte order mark, and where it stands.</summary>
    private static (byte? First, SequencePosition At) FirstByte(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny([(byte)' ', (byte)'\t', (byte)'\r', 0xEF, 0xBB, 0xBF]);
        while (reader.TryPeek(out var next))
        {
            if (next != (byte)'\n')
            {
                return (next, reader.Position);
            }

            // Line ends stay in the pipe: line numbers of errors count them.
            return (LaterByte(reader), buffer.Start);
        }

        return (null, buffer.Start);
    }

    private static byte? LaterByte(SequenceReader<byte> reader)
    {
        reader.AdvancePastAny(" \t\r\n"u8);
        return reader.TryPeek(out var next) ? next : null;
    }

    private static async IAsyncEnumerable<(string Place, ReadOnlyMemory<byte> Body)> ReadLines(
        PipeReader pipe, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        while (true)
        {
            var result = await ReadPipe(pipe, name, cancellationToken);
            var buffer = result.Buffer;
            while (NextLine(ref buffer, result.IsCompleted) is { } line)
            {
                number++;
                var trimmed = line.AsMemory().Trim(" \t\r"u8);
                if (!trimmed.IsEmpty)
                {
                    yield return ($"line {number}", trimmed);
                }
            }

            if (result.IsCompleted)
            {
                yield break;
            }

            if (buffer.Length > DocumentRules.MaxBodyBytes)
            {
                throw new InputException($"{name}, line {number + 1}: has no end within {DocumentRules.MaxBodyBytes} bytes (16 MiB), the most that a document may have.");
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static byte[]? NextLine(ref ReadOnlySequence<byte> buffer, bool isLast)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            var line = buffer.Slice(0, end).ToArray();
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return line;
        }

        if (!isLast || buffer.IsEmpty)
        {
            return null;
        }

        var rest = buffer.ToArray();
        buffer = default;
        return rest;
    }

    private static async IAsyncEnumerable<(string Place, ReadOnlyMemory<byte> Body)> ReadArray(
        PipeReader pipe, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var elements = JsonSerializer
            .DeserializeAsyncEnumerable(pipe.AsStream(), JsonElementContext.Default.JsonElement, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (elements)
        {
            var index = 0L;
            while (await MoveNext(elements, name))
            {
                yield return ($"element {index}", DocumentLine.Of(elements.Current));
                index++;
            }
        }
    }

    private static async ValueTask<bool> MoveNext(IAsyncEnumerator<JsonElement> elements, string name)
    {
        try
        {
            return await elements.MoveNextAsync();
        }
        catch (JsonException e)
        {
            // The parser reads ahead, so its own place is better than the number of elements that it has given out.
            throw new InputException($"{name}, line {e.LineNumber + 1}: {DocumentRules.DescribeJsonFault(e)} at byte {e.BytePositionInLine + 1}.", e);
        }
        catch (IOException e)
        {
            throw new InputException($"{name} cannot be read: {FileProblem.Of(e, name)}.", e);
        }
    }

    private static async ValueTask<ReadResult> ReadPipe(PipeReader pipe, string name, CancellationToken cancellationToken)
    {
        try
        {
            // A read of standard input, or of a pipe, does not end before something comes, whatever is cancelled.
            return await pipe.ReadAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{name} cannot be read: {FileProblem.Of(e, name)}.", e);
        }
    }

    private static InputDocument Identify(ReadOnlyMemory<byte> body, long position, string place)
    {
        if (DocumentRules.WhyBodyIsInvalid(body.Span) is { } reason)
        {
            var hint = reason == DocumentRules.Incomplete ? "; give one document per line, or all of them in one array" : "";
            throw new InputException($"{place}: {reason}{hint}.");
        }

        var (id, problem) = DocumentId.Of(body.Span);
        if (problem is not null)
        {
            throw new InputException($"{place}: {problem}.");
        }

        return id is not null ? new InputDocument(id, body) : WithGeneratedId(body, position);
    }

    /// <summary>
    /// The id is made of the position and the content, so that reading the same file again writes the same documents
    /// and another file does not overwrite them.
    /// </summary>
    private static InputDocument WithGeneratedId(ReadOnlyMemory<byte> body, long position)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 6));
        var id = string.Create(CultureInfo.InvariantCulture, $"{position:D8}-{hash}");
        var isEmpty = body.Span[1..].TrimStart(" \t\r\n"u8) is [(byte)'}', ..];
        byte[] head = Encoding.UTF8.GetBytes($"{{\"_id\":\"{id}\"{(isEmpty ? "" : ",")}");
        return new InputDocument(id, (byte[])[.. head, .. body.Span[1..]]);
    }
}
