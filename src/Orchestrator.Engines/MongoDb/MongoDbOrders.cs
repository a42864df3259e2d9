using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The command of one compaction, and what its version refuses.</summary>
internal static class MongoDbOrders
{
    /// <summary>MongoDB's own default of <see cref="MongoDbCapabilities.FreeSpaceTarget"/>, in MiB.</summary>
    public const long DefaultFreeSpaceTarget = 20;

    private static readonly string[] MmapOptions =
        [MongoDbCapabilities.PaddingFactor, MongoDbCapabilities.PaddingBytes, MongoDbCapabilities.PreservePadding, MongoDbCapabilities.Validate];

    /// <exception cref="EngineException">The order cannot be carried out.</exception>
    public static void Check(JobOrder order, string member, MongoDbVersion version)
    {
        if (order.Units.FirstOrDefault(size => size.Unit is not DocumentsUnit) is { } other)
        {
            throw new EngineException(EngineFault.Failed, $"MongoDB compacts whole collections with their indexes, not {other.Unit.Path} by itself");
        }

        var given = order.Settings.EngineOptions.Given;
        if (given.ContainsKey(MongoDbCapabilities.FreeSpaceTarget) && !version.HasFreeSpaceTarget)
        {
            throw new EngineException(
                EngineFault.Failed, $"{member} runs MongoDB {version}, which has no {MongoDbCapabilities.FreeSpaceTarget}; 7.3 and later have it");
        }

        if (!version.IsMmap && MmapOptions.FirstOrDefault(given.ContainsKey) is { } option)
        {
            throw new EngineException(EngineFault.Failed, $"{member} does not store by MMAPv1, which alone has {option}");
        }

        if (order.Settings.EngineOptions.IsOn(MongoDbCapabilities.PreservePadding)
            && (given.ContainsKey(MongoDbCapabilities.PaddingFactor) || given.ContainsKey(MongoDbCapabilities.PaddingBytes)))
        {
            throw new EngineException(
                EngineFault.Failed,
                $"{MongoDbCapabilities.PreservePadding} leaves records as they are; give it without {MongoDbCapabilities.PaddingFactor} and {MongoDbCapabilities.PaddingBytes}");
        }
    }

    /// <summary>Files with less free space than this, in bytes, are left alone; 0 where the version has no such rule.</summary>
    public static long FreeSpaceTarget(OptionValues options, MongoDbVersion version) =>
        version.HasFreeSpaceTarget ? options.Whole(MongoDbCapabilities.FreeSpaceTarget, DefaultFreeSpaceTarget) << 20 : 0;

    /// <summary>Adds the options that the request gives and MongoDB carries out itself.</summary>
    public static BsonDocument With(this BsonDocument command, OptionValues options)
    {
        foreach (var name in MmapOptions.Prepend(MongoDbCapabilities.FreeSpaceTarget))
        {
            switch (options.Given.GetValueOrDefault(name))
            {
                case OptionValue.Flag flag:
                    command[name] = flag.Value;
                    break;
                case OptionValue.Number { Value: var number }:
                    command[name] = decimal.IsInteger(number) ? (BsonValue)(long)number : (double)number;
                    break;
            }
        }

        return command;
    }

    public static BsonDocument Command(StorageUnit unit, JobOrder order)
    {
        var settings = order.Settings;
        var command = new BsonDocument("compact", unit.Collection);
        if (settings.Force)
        {
            command["force"] = true;
        }

        // Before 4.4 the command ignores it, and the list of operations shows it all the same.
        command["comment"] = MongoDbComment.Of(order.Ticket, settings.Comment);
        return command.With(settings.EngineOptions);
    }
}
