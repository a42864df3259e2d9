using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>A decision in the making: every event is applied at once, so that what follows is decided on the state after it.</summary>
internal sealed class RunDraft(ExistingRun run, CompactionPolicy policy, DateTimeOffset now)
{
    private readonly List<RunEvent> _events = [];
    private readonly List<RunEffect> _effects = [];

    public ExistingRun Run { get; private set; } = run;

    public CompactionPolicy Policy => policy;

    public DateTimeOffset Now => now;

    public void Add(RunEvent @event)
    {
        Run = (ExistingRun)RunDecider.Apply(Run, @event);
        _events.Add(@event);
    }

    public void Do(RunEffect effect) => _effects.Add(effect);

    /// <summary>Records a verdict if it differs from the last recorded one. Gives the verdict.</summary>
    public bool Check(int step, CheckResult result)
    {
        var known = Run.Steps[step - 1].Checks.TryGetValue(result.Check, out var last);
        if (!known || last!.Result.Passed != result.Passed)
        {
            Add(new CheckEvaluated(step, result, now));
        }

        return result.Passed;
    }

    /// <summary>Whether a check of the step failed when it was last recorded.</summary>
    public bool Stopped(int step, string check) =>
        Run.Steps[step - 1].Checks.TryGetValue(check, out var last) && !last.Result.Passed;

    /// <summary>The attempt failed: another one later, or the end of the run.</summary>
    public void Retry(StartedStep step, string reason, IReadOnlyList<UnitCompacted> units)
    {
        if (step.Attempt <= policy.StepRetries)
        {
            Add(new StepRetried(step.Step.Number, step.Attempt, reason, now + policy.BackoffAfter(step.Attempt), now) { Units = units });
            return;
        }

        Fail(step, step.Attempt == 1 ? reason : $"{reason} (attempt {step.Attempt})");
    }

    /// <summary>The step is given up, and the run with it.</summary>
    public void Fail(StepState step, string reason)
    {
        Add(new StepFailed(step.Step.Number, reason, now));
        FailRun(step.Step, reason);
    }

    public void FailRun(PlanStep step, string reason) => Add(new RunFailed(
        step is StepDownStep
            ? $"step {step.Number}, stepping {step.Node} down, failed: {reason}"
            : $"step {step.Number}, compacting {step.Node}, failed: {reason}",
        now));

    public Decision<RunEvent, RunEffect, RunReply> ToDecision() => new(_events, _effects, new RunReply.None());
}
