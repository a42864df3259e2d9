using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines;

/// <summary>Ids of jobs of engines that give their work none that lasts: <c>RUN/STEP/ATTEMPT@TAIL</c>, from which a job can be found again.</summary>
internal static class TicketJobId
{
    public static string TextOf(CompactionTicket ticket) =>
        string.Create(CultureInfo.InvariantCulture, $"{ticket.RunId}/{ticket.Step}/{ticket.Attempt}");

    public static JobId Of(CompactionTicket ticket, string tail) => new($"{TextOf(ticket)}@{tail}");

    /// <summary>Null if it is no such id.</summary>
    public static (CompactionTicket Ticket, string Tail)? Parse(JobId id) =>
        id.Value.Split('@') is [var ticket, var tail]
        && ticket.Split('/') is [var run, var step, var attempt]
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var stepNumber)
        && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var attemptNumber)
            ? (new CompactionTicket(run, stepNumber, attemptNumber), tail)
            : null;
}

/// <summary>A job that is found by its ticket alone, as <c>RUN/STEP/ATTEMPT@STARTED</c>.</summary>
internal sealed record StartedJobId(CompactionTicket Ticket, DateTimeOffset StartedAt)
{
    public JobId ToJobId() => TicketJobId.Of(Ticket, StartedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));

    /// <summary>Null if it is of no such job.</summary>
    public static StartedJobId? Parse(JobId id) =>
        TicketJobId.Parse(id) is { } parsed
        && long.TryParse(parsed.Tail, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new StartedJobId(parsed.Ticket, DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
}
