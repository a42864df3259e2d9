using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>What a stream of a run's events delivers.</summary>
internal abstract record RunStreamItem
{
    private RunStreamItem()
    {
    }

    public sealed record Recorded(RunEventDto Event) : RunStreamItem;

    public sealed record Progressed(RunProgressDto Progress) : RunStreamItem;
}

/// <summary>Reads server-sent events.</summary>
internal static class RunStream
{
    /// <summary>Longer than the server's heartbeat; a stream that is silent for longer is dead.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public static async IAsyncEnumerable<RunStreamItem> Read(
        ApiTransport transport, string path, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lastEventId = after == 0 ? null : after.ToString(CultureInfo.InvariantCulture);
        using var response = await transport.Open(path, lastEventId, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var watched = new WatchedStream(body, () => alive.CancelAfter(Silence));
        var items = SseParser.Create(watched).EnumerateAsync(alive.Token).GetAsyncEnumerator(alive.Token);
        await using (items)
        {
            while (await MoveNext(items, transport, path, cancellationToken))
            {
                yield return Parse(items.Current, transport, path, cancellationToken);
            }
        }
    }

    private static async ValueTask<bool> MoveNext(
        IAsyncEnumerator<SseItem<string>> items, ApiTransport transport, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception e) when (transport.Translate(e, path, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    private static RunStreamItem Parse(SseItem<string> item, ApiTransport transport, string path, CancellationToken cancellationToken)
    {
        try
        {
            return item.EventType == "progress"
                ? new RunStreamItem.Progressed(Read<RunProgressDto>(item.Data))
                : new RunStreamItem.Recorded(Read<RunEventDto>(item.Data));
        }
        catch (JsonException e)
        {
            throw transport.Translate(e, path, cancellationToken)!;
        }
    }

    private static T Read<T>(string text) =>
        JsonSerializer.Deserialize(text, AnswerJson.Tolerant<T>()) ?? throw new JsonException("null");

    /// <summary>Tells when anything at all arrives, comments included.</summary>
    private sealed class WatchedStream(Stream inner, Action arrived) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            arrived();
            return await inner.ReadAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
