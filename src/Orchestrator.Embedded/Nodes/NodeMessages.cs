using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// An administrator's order to the node in this process itself, not from the supervisor. Answered with <see cref="OrderDone"/> or
/// <see cref="OrderRefused"/>.
/// </summary>
/// <param name="Command">What a supervisor would have sent; its epoch is replaced by the highest that the node knows.</param>
public sealed record DirectOrder(INodeCommand Command) : DataRequest("", "");

/// <summary>
/// Compacts units of this node, or tells what that would bring. Answered with <see cref="OrderDone"/> that holds a
/// <see cref="CompactionStatus"/>, with <see cref="CompactionEstimated"/>, or with <see cref="OrderRefused"/>.
/// </summary>
/// <param name="Id">Names the compaction; a repeated one starts nothing.</param>
/// <param name="Database">Only this database; empty for all.</param>
/// <param name="Collection">Only this collection; empty for all.</param>
/// <param name="Documents">Whether documents are compacted.</param>
/// <param name="Indexes">Which indexes are compacted; one that no collection has is refused by name.</param>
/// <param name="DryRun">Whether only estimates are made.</param>
public sealed record DirectCompaction(
    string Id,
    string Database,
    string Collection,
    bool Documents,
    IndexSelection Indexes,
    CompactionSettings Settings,
    bool DryRun) : DataRequest(Database, Collection)
{
    /// <summary>The ticket under which the node knows a direct compaction.</summary>
    public static CompactionTicket TicketOf(string id) => new(id, 1, 1);
}

/// <summary>Asks for the compactions at work and lately ended: <see cref="CompactionsListed"/>.</summary>
public sealed record ListCompactions() : DataRequest("", "");

/// <summary>The node has done, or begun, what was ordered.</summary>
/// <param name="Answer">What a supervisor would have been told.</param>
public sealed record OrderDone(object Answer) : DataReply;

/// <summary>The node did nothing.</summary>
public sealed record OrderRefused(RefusalCode Code, string Reason) : DataReply;

/// <summary>What a compaction would bring, unit by unit.</summary>
public sealed record CompactionEstimated(IReadOnlyList<UnitEstimate> Units) : DataReply;

/// <summary>All that the node remembers, the one at work last.</summary>
public sealed record CompactionsListed(IReadOnlyList<CompactionStatus> Compactions) : DataReply;

/// <summary>
/// Published to the event stream of the process when a secondary has had no answer of its primary for the time of the lease, and when that is over.
/// </summary>
/// <param name="Reason">As a clause; empty when it is over.</param>
public sealed record PrimaryUnheard(string Node, string Reason);
