using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Wire;

namespace Akka.Remote.Transport;

/// <summary>A connection made by this side, after the handshake. Only answers to pings come back on it.</summary>
internal sealed class OutboundConnection : IAsyncDisposable
{
    private readonly PeerConnection _peer;
    private readonly CancellationTokenSource _closed = new();
    private volatile bool _isOpen = true;

    private OutboundConnection(PeerConnection peer, int remoteUid)
    {
        _peer = peer;
        RemoteUid = remoteUid;
    }

    /// <summary>The other system's incarnation.</summary>
    public int RemoteUid { get; }

    /// <summary>False as soon as the other side has closed the connection.</summary>
    public bool IsOpen => _isOpen;

    public Stream Stream => _peer.Stream;

    /// <summary>Connects and introduces this system.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="SocketException">The address cannot be reached.</exception>
    /// <exception cref="RefusedException">The other side is not whom the address names.</exception>
    public static async Task<OutboundConnection> OpenAsync(
        RemoteTransport transport, RemoteActorRefProvider provider, Address remote, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(provider.RemoteSettings.ConnectionTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(remote.Host!, remote.Port!.Value, limit.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (provider.RemoteSettings.Tls is { } tls)
            {
                stream = await tls.ConnectAsync(stream, remote.Host!, limit.Token).ConfigureAwait(false);
            }

            var peer = new PeerConnection(stream);
            var reply = await GreetAsync(transport, provider, peer, remote, limit.Token).ConfigureAwait(false);
            var connection = new OutboundConnection(peer, reply.Uid);
            _ = connection.ReadAnswersAsync(provider, remote);
            return connection;
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isOpen = false;
        await _closed.CancelAsync().ConfigureAwait(false);
        await _peer.Stream.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<HelloReply> GreetAsync(
        RemoteTransport transport, RemoteActorRefProvider provider, PeerConnection peer, Address remote, CancellationToken token)
    {
        var writer = new WireWriter();
        var start = FrameCodec.Begin(writer);
        new Hello(transport.LocalAddress, provider.Uid, remote).Write(writer);
        FrameCodec.End(writer, start);
        await peer.Stream.WriteAsync(writer.Written, token).ConfigureAwait(false);
        var body = await peer.ReadOneAsync(Hello.MaximumSize, token).ConfigureAwait(false);
        if (body.Length == 0)
        {
            throw new IOException("the peer closed the connection during the handshake");
        }

        var reply = HelloReply.Read(body);
        return reply.Refusal.Length == 0 ? reply : throw new RefusedException(reply.Refusal);
    }

    private async Task ReadAnswersAsync(RemoteActorRefProvider provider, Address remote)
    {
        try
        {
            await _peer.ReadAllAsync(Hello.MaximumSize, frame => OnFrame(frame, provider, remote), _closed.Token).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or SocketException or OperationCanceledException or ObjectDisposedException or FormatException)
        {
            // The writer notices by IsOpen and makes a new connection when it needs one.
        }
        finally
        {
            _isOpen = false;
        }
    }

    private static void OnFrame(ReadOnlySpan<byte> body, RemoteActorRefProvider provider, Address remote)
    {
        var reader = new WireReader(body);
        if (reader.Byte() != (byte)FrameKind.Pong)
        {
            throw new WireFormatException("an answer to a ping was expected");
        }

        provider.DeathWatch.Answered(remote);
    }
}
