using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Sizes of a member's collections, and what compacting each would free.</summary>
internal sealed class MongoDbInventory(MongoDbCalls calls, MongoDbLeftovers leftovers, bool isOfConfigServers)
{
    /// <summary>The speed that estimates assume, in bytes of a file per second.</summary>
    private const double AssumedBytesPerSecond = 64 << 20;

    /// <summary>What MMAPv1 needs at most beside its files (manual of 2.6, compact).</summary>
    private const long MmapTemporaryBytes = 2L << 30;

    // A look at very many collections must not be in the way of the member's own work.
    private const int AtOnce = 4;

    /// <summary>Databases that MongoDB keeps for itself.</summary>
    public static IReadOnlyList<string> SystemDatabases { get; } = ["admin", "config", "local"];

    public async Task<MemberInventory> Take(InventoryRequest request, MongoDbVersion version, CancellationToken cancellationToken)
    {
        var databases = await calls.Databases(cancellationToken).ConfigureAwait(false);
        var names = new List<(string Database, BsonDocument Collection)>();
        foreach (var database in databases)
        {
            names.AddRange((await calls.Collections(database, cancellationToken).ConfigureAwait(false)).Select(collection => (database, collection)));
        }

        var isInMemory = await calls.StorageEngine(cancellationToken).ConfigureAwait(false) == "inMemory";
        using var slots = new SemaphoreSlim(AtOnce);
        var units = await Task.WhenAll(names.Select(async name =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Measure(name.Database, name.Collection, request, version, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        var present = units.OfType<UnitEstimate>().Select(unit => isInMemory ? Refused(unit.Size, "the in-memory storage engine has no files") : unit).ToList();
        return new MemberInventory([.. present.Where(unit => !IsSystem(unit))]) { SystemUnits = [.. present.Where(IsSystem)] };
    }

    /// <summary>Config servers exist for the database <c>config</c>.</summary>
    private bool IsSystem(UnitEstimate unit) =>
        (SystemDatabases.Contains(unit.Size.Unit.Database) && !(isOfConfigServers && unit.Size.Unit.Database == "config")) || unit.Size.Unit.Collection.StartsWith("system.", StringComparison.Ordinal);

    /// <returns>Null if there is nothing to say of it: it was dropped meanwhile, or is the inside of a time-series collection.</returns>
    private async Task<UnitEstimate?> Measure(
        string database, BsonDocument collection, InventoryRequest request, MongoDbVersion version, CancellationToken cancellationToken)
    {
        var name = collection["name"].AsString;
        var unit = new DocumentsUnit(database, name);
        if (collection.GetValue("type", "collection") == "view")
        {
            return Refused(new UnitSize(unit, 0, 0, 0), "a view stores nothing");
        }

        // The server finds these by the time-series collection's own name.
        if (name.StartsWith("system.buckets.", StringComparison.Ordinal))
        {
            return null;
        }

        if (await calls.Sizes(database, name, cancellationToken).ConfigureAwait(false) is not { } sizes)
        {
            return null;
        }

        var size = new UnitSize(unit, sizes.Bytes, sizes.Bytes - sizes.Free, sizes.Bytes);
        if (version.IsMmap && sizes.IsCapped)
        {
            return Refused(size, "MMAPv1 does not compact capped collections");
        }

        if (!version.CompactsSystemCollections && name.StartsWith("system.", StringComparison.Ordinal))
        {
            return Refused(size, $"MongoDB {version} does not compact system collections");
        }

        if (sizes.HasIndexBuild)
        {
            return Refused(size, "an index of it is being built");
        }

        var target = MongoDbOrders.FreeSpaceTarget(request.Options, version);
        var gain = sizes.Files.Sum(file => file.Gain(target));
        if (gain > 0 && version.HasDryRun)
        {
            gain = Math.Min(sizes.Bytes, await DryRun(unit, request, cancellationToken).ConfigureAwait(false) ?? gain);
        }

        gain = Math.Min(gain, Math.Max(0, sizes.Free - leftovers.Of(unit, sizes)));
        return new UnitEstimate(size, gain, version.IsMmap ? MmapTemporaryBytes : 0, TimeSpan.FromSeconds(sizes.Bytes / AssumedBytesPerSecond));
    }

    /// <summary>What MongoDB itself expects; null where it does not tell, for example because the member is primary.</summary>
    private async Task<long?> DryRun(DocumentsUnit unit, InventoryRequest request, CancellationToken cancellationToken)
    {
        var command = new BsonDocument { { "compact", unit.Collection }, { "dryRun", true } }.With(request.Options);
        try
        {
            var answer = await calls.On(unit.Database, command, cancellationToken).ConfigureAwait(false);

            // The first releases of 8.0 call it bytesFreed (SERVER-90500).
            return answer.GetValue("estimatedBytesFreed", answer.GetValue("bytesFreed", BsonNull.Value)) is { IsNumeric: true } bytes ? bytes.ToInt64() : null;
        }
        catch (MongoDbRefusal refusal) when (!refusal.IsDenial)
        {
            return null;
        }
    }

    private static UnitEstimate Refused(UnitSize size, string reason) => new(size, 0, 0, TimeSpan.Zero) { Refusal = reason };
}
