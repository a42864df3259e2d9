using System.Globalization;

namespace Orchestrator.CouchDouble;

/// <summary>What the answers of a version differ in.</summary>
internal sealed record DoubleVersion(string Text)
{
    private int Major => Text[0] - '0';

    private int Minor => int.Parse(Text.Split('.')[1], CultureInfo.InvariantCulture);

    /// <summary>1.x: one node, no shards, nothing of a cluster.</summary>
    public bool IsSingle => Major == 1;

    /// <summary>2.x: copies of shards are reached at the node's own port alone.</summary>
    public bool HasNodePorts => Major == 2;

    /// <summary>2.2 and later: <c>_dbs_info</c> and <c>_design_docs</c>.</summary>
    public bool HasBulkCalls => Major > 2 || (Major == 2 && Minor >= 2);

    /// <summary>2.3 and later: <c>_node/_local</c>.</summary>
    public bool KnowsLocal => Major > 2 || (Major == 2 && Minor >= 3);

    public bool HasSmoosh => Major >= 3;

    /// <summary>Before 3.0 sizes also stand beside the object <c>sizes</c>; in 1.x there is no such object.</summary>
    public bool HasPlainSizes => Major < 3;
}
