using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The command of one compaction, and what its version refuses.</summary>
internal static class MongoDbOrders
{
    /// <summary>MongoDB's own default, which need not be sent.</summary>
    public const int DefaultFreeSpaceTarget = 20;

    /// <exception cref="EngineException">The order cannot be carried out.</exception>
    public static void Check(JobOrder order, string member, MongoDbVersion version)
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not DocumentsUnit) is { } other)
        {
            throw new EngineException(EngineFault.Failed, $"MongoDB compacts whole collections with their indexes, not {other.Unit.Path} by itself");
        }

        if (order.Settings.FreeSpaceTargetMB != DefaultFreeSpaceTarget && !version.HasFreeSpaceTarget)
        {
            throw new EngineException(EngineFault.Failed, $"{member} runs MongoDB {version}, which has no freeSpaceTargetMB; 7.3 and later have it");
        }

        if (order.Settings.FreeSpaceTargetMB < 1 && version.HasFreeSpaceTarget)
        {
            throw new EngineException(EngineFault.Failed, "freeSpaceTargetMB must be at least 1 for MongoDB");
        }
    }

    public static BsonDocument Command(StorageUnit unit, JobOrder order, MongoDbVersion version)
    {
        var settings = order.Settings;
        var command = new BsonDocument("compact", unit.Collection);
        if (settings.Force)
        {
            command["force"] = true;
        }

        if (version.HasFreeSpaceTarget && settings.FreeSpaceTargetMB != DefaultFreeSpaceTarget)
        {
            command["freeSpaceTargetMB"] = settings.FreeSpaceTargetMB;
        }

        if (version.HasComment)
        {
            command["comment"] = MongoDbJobId.Comment(order.Ticket, settings.Comment);
        }

        return command;
    }
}
