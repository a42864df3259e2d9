using Orchestrator.Core.Nodes;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>The last compaction of a unit on a node.</summary>
public sealed record UnitLastCompaction(string Node, StorageUnit Unit, LastCompaction Last)
{
    /// <summary>Those of all measured units of a cluster of which one is remembered.</summary>
    public static IReadOnlyList<UnitLastCompaction> Of(string cluster, IEnumerable<NodeInventory> nodes, ScheduleState history) =>
    [
        .. from node in nodes
           from unit in node.Units
           let last = LastCompaction.Of(history.Of(cluster, node.Node, unit.Size.Unit), unit.Size)
           where last is not null
           select new UnitLastCompaction(node.Node, unit.Size.Unit, last),
    ];
}
