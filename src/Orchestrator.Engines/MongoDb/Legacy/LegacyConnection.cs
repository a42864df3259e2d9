using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>The way to a server that the official driver does not speak to: MongoDB 2.6 to 4.2. A socket for each call that is at work.</summary>
internal sealed class LegacyConnection(MongoDbClusterOptions options, MongoDbTls tls, string name, string address) : IMongoDbConnection
{
    private readonly ConcurrentBag<LegacySocket> _idle = [];
    private readonly string _label = name == address ? name : $"{name} at {address}";
    private volatile bool _isDisposed;

    public string Address => address;

    public async Task<BsonDocument> Run(string database, BsonDocument command, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.RequestTimeout);
        try
        {
            var socket = await Take(limited.Token).ConfigureAwait(false);
            limited.CancelAfter(timeout ?? Timeout.InfiniteTimeSpan);
            try
            {
                var answer = await socket.Run(database, command, limited.Token).ConfigureAwait(false);
                Give(socket);
                return answer;
            }
            catch (MongoDbRefusal)
            {
                Give(socket);
                throw;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineException.Silent(_label, timeout ?? options.RequestTimeout, e);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidDataException or ObjectDisposedException)
        {
            throw MongoDbErrors.Translate(_label, options, e);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    private async Task<LegacySocket> Take(CancellationToken cancellationToken)
    {
        while (_idle.TryTake(out var idle))
        {
            if (!idle.IsClosed)
            {
                return idle;
            }

            idle.Dispose();
        }

        return await LegacySocket.Open(options, tls, address, cancellationToken).ConfigureAwait(false);
    }

    private void Give(LegacySocket socket)
    {
        _idle.Add(socket);
        if (_isDisposed)
        {
            Dispose();
        }
    }
}
