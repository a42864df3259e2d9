using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>The system's port, its connections and its associations with other systems.</summary>
internal sealed class RemoteTransport(RemoteActorRefProvider provider, ILoggingAdapter log)
{
    /// <summary>Most connections at a time; further ones wait to be accepted.</summary>
    private const int MaximumConnections = 1_000;

    private readonly ConcurrentDictionary<Address, Lazy<Association>> _associations = new();
    private readonly ConcurrentDictionary<InboundConnection, bool> _connections = new();
    private readonly ConcurrentDictionary<Address, int> _incarnations = new();
    private readonly Dictionary<Address, InboundConnection> _inbound = [];
    private readonly SemaphoreSlim _slots = new(MaximumConnections);
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The address that others reach this system at.</summary>
    public Address LocalAddress { get; private set; } = provider.RootPath.Address;

    /// <summary>Opens the port.</summary>
    /// <exception cref="ConfigurationException">The address cannot be bound.</exception>
    public void Listen()
    {
        var settings = provider.RemoteSettings;
        try
        {
            var address = BindAddress(settings.Hostname);
            _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(address, settings.Port));
            _listener.Listen(settings.Backlog);
        }
        catch (SocketException cause)
        {
            _listener?.Dispose();
            throw new ConfigurationException(
                $"akka.remote.dot-netty.tcp: cannot listen at '{settings.Hostname}' port {settings.Port}: {cause.Message}", cause);
        }

        var bound = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        LocalAddress = new Address(settings.Protocol, provider.System.Name, PublicHost(settings), settings.PublicPort > 0 ? settings.PublicPort : bound);
        log.Info("Remoting started; listening on address: [{0}]", LocalAddress);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The way to the system at the address; made when it is first asked for.</summary>
    public Association AssociationWith(Address remote) =>
        _associations.GetOrAdd(remote, static (address, self) => new Lazy<Association>(() => self.Associate(address)), this).Value;

    /// <summary>An association has connected.</summary>
    public void OnConnected(Address remote, int uid) => provider.DeathWatch.Connected(remote, NoteIncarnation(remote, uid));

    /// <summary>
    /// Makes the connection the only one from its peer. It waits for the end of the one before, so that no message of an
    /// older connection is delivered after one of a newer.
    /// </summary>
    public async Task ReplaceInboundAsync(Address peer, int uid, InboundConnection connection)
    {
        InboundConnection? before;
        lock (_inbound)
        {
            before = _inbound.GetValueOrDefault(peer);
            _inbound[peer] = connection;
        }

        if (before is not null)
        {
            await before.StopAsync().ConfigureAwait(false);
        }

        if (NoteIncarnation(peer, uid))
        {
            provider.DeathWatch.Connected(peer, isNewIncarnation: true);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Forget(Address peer, InboundConnection connection)
    {
        lock (_inbound)
        {
            if (_inbound.GetValueOrDefault(peer) == connection)
            {
                _inbound.Remove(peer);
            }
        }
    }

    /// <summary>Gives what waits a short time to go, then closes everything.</summary>
    public async Task StopAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_associations.Values.Select(a => a.Value.StopAsync())).ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys.Select(c => c.StopAsync())).ConfigureAwait(false);
        log.Info("Remoting shut down: [{0}]", LocalAddress);
    }

    /// <summary>Ends all communication at once and for good, as the loss of the process would.</summary>
    public void Break()
    {
        _stop.Cancel();
        _listener?.Dispose();
        foreach (var association in _associations.Values)
        {
            _ = association.Value.StopAsync();
        }

        foreach (var connection in _connections.Keys)
        {
            _ = connection.StopAsync();
        }
    }

    private static IPAddress BindAddress(string hostname)
    {
        if (hostname.Length == 0)
        {
            return IPAddress.Any;
        }

        if (IPAddress.TryParse(hostname, out var address))
        {
            return address;
        }

        var found = Dns.GetHostAddresses(hostname);
        return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
    }

    private static string PublicHost(RemoteSettings settings) =>
        settings.PublicHostname.Length > 0 ? settings.PublicHostname : settings.Hostname.Length > 0 ? settings.Hostname : Dns.GetHostName();

    private Association Associate(Address remote)
    {
        var association = new Association(this, provider, remote, log);
        if (_stop.IsCancellationRequested)
        {
            _ = association.StopAsync();
        }

        return association;
    }

    private bool NoteIncarnation(Address remote, int uid)
    {
        var isNew = false;
        _incarnations.AddOrUpdate(remote, uid, (_, known) =>
        {
            isNew = known != uid;
            return uid;
        });
        return isNew;
    }

    private async Task FlushAsync()
    {
        var scheduler = provider.System.Scheduler;
        var deadline = scheduler.MonotonicClock + provider.RemoteSettings.FlushOnShutdown;
        while (scheduler.MonotonicClock < deadline && _associations.Values.Any(a => a.Value.HasUnsent))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10)).ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _slots.WaitAsync(_stop.Token).ConfigureAwait(false);
                var socket = await _listener!.AcceptAsync(_stop.Token).ConfigureAwait(false);
                Serve(socket);
            }
            catch (Exception cause) when (_stop.IsCancellationRequested && (cause is OperationCanceledException or ObjectDisposedException or SocketException))
            {
                return;
            }
            catch (SocketException cause)
            {
                _slots.Release();
                log.Warning("A connection could not be accepted: {0}", cause.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100)).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        var connection = new InboundConnection(this, provider, log);
        _connections[connection] = true;
        _ = Task.Run(async () =>
        {
            await connection.RunAsync(socket).ConfigureAwait(false);
            _connections.TryRemove(connection, out _);
            _slots.Release();
        });
    }
}
