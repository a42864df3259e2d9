using System.Diagnostics;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What a member did for a step of a run, as a span below the step's.</summary>
internal static class CompactionTrace
{
    private static readonly ActivitySource Source = new(RunTrace.WorkSource);

    public static void Note(string cluster, string node, CompactionStatus ended, DateTimeOffset begin, DateTimeOffset end)
    {
        using var span = Source.StartActivity(ActivityKind.Server, RunTrace.Step(ended.Ticket), startTime: begin, name: "compact units");
        if (span is null)
        {
            return;
        }

        span.SetTag("orchestrator.cluster", cluster);
        span.SetTag("orchestrator.member", node);
        span.SetTag("orchestrator.attempt", ended.Ticket.Attempt);
        span.SetTag("orchestrator.bytes_freed", ended.Compacted.Sum(unit => unit.BytesFreed));
        if (ended is CompactionFailed failed)
        {
            span.SetStatus(ActivityStatusCode.Error, failed.Reason);
        }

        span.SetEndTime(end.UtcDateTime);
    }
}
