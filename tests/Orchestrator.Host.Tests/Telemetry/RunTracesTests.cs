using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Telemetry;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Telemetry;

public sealed class RunTracesTests
{
    [Fact]
    public void A_run_that_has_ended_is_a_trace_with_a_span_for_each_step_that_began()
    {
        var run = MetricSamples.Happened.Run;
        var began = run.CreatedAt.AddSeconds(-30);
        var done = run.Steps[0] with { StartedAt = began, FinishedAt = began.AddSeconds(20) };
        var failed = done with { Number = 2, Node = "node-3", State = "failed", Reason = "no answer" };
        var never = done with { Number = 3, State = "pending", StartedAt = null, FinishedAt = null };
        run = run with { CreatedAt = began, Steps = [done, failed, never] };

        var spans = Spans(traces => traces.Note(MetricSamples.Happened with { Run = run }));

        Assert.Equal(["compact", "compact", "run"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal(RunTrace.Of(run.Id), span.TraceId));
        Assert.Equal(default, spans[2].ParentSpanId);
        Assert.All(spans.Take(2), span => Assert.Equal(spans[2].SpanId, span.ParentSpanId));
        Assert.Equal([RunTrace.Step(run.Id, 1).SpanId, RunTrace.Step(run.Id, 2).SpanId, RunTrace.Run(run.Id).SpanId], spans.Select(span => span.SpanId));
        Assert.Equal((began.UtcDateTime, TimeSpan.FromSeconds(20)), (spans[0].StartTimeUtc, spans[0].Duration));
        Assert.Equal((began.UtcDateTime, run.FinishedAt - began), (spans[2].StartTimeUtc, spans[2].Duration));
        Assert.Equal("node-3", spans[1].GetTagItem("orchestrator.member"));
        Assert.Equal((ActivityStatusCode.Error, "no answer"), (spans[1].Status, spans[1].StatusDescription));
        Assert.Equal(run.Id, spans[2].GetTagItem("orchestrator.run"));
    }

    [Fact]
    public void A_run_that_goes_on_is_not_told_yet() => Assert.Empty(Spans(traces =>
    {
        traces.Note(MetricSamples.Happened with { Events = [new RunStarted(MetricSamples.Now)] });
        traces.Note(MetricSamples.Happened with { Run = MetricSamples.Happened.Run with { FinishedAt = null } });
    }));

    [Fact]
    public async Task The_trace_of_a_run_leads_to_that_of_whoever_started_it()
    {
        const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var run = RunTrace.Run("20260131-221500-linked");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTrace.WorkSource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Run("20260131-221500-linked", "running"));

        await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main"}""");
        var (status, _, _) = await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main"}""", ("traceparent", Caller));

        Assert.Equal(HttpStatusCode.Accepted, status);

        // Where somebody listens to the web server meanwhile, the first request has a trace too, and the run leads to it.
        var span = spans.Where(span => span.TraceId == run.TraceId).ToDictionary(LeadsTo)[Caller];
        Assert.Equal(("start run", run.SpanId), (span.OperationName, span.ParentSpanId));
    }

    /// <summary>The only trace that a span is linked to, as a <c>traceparent</c>.</summary>
    private static string LeadsTo(Activity span)
    {
        var link = Assert.Single(span.Links).Context;
        return $"00-{link.TraceId}-{link.SpanId}-01";
    }

    private static List<Activity> Spans(Action<RunTraces> work, [CallerMemberName] string name = "")
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var traces = new RunTraces(name);
        work(traces);
        return spans;
    }
}
