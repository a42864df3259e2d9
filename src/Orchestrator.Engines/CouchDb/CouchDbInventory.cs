using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Sizes of a node's copies of shards and of the views in them, and what compacting each would free.</summary>
internal sealed class CouchDbInventory(string node, CouchDbRoster roster)
{
    /// <summary>The speed that estimates assume, in bytes of live data per second.</summary>
    private const double AssumedBytesPerSecond = 16 << 20;

    private const string Building = "the index is being built or brought up to date";

    // A look at very many shards must not be in the way of the node's own work.
    private const int AtOnce = 4;

    private readonly CouchDbCalls _calls = roster.Calls(node);

    public async Task<MemberInventory> Take(InventoryRequest request, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        var units = await Task.WhenAll(roster.CopiesOn(node).Where(copy => request.ReplicaSet is null || CouchDbDatabase.SetOf(copy.Database.Name, copy.Range) == request.ReplicaSet).Select(async copy =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Measure(copy.Database, copy.Range, request, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        var present = units.SelectMany(copy => copy).ToList();
        return new MemberInventory([.. present.Where(unit => !IsSystem(unit))])
        {
            SystemUnits = [.. present.Where(IsSystem)],
            ReplicaSet = request.ReplicaSet,
        };
    }

    private static bool IsSystem(UnitEstimate unit) => SystemDatabases.Contains(unit.Size.Unit.Database);

    /// <returns>The copy and the views in it; nothing if the node has no such copy any more.</returns>
    private async Task<IReadOnlyList<UnitEstimate>> Measure(
        CouchDbDatabase database, string range, InventoryRequest request, CancellationToken cancellationToken)
    {
        var shard = database.Data(range);
        if (await _calls.Sizes(database, shard, cancellationToken).ConfigureAwait(false) is not { } sizes)
        {
            return [];
        }

        var stale = await roster.StaleIndexes(node, database, range, cancellationToken).ConfigureAwait(false);
        var data = Estimate(shard, range, sizes, request);
        var units = new List<UnitEstimate> { data with { Size = data.Size with { StaleIndexes = stale } } };
        foreach (var view in await roster.ViewsOf(database, cancellationToken).ConfigureAwait(false))
        {
            if (view.Range == range)
            {
                units.AddRange(await MeasureView(database, view, request, cancellationToken).ConfigureAwait(false));
            }
        }

        return units;
    }

    /// <summary>
    /// A design document is a document of one range, and only that one's copies can be ordered to compact its index there. The parts in other
    /// ranges are compacted on all nodes at once: one step of the first node that holds the design document.
    /// </summary>
    private async Task<IReadOnlyList<UnitEstimate>> MeasureView(
        CouchDbDatabase database, CouchDbView view, InventoryRequest request, CancellationToken cancellationToken)
    {
        var units = new List<UnitEstimate>();
        var everywhere = request.Options.IsOn(CouchDbCapabilities.ViewsEverywhere);
        var isSplit = database.Ranges.Count > 1;
        var here = new ViewUnit(database.Name, view.Range, view.Name);
        if (await _calls.Sizes(database, here, cancellationToken).ConfigureAwait(false) is { } own)
        {
            units.Add(Estimate(here, view.Range, own, request) with
            {
                Refusal = own.IsUpdating ? Building : isSplit && everywhere ? "compacted together with its parts in the other shards" : "",
            });
        }

        var whole = new ViewUnit(database.Name, "", view.Name);
        if (isSplit && database.Ranges[view.Range][0] == node && await _calls.Sizes(database, whole, cancellationToken).ConfigureAwait(false) is { } all)
        {
            // Its files are those of many nodes: where it is not compacted it counts for nothing on this one.
            units.Add(everywhere
                ? Estimate(whole, view.Range, all, request) with { Refusal = all.IsUpdating ? Building : "" }
                : Estimate(whole, view.Range, all with { File = 0, Active = 0, External = 0 }, request) with
                {
                    Refusal = $"its parts in other shards can only be compacted on all nodes at once (option {CouchDbCapabilities.ViewsEverywhere})",
                });
        }

        return units;
    }

    private static UnitEstimate Estimate(StorageUnit unit, string range, CouchDbSizes sizes, InventoryRequest request)
    {
        var size = new UnitSize(unit, sizes.File, sizes.Active, sizes.File) { ExternalBytes = sizes.External };
        return new UnitEstimate(size, size.ReclaimableBytes, sizes.Active, TimeSpan.FromSeconds(sizes.Active / AssumedBytesPerSecond))
        {
            ReplicaSet = CouchDbDatabase.SetOf(unit.Database, range),
            Priority = request.Options.Given.GetValueOrDefault(CouchDbCapabilities.Priority) is OptionValue.Text { Value: CouchDbCapabilities.Ratio }
                ? (double)sizes.File / Math.Max(1, sizes.Active)
                : size.ReclaimableBytes,
        };
    }
}
