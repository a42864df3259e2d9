using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Host.Tests.Http;

/// <summary>Requests byte for byte, as no HTTP client would send them.</summary>
internal static class RawRequest
{
    /// <summary>Sends a request whose Host is the server's address, and gives the status of the answer.</summary>
    public static async Task<int> Send(Uri server, string head, string body)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Host, server.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{head}\r\nHost: {server.Authority}\r\nConnection: close\r\n\r\n{body}"));
        using var reader = new StreamReader(stream);
        var line = await reader.ReadLineAsync() ?? "";
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
