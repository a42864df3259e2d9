using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Engines.MongoDb.Legacy;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// The way to one server of any version: by the official driver, or by a client of our own where the server's wire version is too old for it. A
/// server may be upgraded meanwhile. Neither sends anything to a server that it is not for, so that no command is sent twice.
/// </summary>
internal sealed class MongoDbReach(MongoDbClusterOptions options, MongoDbTls tls, string name, string address) : IMongoDbConnection
{
    private readonly Lock _lock = new();
    private IMongoDbConnection _current = new MongoDbConnection(options, tls, name, address);

    public string Address => address;

    public async Task<BsonDocument> Run(string database, BsonDocument command, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var first = Current;
        try
        {
            return await first.Run(database, command, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (MongoDbOtherWire)
        {
            Replace(first);
        }
        catch (ObjectDisposedException) when (Current != first)
        {
            // Somebody else has found it out.
        }

        try
        {
            return await Current.Run(database, command, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (MongoDbOtherWire e)
        {
            throw new EngineException(EngineFault.Misconfigured, $"{name} has a version of MongoDB that is not supported: 2.6 to 8 are", e);
        }
    }

    public void Dispose() => Current.Dispose();

    private IMongoDbConnection Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    private void Replace(IMongoDbConnection wrong)
    {
        lock (_lock)
        {
            if (_current != wrong)
            {
                return;
            }

            _current = wrong is LegacyConnection ? new MongoDbConnection(options, tls, name, address) : new LegacyConnection(options, tls, name, address);
        }

        wrong.Dispose();
    }
}

/// <summary>The server's wire versions are not those of this client: nothing was sent.</summary>
internal sealed class MongoDbOtherWire(Exception? inner = null) : Exception("the server speaks another wire version", inner);
