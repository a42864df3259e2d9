using System.Buffers;
using System.IO.Pipelines;
using Akka.Remote.Wire;

namespace Akka.Remote.Transport;

/// <summary>Reads the frames of one connection.</summary>
internal sealed class PeerConnection(Stream stream) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
    private byte[] _scattered = [];

    public Stream Stream => stream;

    /// <summary>Reads one frame.</summary>
    /// <returns>Its body; empty when the peer has closed the connection between two frames.</returns>
    /// <exception cref="WireFormatException">The bytes are no frame, or end in the middle of one.</exception>
    public async Task<byte[]> ReadOneAsync(int maximumSize, CancellationToken token)
    {
        while (true)
        {
            var result = await _reader.ReadAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (FrameCodec.TryRead(ref buffer, maximumSize, out var body))
            {
                var copy = body.ToArray();
                _reader.AdvanceTo(buffer.Start);
                return copy;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? [] : throw HalfFrame(buffer.Length);
            }
        }
    }

    /// <summary>Reads frames until the peer closes the connection.</summary>
    /// <exception cref="WireFormatException">The bytes are no frame, or end in the middle of one.</exception>
    public async Task ReadAllAsync(int maximumSize, Action<ReadOnlySpan<byte>> onFrame, CancellationToken token)
    {
        while (true)
        {
            var result = await _reader.ReadAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            while (FrameCodec.TryRead(ref buffer, maximumSize, out var body))
            {
                Hand(body, onFrame);
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                if (!buffer.IsEmpty)
                {
                    throw HalfFrame(buffer.Length);
                }

                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private static WireFormatException HalfFrame(long size) => new($"the connection ended in the middle of a frame, after {size} bytes of it");

    private void Hand(ReadOnlySequence<byte> body, Action<ReadOnlySpan<byte>> onFrame)
    {
        if (body.IsSingleSegment)
        {
            onFrame(body.FirstSpan);
            return;
        }

        var size = (int)body.Length;
        if (_scattered.Length < size)
        {
            _scattered = new byte[size];
        }

        body.CopyTo(_scattered);
        onFrame(_scattered.AsSpan(0, size));
    }
}
