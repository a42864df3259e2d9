using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Host.Demo;

/// <summary>Finds free TCP ports on loopback.</summary>
internal static class FreePorts
{
    // Below those that systems give to connections (32768 to 60999 on Linux, 49152 to 65535 elsewhere), where any connection may take one before it is used.
    private const int First = 20_000;
    private const int Count = 12_000;

    // Processes that look at the same time begin at different places.
    private static int _last = Environment.ProcessId * 131;

    /// <summary>Different ports that were free a moment ago, and that this process was not given before; nothing keeps others from taking them meanwhile.</summary>
    /// <exception cref="SocketException">There are too few.</exception>
    public static IReadOnlyList<int> Find(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var tries = 0; listeners.Count < count; tries++)
            {
                var listener = new TcpListener(IPAddress.Loopback, First + (int)((uint)Interlocked.Increment(ref _last) % Count));
                try
                {
                    listener.Start();
                    listeners.Add(listener);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied && tries < Count)
                {
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
}
