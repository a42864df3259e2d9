using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The command of one compaction, and what its version refuses.</summary>
internal static class MongoDbOrders
{
    /// <summary>MongoDB's own default of <see cref="MongoDbCapabilities.FreeSpaceTarget"/>, in MiB.</summary>
    private const long DefaultFreeSpaceTarget = 20;

    /// <exception cref="EngineException">The order cannot be carried out.</exception>
    public static void Check(JobOrder order, string member, MongoDbVersion version)
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not DocumentsUnit) is { } other)
        {
            throw new EngineException(EngineFault.Failed, $"MongoDB compacts whole collections with their indexes, not {other.Unit.Path} by itself");
        }

        if (order.Settings.EngineOptions.Given.ContainsKey(MongoDbCapabilities.FreeSpaceTarget) && !version.HasFreeSpaceTarget)
        {
            throw new EngineException(
                EngineFault.Failed, $"{member} runs MongoDB {version}, which has no {MongoDbCapabilities.FreeSpaceTarget}; 7.3 and later have it");
        }
    }

    /// <summary>Files with less free space than this, in bytes, are left alone; 0 where the version has no such rule.</summary>
    public static long FreeSpaceTarget(OptionValues options, MongoDbVersion version) =>
        version.HasFreeSpaceTarget ? options.Whole(MongoDbCapabilities.FreeSpaceTarget, DefaultFreeSpaceTarget) << 20 : 0;

    /// <summary>Adds the options that the request gives and MongoDB carries out itself.</summary>
    public static BsonDocument With(this BsonDocument command, OptionValues options) =>
        options.Given.ContainsKey(MongoDbCapabilities.FreeSpaceTarget)
            ? command.Set(MongoDbCapabilities.FreeSpaceTarget, options.Whole(MongoDbCapabilities.FreeSpaceTarget, DefaultFreeSpaceTarget))
            : command;

    public static BsonDocument Command(StorageUnit unit, JobOrder order, MongoDbVersion version)
    {
        var settings = order.Settings;
        var command = new BsonDocument("compact", unit.Collection);
        if (settings.Force)
        {
            command["force"] = true;
        }

        if (version.HasComment)
        {
            command["comment"] = MongoDbJobId.Comment(order.Ticket, settings.Comment);
        }

        return command.With(settings.EngineOptions);
    }
}
