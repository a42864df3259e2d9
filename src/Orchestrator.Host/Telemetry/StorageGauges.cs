using System.Diagnostics.Metrics;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Topology;
using static Orchestrator.Host.Telemetry.Gauge;

namespace Orchestrator.Host.Telemetry;

/// <summary>
/// Sizes by the last inventory of each member: sums of all its units, and the units with the most to gain. Databases that nodes keep for
/// themselves are not counted.
/// </summary>
internal static class StorageGauges
{
    /// <param name="maxUnits">Units with series of their own.</param>
    public static IReadOnlyList<Gauge> All(int maxUnits) =>
    [
        new("orchestrator.member.storage.file", "By", "Size of the files of the member's units.", picture => Sums(picture, unit => unit.FileBytes)),
        new("orchestrator.member.storage.live", "By", "What the live data of the member's units would take in fresh files.", picture => Sums(picture, unit => unit.LiveBytes)),
        new("orchestrator.member.storage.reclaimable", "By", "What compacting the member's units can give back.", picture => Sums(picture, unit => unit.ReclaimableBytes)),
        new("orchestrator.member.storage.units", "{unit}", "Units of the member.", picture => Sums(picture, _ => 1)),
        new("orchestrator.member.inventory.timestamp", "s", "When the member's units were last measured, in seconds since 1970.", MeasuredAt),
        new("orchestrator.member.last_compaction.timestamp", "s", "When a unit of the member was last compacted, in seconds since 1970.", picture =>
            picture.ScheduleState.Units
                .GroupBy(unit => (unit.Key.Cluster, unit.Key.Node))
                .Where(member => picture.Clusters.Any(cluster => cluster.View.Name == member.Key.Cluster))
                .Select(member => Value(Timestamp(member.Max(unit => unit.Value.At)), ("cluster", member.Key.Cluster), ("member", member.Key.Node)))),
        new("orchestrator.unit.file", "By", "Size of the unit's files.", picture => Units(picture, maxUnits, unit => unit.FileBytes)),
        new("orchestrator.unit.live", "By", "What the unit's live data would take in a fresh file.", picture => Units(picture, maxUnits, unit => unit.LiveBytes)),
        new("orchestrator.unit.reclaimable", "By", "What compacting the unit can give back.", picture => Units(picture, maxUnits, unit => unit.ReclaimableBytes)),
    ];

    private static IEnumerable<Measurement<double>> Sums(SupervisorPicture picture, Func<UnitSize, long> value) =>
        from cluster in picture.Clusters
        from inventory in cluster.Inventories.Values
        select Value(inventory.Units.Sum(unit => (double)value(unit.Size)), ("cluster", cluster.View.Name), ("member", inventory.Node));

    private static IEnumerable<Measurement<double>> MeasuredAt(SupervisorPicture picture) =>
        from cluster in picture.Clusters
        from measured in cluster.MeasuredAt
        select Value(Timestamp(measured.Value), ("cluster", cluster.View.Name), ("member", measured.Key));

    private static IEnumerable<Measurement<double>> Units(SupervisorPicture picture, int most, Func<UnitSize, long> value)
    {
        var units =
            from cluster in picture.Clusters
            from inventory in cluster.Inventories.Values
            from unit in inventory.Units
            where unit.Size.ReclaimableBytes > 0
            select (Cluster: cluster.View.Name, inventory.Node, unit.Size);
        return units
            .OrderByDescending(unit => unit.Size.ReclaimableBytes)
            .ThenBy(unit => unit.Cluster, StringComparer.Ordinal)
            .ThenBy(unit => unit.Node, StringComparer.Ordinal)
            .ThenBy(unit => unit.Size.Unit.Path, StringComparer.Ordinal)
            .Take(most)
            .Select(unit => Value(value(unit.Size), ("cluster", unit.Cluster), ("member", unit.Node), ("unit", unit.Size.Unit.Path)));
    }
}
