using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The way to one server, whatever its protocol. Safe for use from several threads.</summary>
internal interface IMongoDbConnection : IDisposable
{
    /// <summary>Where it leads, as <c>host:port</c>.</summary>
    string Address { get; }

    /// <summary>Sends a command once: it is never repeated.</summary>
    /// <param name="timeout">How long the answer may take; null for as long as the command takes.</param>
    /// <exception cref="MongoDbRefusal">MongoDB's answer is an error.</exception>
    /// <exception cref="EngineException">There is no answer; the server may nevertheless be at it.</exception>
    Task<BsonDocument> Run(string database, BsonDocument command, TimeSpan? timeout, CancellationToken cancellationToken);
}
