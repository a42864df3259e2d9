using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>A decision in the making: every event is applied at once, so that what follows is decided on the state after it.</summary>
internal sealed class RunDraft(ExistingRun run, CompactionPolicy policy, RunGate gate, DateTimeOffset now)
{
    private readonly List<RunEvent> _events = [];
    private readonly List<RunEffect> _effects = [];
    private readonly HashSet<int> _measuring = [];

    // Asked for many times in a look at a run of thousands of steps.
    private bool? _hasFailed;

    public ExistingRun Run { get; private set; } = run;

    public CompactionPolicy Policy => policy;

    public RunGate Gate => gate;

    public DateTimeOffset Now => now;

    public CompactionOptions Options => Run.Plan.Request.Options;

    /// <summary>Whether a failed step keeps everything else from being begun.</summary>
    public bool IsHalting => Options.OnFailure == FailurePolicy.Stop && (_hasFailed ??= Run.Steps.Exists(step => step is FailedStep));

    public void Add(RunEvent @event)
    {
        Run = (ExistingRun)RunDecider.Apply(Run, @event);
        _events.Add(@event);
        _hasFailed = @event is StepFailed ? null : _hasFailed;
    }

    public void Do(RunEffect effect) => _effects.Add(effect);

    /// <summary>Records a verdict if it differs from the last recorded one. Gives whether the step may go on by it.</summary>
    public bool Check(int step, CheckResult result)
    {
        var known = Run.Steps[step - 1].Checks.TryGetValue(result.Check, out var last);
        if (!known || last!.Result.Passed != result.Passed)
        {
            Add(new CheckEvaluated(step, result, now));
        }

        return !result.Failed;
    }

    /// <summary>Records a verdict with the values that something is begun by, if they differ from the last recorded ones.</summary>
    public void Record(int step, CheckResult result)
    {
        if (!Run.Steps[step - 1].Checks.TryGetValue(result.Check, out var last) || last.Result != result)
        {
            Add(new CheckEvaluated(step, result, now));
        }
    }

    /// <summary>The step begins, or ends, when its member has been measured.</summary>
    public void Measure(PlanStep step, string mode)
    {
        _measuring.Add(step.Number);
        Do(new MeasureMember(step.Node, mode, Options.EngineOptions) { ReplicaSet = step.ReplicaSet });
    }

    /// <summary>Whether the step waits only until its member has been measured.</summary>
    public bool IsMeasuring(int step) => _measuring.Contains(step);

    /// <summary>Whether a check of the step failed when it was last recorded.</summary>
    public bool Stopped(int step, string check) =>
        Run.Steps[step - 1].Checks.TryGetValue(check, out var last) && last.Result.Failed;

    /// <summary>Something begins: the run no longer waits.</summary>
    public void GoOn()
    {
        if (Run is WaitingRun)
        {
            Add(new RunWentOn(now));
        }
    }

    /// <summary>The attempt failed: another one later, or the step is given up.</summary>
    public void Retry(StartedStep step, string reason, IReadOnlyList<UnitCompacted> units)
    {
        if (Run is CancellingRun)
        {
            Cancel(step, reason, units);
        }
        else if (step.Tries.Failures < policy.StepRetries)
        {
            var notBefore = now + policy.BackoffAfter(step.Tries.Failures + 1);
            Add(new StepRetried(step.Step.Number, step.Attempt, reason, notBefore, now) { Units = units });
        }
        else
        {
            Fail(step, step.Attempt == 1 ? reason : $"{reason} (attempt {step.Attempt})", units);
        }
    }

    public void Cancel(StartedStep step, string reason, IReadOnlyList<UnitCompacted> units) =>
        Add(new StepCancelled(step.Step.Number, reason, now) { Units = units });

    public void Fail(StepState step, string reason) => Fail(step, reason, []);

    public void Fail(StepState step, string reason, IReadOnlyList<UnitCompacted> units) =>
        Add(new StepFailed(step.Step.Number, reason, now) { Units = units });

    public Decision<RunEvent, RunEffect, RunReply> ToDecision() => ToDecision(new RunReply.None());

    public Decision<RunEvent, RunEffect, RunReply> ToDecision(RunReply reply) => new(_events, _effects, reply);
}
