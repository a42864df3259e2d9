using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Ids of a run's trace. They follow from the run's id and the step's number, which every order for a step carries: so what any process does for a
/// step is part of one trace, whichever supervisors the run has.
/// </summary>
public static class RunTrace
{
    /// <summary>Name of the sources of spans of work for runs, in any process.</summary>
    public const string WorkSource = "Orchestrator.Work";

    public static ActivityTraceId Of(string runId) => ActivityTraceId.CreateFromBytes(Hash(runId).AsSpan(0, 16));

    /// <summary>The context of the run's own span, which is above those of its steps.</summary>
    public static ActivityContext Run(string runId) => Context(runId, 0);

    /// <summary>The context of a step's span.</summary>
    public static ActivityContext Step(string runId, int step) => Context(runId, step);

    /// <summary>The context of the span of the step that an attempt is for.</summary>
    public static ActivityContext Step(CompactionTicket ticket) => Context(ticket.RunId, ticket.Step);

    private static ActivityContext Context(string runId, int step)
    {
        var span = ActivitySpanId.CreateFromBytes(Hash(string.Create(CultureInfo.InvariantCulture, $"{runId}/{step}")).AsSpan(0, 8));
        return new ActivityContext(Of(runId), span, ActivityTraceFlags.Recorded, isRemote: true);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
