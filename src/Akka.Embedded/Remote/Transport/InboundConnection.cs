using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Wire;

namespace Akka.Remote.Transport;

/// <summary>
/// A connection that another system has made. Whatever comes on it, the worst that it can cause is its own end and one
/// line in the log.
/// </summary>
internal sealed class InboundConnection(RemoteTransport transport, RemoteActorRefProvider provider, ILoggingAdapter log)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WireWriter _answers = new();
    private string _peerName = "";

    /// <summary>The peer's incarnation, once it has introduced itself.</summary>
    public int PeerUid { get; private set; }

    public async Task RunAsync(Socket socket)
    {
        try
        {
            _peerName = socket.RemoteEndPoint?.ToString() ?? "?";
            socket.NoDelay = true;
            await ServeAsync(new NetworkStream(socket, ownsSocket: true)).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is FormatException or AuthenticationException)
        {
            log.Warning("Connection from {0} closed: {1}", _peerName, cause.Message);
        }
        catch (Exception cause) when (cause is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_stop.IsCancellationRequested)
            {
                log.Info("Connection from {0} ended: {1}", _peerName, cause is OperationCanceledException ? "no handshake in time" : cause.Message);
            }
        }
        catch (Exception cause)
        {
            log.Error(cause, "Connection from {0} closed", _peerName);
        }
        finally
        {
            socket.Dispose();
            _done.TrySetResult();
        }
    }

    /// <summary>Closes the connection and waits until its last message is delivered.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _done.Task.ConfigureAwait(false);
    }

    private async Task ServeAsync(Stream plain)
    {
        Hello hello;
        Stream stream = plain;
        await using var closePlain = plain.ConfigureAwait(false);
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            limit.CancelAfter(provider.RemoteSettings.ConnectionTimeout);
            if (provider.RemoteSettings.Tls is { } tls)
            {
                stream = await tls.AcceptAsync(plain, limit.Token).ConfigureAwait(false);
            }

            var greeter = new PeerConnection(stream);
            await using var closeGreeter = greeter.ConfigureAwait(false);
            var first = await greeter.ReadOneAsync(Hello.MaximumSize, limit.Token).ConfigureAwait(false);
            if (first.Length == 0)
            {
                return;
            }

            hello = Hello.Read(first);
            if (!await AnswerAsync(stream, hello, limit.Token).ConfigureAwait(false))
            {
                return;
            }

            PeerUid = hello.Uid;
            _peerName = hello.From.ToString();
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            await transport.ReplaceInboundAsync(hello.From, hello.Uid, this).ConfigureAwait(false);
            try
            {
                await ReadAsync(greeter).ConfigureAwait(false);
            }
            finally
            {
                transport.Forget(hello.From, this);
            }
        }
    }

    private async Task<bool> AnswerAsync(Stream stream, Hello hello, CancellationToken token)
    {
        var refusal = provider.OwnsAddress(hello.To) ? "" : $"{provider.DefaultAddress} is here, not {hello.To}";
        var start = FrameCodec.Begin(_answers);
        new HelloReply(transport.LocalAddress, provider.Uid, refusal).Write(_answers);
        FrameCodec.End(_answers, start);
        await stream.WriteAsync(_answers.Written, token).ConfigureAwait(false);
        if (refusal.Length > 0)
        {
            log.Warning("Connection from {0} refused: {1}", hello.From, refusal);
        }

        return refusal.Length == 0;
    }

    private async Task ReadAsync(PeerConnection peer)
    {
        var envelopes = new EnvelopeReader(provider, log);
        await peer.ReadAllAsync(provider.RemoteSettings.MaximumFrameSize, frame => OnFrame(frame, envelopes, peer.Stream), _stop.Token).ConfigureAwait(false);
    }

    private void OnFrame(ReadOnlySpan<byte> body, EnvelopeReader envelopes, Stream stream)
    {
        if (body[0] != (byte)FrameKind.Ping)
        {
            envelopes.Deliver(body);
            return;
        }

        var reader = new WireReader(body);
        reader.Byte();
        var number = reader.Int64();
        reader.End();
        _answers.Clear();
        var start = FrameCodec.Begin(_answers);
        _answers.Byte((byte)FrameKind.Pong);
        _answers.Int64(number);
        FrameCodec.End(_answers, start);

        // A pong is tiny and comes once a second: it always fits into the socket's buffer.
        stream.Write(_answers.Written.Span);
    }
}
