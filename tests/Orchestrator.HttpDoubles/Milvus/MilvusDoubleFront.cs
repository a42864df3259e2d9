using System.Net;
using System.Net.Sockets;
using Orchestrator.Host.Demo;

namespace Orchestrator.HttpDoubles.Milvus;

/// <summary>One port for REST and gRPC, as Milvus has it: by the first byte a connection goes to the one or the other.</summary>
internal sealed class MilvusDoubleFront : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<bool, int> _portOf;
    private readonly Task _accepting;

    /// <param name="portOf">Of what serves HTTP/2 (true) or HTTP/1 (false).</param>
    public MilvusDoubleFront(Func<bool, int> portOf)
    {
        _portOf = portOf;
        Port = FreePorts.Find(1)[0];
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = Accept();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(Carry(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Carry(TcpClient client)
    {
        using var accepted = client;
        using var server = new TcpClient();
        try
        {
            var first = new byte[1];
            await client.GetStream().ReadExactlyAsync(first, _stopping.Token);

            // HTTP/2 begins with "PRI"; REST has no method with a P but POST, so the second byte decides there.
            var second = new byte[1];
            await client.GetStream().ReadExactlyAsync(second, _stopping.Token);
            await server.ConnectAsync(IPAddress.Loopback, _portOf(first[0] == 'P' && second[0] == 'R'), _stopping.Token);
            await server.GetStream().WriteAsync(new[] { first[0], second[0] }, _stopping.Token);
            await Task.WhenAny(
                client.GetStream().CopyToAsync(server.GetStream(), _stopping.Token),
                server.GetStream().CopyToAsync(client.GetStream(), _stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or InvalidOperationException)
        {
            // The connection has ended.
        }
    }
}
