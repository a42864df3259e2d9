using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Engines.Tests;

public sealed class OutgoingConnectionsTests
{
    [Fact]
    public async Task A_connection_that_is_reset_in_the_moment_it_is_made_fails_like_any_other()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var client = new HttpClient(new OutgoingConnections(new SocketsHttpHandler { ConnectCallback = ConnectAndAwaitReset }));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://{server.LocalEndpoint}/"));

        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.IsType<SocketException>(failure.InnerException);

        async ValueTask<Stream> ConnectAndAwaitReset(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            using (var accepted = await server.AcceptSocketAsync(cancellationToken))
            {
                // Closing it resets the connection.
                accepted.LingerState = new LingerOption(true, 0);
            }

            socket.Poll(-1, SelectMode.SelectError);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }
}
