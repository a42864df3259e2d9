using System.Diagnostics.Metrics;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Members;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Telemetry;

/// <summary>
/// The instruments of one process. What it is shown it works out at once, so that reading them costs nothing but copying, however many
/// ask. Only the process that hosts the supervisor has values of clusters. docs/metrics.md lists the instruments.
/// </summary>
internal sealed class OrchestratorMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _stepDuration;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _freed;
    private readonly Counter<long> _expected;
    private readonly Counter<long> _failedChecks;
    private readonly Counter<long> _finishedRuns;
    private readonly Histogram<double> _journalWrites;
    private readonly Counter<long> _jobPolls;
    private readonly Histogram<double> _writePauses;
    private readonly GaugeMeter _gauges;
    private readonly RunTraces _traces;

    /// <param name="instance">Names this process among others.</param>
    /// <param name="meter">Name of the meter. Listeners tell meters by their names only: two processes in one need two.</param>
    public OrchestratorMetrics(TelemetrySettings settings, Readiness readiness, string instance = "", string meter = "Orchestrator")
    {
        (Settings, Instance, MeterName) = (settings, instance, meter);
        _meter = new Meter(meter);
        _traces = new RunTraces(meter);
        _gauges = new GaugeMeter(meter, [.. ClusterGauges.All, .. StorageGauges.All(settings.MaxUnits), .. WorkGauges.All]);
        _gauges.Open();
        _steps = _meter.CreateCounter<long>("orchestrator.steps", "{step}", "Steps of runs that have ended.");
        _stepDuration = _meter.CreateHistogram<double>(
            "orchestrator.step.duration", "s", "Time from the beginning of a step to its end.", advice: Buckets(1, 5, 15, 60, 300, 900, 3600, 14400, 43200));
        _retries = _meter.CreateCounter<long>("orchestrator.step.retries", "{attempt}", "Attempts at steps that failed and were followed by another one.");
        _freed = _meter.CreateCounter<long>("orchestrator.compaction.freed", "By", "What compactions have freed.");
        _expected = _meter.CreateCounter<long>("orchestrator.compaction.expected", "By", "What the plans of the same compactions expected to free.");
        _failedChecks = _meter.CreateCounter<long>("orchestrator.checks.failed", "{check}", "Checks that began to fail and kept a step back.");
        _finishedRuns = _meter.CreateCounter<long>("orchestrator.runs.finished", "{run}", "Runs that have ended.");
        _journalWrites = _meter.CreateHistogram<double>(
            "orchestrator.journal.write.duration", "s", "Time to store facts in the journal.", advice: Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10));
        _jobPolls = _meter.CreateCounter<long>("orchestrator.job.polls", "{poll}", "Questions to members that are driven from here how a job stands.");
        _writePauses = _meter.CreateHistogram<double>(
            "orchestrator.write.pause.duration", "s", "Time that a member kept writes waiting, or that a primary took none.", advice: Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60));
        _meter.CreateObservableGauge("orchestrator.supervisor.active", () => _gauges.HasValues ? 1 : 0, "", "1 in the process that hosts the supervisor, else 0.");
        _meter.CreateObservableGauge("orchestrator.process.ready", () => readiness.IsReady ? 1 : 0, "", "1 while the process can do its part, else 0.");
    }

    public TelemetrySettings Settings { get; }

    public string Instance { get; }

    /// <summary>Name of the meter, and of the source of traces.</summary>
    public string MeterName { get; }

    /// <summary>What the supervisor of this process knows now.</summary>
    public void Show(SupervisorPicture picture) => _gauges.Show(picture);

    /// <summary>This process does not host the supervisor any more.</summary>
    public void Hide() => _gauges.Hide();

    public void Note(JournalWritten written) => _journalWrites.Record(written.Duration.TotalSeconds, Tag("journal", written.Journal));

    public void Note(JobPolled polled) => _jobPolls.Add(1, Tag("cluster", polled.Cluster), Tag("engine", polled.Engine), Tag("outcome", polled.Outcome));

    public void Note(WritesHeld held) => _writePauses.Record(held.Duration.TotalSeconds, Tag("cluster", held.Cluster), Tag("reason", held.Reason));

    public void Note(RunHappened happened)
    {
        _traces.Note(happened);
        var (run, cluster) = (happened.Run, Tag("cluster", happened.Run.Plan.Request.Cluster));
        foreach (var fact in happened.Events)
        {
            switch (fact)
            {
                case CheckEvaluated { Result.Failed: true } check:
                    _failedChecks.Add(1, cluster, Tag("check", check.Result.Check));
                    break;
                case StepRetried retried:
                    _retries.Add(1, cluster, Tag("kind", Step(run, retried.Step).Kind));
                    break;
                case RunCompleted or RunFailed or RunCancelled:
                    _finishedRuns.Add(1, cluster, Tag("outcome", run.State));
                    break;
                default:
                    NoteEnd(happened, fact, cluster);
                    break;
            }
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _traces.Dispose();
        _gauges.Dispose();
    }

    private static InstrumentAdvice<double> Buckets(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static StepView Step(RunView run, int number) => run.Steps.First(step => step.Number == number);

    private void NoteEnd(RunHappened happened, RunEvent fact, KeyValuePair<string, object?> cluster)
    {
        var (number, outcome) = fact switch
        {
            MemberCompacted done => (done.Step, "completed"),
            PrimarySteppedDown moved when Step(happened.Run, moved.Step).Kind == "step-down" => (moved.Step, "completed"),
            StepSkipped skipped => (skipped.Step, "skipped"),
            StepFailed failed => (failed.Step, "failed"),
            StepCancelled cancelled => (cancelled.Step, "cancelled"),
            _ => (0, ""),
        };
        if (outcome.Length == 0)
        {
            return;
        }

        var step = Step(happened.Run, number);
        var (kind, end) = (Tag("kind", step.Kind), Tag("outcome", outcome));
        _steps.Add(1, cluster, kind, end);
        if (happened.Begun.TryGetValue(number, out var begun))
        {
            _stepDuration.Record(Math.Max(0, (fact.At - begun).TotalSeconds), cluster, kind, end);
        }

        if (step.Kind == "compact" && outcome != "skipped")
        {
            _freed.Add(Math.Max(0, step.BytesFreed), cluster);
            _expected.Add(step.EstimatedBytesFreed, cluster);
        }
    }
}
