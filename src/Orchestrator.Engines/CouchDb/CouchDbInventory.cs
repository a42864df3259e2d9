using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Sizes of a node's copies of shards, and what compacting each would free.</summary>
internal sealed class CouchDbInventory(string node, CouchDbRoster roster)
{
    /// <summary>The speed that estimates assume, in bytes of live data per second.</summary>
    private const double AssumedBytesPerSecond = 16 << 20;

    // A look at very many shards must not be in the way of the node's own work.
    private const int AtOnce = 4;

    private readonly CouchDbCalls _calls = roster.Calls(node);

    public async Task<MemberInventory> Take(CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        var units = await Task.WhenAll(roster.CopiesOn(node).Select(async copy =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Measure(copy.Database, copy.Range, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        var present = units.OfType<UnitEstimate>().ToList();
        return new MemberInventory([.. present.Where(unit => !IsSystem(unit))]) { SystemUnits = [.. present.Where(IsSystem)] };
    }

    private static bool IsSystem(UnitEstimate unit) => SystemDatabases.Contains(unit.Size.Unit.Database);

    /// <returns>Null if the node has no such copy any more.</returns>
    private async Task<UnitEstimate?> Measure(CouchDbDatabase database, string range, CancellationToken cancellationToken)
    {
        if (await _calls.ShardSizes(database, range, cancellationToken).ConfigureAwait(false) is not { } sizes)
        {
            return null;
        }

        var size = new UnitSize(new ShardUnit(database.Name, range), sizes.File, sizes.Active, sizes.File);
        return new UnitEstimate(size, size.ReclaimableBytes, sizes.Active, TimeSpan.FromSeconds(sizes.Active / AssumedBytesPerSecond))
        {
            ReplicaSet = CouchDbDatabase.SetOf(database.Name, range),
        };
    }
}
