using System.Diagnostics;
using System.Reflection;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Runs;

namespace Orchestrator.Host.Telemetry;

/// <summary>
/// A run is a trace and its steps are spans of it, made of the run's own history when it ends: so they are whole whichever supervisors it had.
/// Their ids are those that <see cref="RunTrace"/> gives: what other processes did for a step is below its span.
/// </summary>
/// <param name="name">Name of the source, by which listeners find it.</param>
internal sealed class RunTraces(string name) : IDisposable
{
    /// <summary>
    /// The runtime gives each span a random id. Only the trace's id can be chosen (<see cref="Activity.TraceIdGenerator"/>); the OpenTelemetry SDK has no
    /// generator of ids for .NET, and its exporters take nothing but activities. Links, or ids that are stored with the run, do not replace this: other
    /// processes put their spans below a step's span before that exists, and nobody tells them its id. Without the field their spans would have no parent.
    /// </summary>
    private static readonly FieldInfo? SpanId = typeof(Activity).GetField("_spanId", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly ActivitySource _source = new(name);

    public void Note(RunHappened happened)
    {
        if (happened.Run.FinishedAt is not { } end || !happened.Events.Any(fact => fact is RunCompleted or RunFailed or RunCancelled))
        {
            return;
        }

        var run = happened.Run;
        var trace = new ActivityContext(RunTrace.Of(run.Id), default, ActivityTraceFlags.Recorded);
        using var span = _source.StartActivity(ActivityKind.Internal, trace, Tags(run), null, run.CreatedAt, "run");
        if (span is null)
        {
            return;
        }

        SetId(span, RunTrace.Run(run.Id));
        foreach (var step in run.Steps)
        {
            Note(step, run.Id);
        }

        End(span, end, run.State);
    }

    public void Dispose() => _source.Dispose();

    private void Note(StepView step, string run)
    {
        if (step is not { StartedAt: { } begin, FinishedAt: { } end })
        {
            return;
        }

        using var span = _source.StartActivity(ActivityKind.Internal, RunTrace.Run(run), Tags(step), null, begin, step.Kind);
        if (span is not null)
        {
            SetId(span, RunTrace.Step(run, step.Number));
            End(span, end, step.State, step.Reason);
        }
    }

    private static void SetId(Activity span, ActivityContext id) => SpanId?.SetValue(span, id.SpanId.ToHexString());

    private static void End(Activity span, DateTimeOffset end, string state, string reason = "")
    {
        if (state == "failed")
        {
            span.SetStatus(ActivityStatusCode.Error, reason);
        }

        span.SetEndTime(end.UtcDateTime);
    }

    private static IEnumerable<KeyValuePair<string, object?>> Tags(RunView run) =>
    [
        new("orchestrator.run", run.Id),
        new("orchestrator.cluster", run.Plan.Request.Cluster),
        new("orchestrator.state", run.State),
        new("orchestrator.bytes_freed", run.BytesFreed),
    ];

    private static IEnumerable<KeyValuePair<string, object?>> Tags(StepView step) =>
    [
        new("orchestrator.replica_set", step.ReplicaSet),
        new("orchestrator.member", step.Node),
        new("orchestrator.state", step.State),
        new("orchestrator.attempts", step.Attempt),
        new("orchestrator.bytes_freed", step.BytesFreed),
    ];
}
