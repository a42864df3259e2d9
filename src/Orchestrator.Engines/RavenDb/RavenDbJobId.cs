using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.RavenDb;

/// <summary>
/// Which operation of which node carries a job out, as <c>RUN/STEP/ATTEMPT@NODE/UNIT/OPERATION</c>. A node knows its operations until it
/// restarts, and then gives the same ids again.
/// </summary>
/// <param name="Unit">Place of the unit that the operation compacts, in the order in which they are compacted.</param>
/// <param name="Operation">Id of the operation; 0 if nobody has it any more.</param>
internal sealed record RavenDbJobId(CompactionTicket Ticket, string Node, int Unit, long Operation)
{
    public JobId ToJobId() => TicketJobId.Of(Ticket, string.Create(CultureInfo.InvariantCulture, $"{Node}/{Unit}/{Operation}"));

    /// <summary>Null if it is of no job of RavenDB.</summary>
    public static RavenDbJobId? Parse(JobId id) =>
        TicketJobId.Parse(id) is { } parsed
        && parsed.Tail.Split('/') is [var node, var unit, var operation]
        && int.TryParse(unit, NumberStyles.None, CultureInfo.InvariantCulture, out var unitNumber)
        && long.TryParse(operation, NumberStyles.None, CultureInfo.InvariantCulture, out var operationId)
            ? new RavenDbJobId(parsed.Ticket, node, unitNumber, operationId)
            : null;
}
