using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Wire;

namespace Akka.Remote.Transport;

/// <summary>
/// The way to one other system: a bounded queue and one connection that is made when there is something to send. All
/// messages to the system go this way, in the order they were sent; only the cluster's own (heartbeats, gossip) overtake.
/// </summary>
internal sealed class Association
{
    /// <summary>Most messages that wait; further ones become dead letters.</summary>
    public const int QueueLimit = 100_000;

    private const int UrgentLimit = 1_000;
    private const int BatchBytes = 64 * 1024;

    private readonly RemoteTransport _transport;
    private readonly RemoteActorRefProvider _provider;
    private readonly ILoggingAdapter _log;
    private readonly ConcurrentQueue<Outbound> _queue = new();
    private readonly ConcurrentQueue<Outbound> _urgent = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly WireWriter _batch = new();
    private readonly EnvelopeWriter _envelopes;
    private readonly Task _loop;
    private OutboundConnection? _connection;
    private int _queued;
    private int _idle;
    private int _pingDue;
    private int _isWorking;
    private int _overflowed;
    private bool _failureLogged;
    private long _pingNumber;

    public Association(RemoteTransport transport, RemoteActorRefProvider provider, Address remote, ILoggingAdapter log)
    {
        _transport = transport;
        _provider = provider;
        _log = log;
        Remote = remote;
        _envelopes = new EnvelopeWriter(provider, log);
        _loop = Task.Run(RunAsync);
    }

    public Address Remote { get; }

    /// <summary>True while a connected or connecting peer has messages still to come.</summary>
    public bool HasUnsent => Volatile.Read(ref _isWorking) == 1 && !_failureLogged;

    public void Send(Outbound message)
    {
        if (_stop.IsCancellationRequested)
        {
            ToDeadLetters(message);
            return;
        }

        if (Interlocked.Increment(ref _queued) > QueueLimit)
        {
            Interlocked.Decrement(ref _queued);
            if (Interlocked.Exchange(ref _overflowed, 1) == 0)
            {
                _log.Warning("{0} messages wait to be sent to {1}; further ones become dead letters", QueueLimit, Remote);
            }

            ToDeadLetters(message);
            return;
        }

        _queue.Enqueue(message);
        Volatile.Write(ref _isWorking, 1);
        Wake();
    }

    /// <summary>Sends a message ahead of the others. When too many wait, the oldest is dropped: the newest says more.</summary>
    public void SendUrgent(Outbound message)
    {
        _urgent.Enqueue(message);
        if (_urgent.Count > UrgentLimit)
        {
            _urgent.TryDequeue(out _);
        }

        Volatile.Write(ref _isWorking, 1);
        Wake();
    }

    /// <summary>Asks the other system for a sign of life.</summary>
    public void Ping()
    {
        Volatile.Write(ref _pingDue, 1);
        Wake();
    }

    /// <summary>Stops sending; what still waits becomes dead letters.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        DropAll();
    }

    private void Wake()
    {
        if (Volatile.Read(ref _idle) == 1 && Interlocked.Exchange(ref _idle, 0) == 1)
        {
            _wake.Writer.TryWrite(true);
        }
    }

    private bool HasWork() => !_queue.IsEmpty || !_urgent.IsEmpty || Volatile.Read(ref _pingDue) == 1;

    private async Task RunAsync()
    {
        var token = _stop.Token;
        var backoff = new Backoff(_provider.RemoteSettings, _provider.System.Scheduler);
        while (!token.IsCancellationRequested)
        {
            try
            {
                await WaitForWorkAsync(token).ConfigureAwait(false);
                var connection = await ConnectAsync(token).ConfigureAwait(false);
                backoff.Reset();
                await WriteAsync(connection, token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                break;
            }
            catch (Exception cause) when (cause is IOException or SocketException or OperationCanceledException or FormatException
                or System.Security.Authentication.AuthenticationException or ObjectDisposedException or RefusedException)
            {
                await AfterFailureAsync(cause, backoff).ConfigureAwait(false);
            }
            catch (Exception cause)
            {
                _log.Error(cause, "Sending to {0} failed", Remote);
                await AfterFailureAsync(cause, backoff).ConfigureAwait(false);
            }
        }

        await CloseAsync().ConfigureAwait(false);
    }

    private async Task WaitForWorkAsync(CancellationToken token)
    {
        while (!HasWork())
        {
            Volatile.Write(ref _isWorking, 0);
            Volatile.Write(ref _idle, 1);
            if (HasWork())
            {
                Volatile.Write(ref _idle, 0);
                Volatile.Write(ref _isWorking, 1);
                return;
            }

            await _wake.Reader.ReadAsync(token).ConfigureAwait(false);
        }
    }

    private async Task<OutboundConnection> ConnectAsync(CancellationToken token)
    {
        if (_connection is { IsOpen: true } open)
        {
            return open;
        }

        await CloseAsync().ConfigureAwait(false);
        _connection = await OutboundConnection.OpenAsync(_transport, _provider, Remote, token).ConfigureAwait(false);
        _failureLogged = false;
        _transport.OnConnected(Remote, _connection.RemoteUid);
        return _connection;
    }

    private async Task WriteAsync(OutboundConnection connection, CancellationToken token)
    {
        _batch.Clear();
        if (Interlocked.Exchange(ref _pingDue, 0) == 1)
        {
            var start = FrameCodec.Begin(_batch);
            _batch.Byte((byte)FrameKind.Ping);
            _batch.Int64(++_pingNumber);
            FrameCodec.End(_batch, start);
        }

        while (_batch.Length < BatchBytes && TryTake(out var message))
        {
            _envelopes.Append(_batch, message);
        }

        if (_batch.Length > 0)
        {
            await connection.Stream.WriteAsync(_batch.Written, token).ConfigureAwait(false);
        }
    }

    private bool TryTake(out Outbound message)
    {
        if (_urgent.TryDequeue(out message))
        {
            return true;
        }

        if (!_queue.TryDequeue(out message))
        {
            return false;
        }

        if (Interlocked.Decrement(ref _queued) < QueueLimit / 2)
        {
            Volatile.Write(ref _overflowed, 0);
        }

        return true;
    }

    private async Task AfterFailureAsync(Exception cause, Backoff backoff)
    {
        await CloseAsync().ConfigureAwait(false);
        if (!_failureLogged)
        {
            _failureLogged = true;
            _log.Warning("Connection with {0} failed: {1}. Trying again while there is something to send", Remote, cause.Message);
        }

        if (backoff.HasLastedTooLong)
        {
            DropAll();
        }

        try
        {
            await backoff.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop ends by itself.
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void DropAll()
    {
        Volatile.Write(ref _pingDue, 0);
        _urgent.Clear();
        while (TryTake(out var message))
        {
            ToDeadLetters(message);
        }
    }

    private void ToDeadLetters(Outbound message)
    {
        if (message.Message is not Dispatch.ISystemMessage)
        {
            var deadLetters = _provider.DeadLetters;
            deadLetters.Tell(new DeadLetter(message.Message, message.Sender ?? deadLetters, message.Recipient), message.Sender);
        }
    }
}
