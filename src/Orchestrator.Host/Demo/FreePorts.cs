using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Host.Demo;

/// <summary>Finds free TCP ports on loopback.</summary>
internal static class FreePorts
{
    // Below those that systems give to connections (32768 to 60999 on Linux, 49152 to 65535 elsewhere), where any connection may take one before it is used.
    private const int First = 20_000;
    private const int Count = 12_000;

    // The UDP port of the same number is held until the process ends: so nobody else who looks here is given the port, not even while nobody listens at it.
    private static readonly ConcurrentBag<Socket> _claims = [];

    // Processes that look at the same time begin at different places.
    private static int _last = Environment.ProcessId * 131;

    /// <summary>Different ports at which nobody listens, and which nobody was given by this class whose process still runs.</summary>
    /// <exception cref="SocketException">There are too few.</exception>
    public static IReadOnlyList<int> Find(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var tries = 0; listeners.Count < count; tries++)
            {
                var place = new IPEndPoint(IPAddress.Loopback, First + (int)((uint)Interlocked.Increment(ref _last) % Count));
                var claim = new Socket(place.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                var listener = new TcpListener(place);
                try
                {
                    claim.Bind(place);
                    listener.Start();
                    listeners.Add(listener);
                    _claims.Add(claim);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied && tries < Count)
                {
                    claim.Dispose();
                    listener.Dispose();
                }
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>The first of so many ports that follow one another, each as those of <see cref="Find"/>.</summary>
    /// <exception cref="SocketException">There are too few free ports.</exception>
    public static int FindRow(int count)
    {
        while (true)
        {
            if (Find(count) is var found && found[^1] - found[0] == count - 1)
            {
                return found[0];
            }
        }
    }
}
