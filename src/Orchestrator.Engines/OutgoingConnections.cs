using System.Net.Sockets;

namespace Orchestrator.Engines;

/// <summary>
/// Below the HTTP clients of engines, commands and webhooks: no connection means a <see cref="HttpRequestException"/>. The runtime lets a bare
/// <see cref="SocketException"/> through where the other side resets a connection in the moment in which it is made: after it has
/// connected, SocketsHttpHandler asks the socket for its remote end (HttpConnectionPool.ConnectAsync in .NET 10).
/// </summary>
public sealed class OutgoingConnections(SocketsHttpHandler connections) : DelegatingHandler(connections)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }
}
