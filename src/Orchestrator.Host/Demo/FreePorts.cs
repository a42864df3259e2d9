using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Host.Demo;

/// <summary>Finds free TCP ports on loopback.</summary>
internal static class FreePorts
{
    /// <summary>Different ports that were free a moment ago; nothing keeps others from taking them meanwhile.</summary>
    public static IReadOnlyList<int> Find(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
