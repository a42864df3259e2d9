using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.CouchDb;

/// <summary>CouchDB gives its work no id: this one, as <c>RUN/STEP/ATTEMPT@STARTED</c>, holds what the units' own state is judged by.</summary>
internal sealed record CouchDbJobId(CompactionTicket Ticket, DateTimeOffset StartedAt)
{
    public JobId ToJobId() => new(string.Create(
        CultureInfo.InvariantCulture, $"{Ticket.RunId}/{Ticket.Step}/{Ticket.Attempt}@{StartedAt.ToUnixTimeMilliseconds()}"));

    /// <summary>Null if it is of no job of CouchDB.</summary>
    public static CouchDbJobId? Parse(JobId id) =>
        id.Value.Split('@') is [var ticket, var started]
        && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && ticket.Split('/') is [var run, var step, var attempt]
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var stepNumber)
        && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var attemptNumber)
            ? new CouchDbJobId(new CompactionTicket(run, stepNumber, attemptNumber), DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
}
