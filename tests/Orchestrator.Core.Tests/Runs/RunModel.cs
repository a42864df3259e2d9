using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>
/// A run over several replica sets, which may share members, of members that do what they are told, or not: orders are lost, compactions fail,
/// members vanish, gates shut, operators interfere, and the run is folded anew from its history. Every event is checked.
/// </summary>
internal sealed class RunModel
{
    private const string RunId = "r1";
    private static readonly CompactionPolicy Policy = CompactionPolicy.Default with { StepRetries = 1 };

    private readonly Random _random;
    private readonly CompactionOptions _options;
    private readonly List<ReplicaSetDefinition> _sets;
    private readonly Dictionary<string, ModelMember> _members = [];
    private readonly Dictionary<string, string> _primaries = [];
    private readonly EngineCapabilities _capabilities;
    private RunState _state = RunState.Initial;
    private RunGate _gate = RunGate.Open;
    private DateTimeOffset _now = Some.Noon;

    public RunModel(int seed)
    {
        _random = new Random(seed);
        _options = CompactionOptions.Default with
        {
            MaxParallelReplicaSets = 1 + _random.Next(3),
            OnFailure = (FailurePolicy)_random.Next(3),
            GiveBackPrimary = _random.Next(3) == 0,
            Verify = _random.Next(2) == 0,
        };
        _capabilities = Some.Capabilities with
        {
            CanPause = _random.Next(3) > 0,
            CanCancel = _random.Next(4) > 0,
            Availability = (CompactionAvailability)_random.Next(4),
            Reach = (CompactionReach)_random.Next(2),
        };
        var pool = _random.Next(2) == 0 ? [] : Enumerable.Range(1, 3 + _random.Next(4)).Select(member => $"n{member}").ToArray();
        _sets = [.. Enumerable.Range(1, 1 + _random.Next(4)).Select(set => new ReplicaSetDefinition(
            $"rs{set}",
            pool.Length > 0
                ? [.. _random.GetItems(pool, 20).Distinct().Take(3)]
                : [.. Enumerable.Range(1, 3 + (2 * _random.Next(2))).Select(member => $"rs{set}-{member}")]))];
        foreach (var set in _sets)
        {
            set.Members.ToList().ForEach(member => _members[member] = new ModelMember());
            _primaries[set.Name] = set.Members[_random.Next(set.Members.Count)];
        }

        var plan = ((PlanResult.Planned)Planner.Plan(Snapshot(), Some.Request(_options), Policy)).Plan;
        Decide(new CreateRun(RunId, plan, _now) { Origin = new RunOrigin("anna", "", "", _random.Next(3) == 0) });
    }

    public List<RunEvent> History { get; } = [];

    /// <summary>How many compactions of different sets were at work at the same time, at most.</summary>
    public int SideBySide { get; private set; }

    /// <summary>Whether a member belongs to several sets.</summary>
    public bool SharesMembers => _sets.Sum(set => set.Members.Count) > _members.Count;

    public ExistingRun Run => (ExistingRun)_state;

    /// <summary>Something happens, time passes, the run looks.</summary>
    public void Step(bool hostile)
    {
        _now += TimeSpan.FromMilliseconds(500 + _random.Next(hostile ? 8000 : 1000));
        if (hostile)
        {
            Disturb();
        }

        foreach (var member in _members.Values)
        {
            member.Tick(_random, hostile);
        }

        Decide(new AssessRun(Snapshot(), _gate, _now));
        AssertMembers();
        AssertSaysWhatItWaitsFor();
    }

    /// <summary>From now on everything is allowed and everybody well.</summary>
    public void Heal()
    {
        _gate = RunGate.Open;
        foreach (var member in _members.Values)
        {
            member.IsUp = true;
            member.Lag = 0;
        }

        Control(new ApproveRun(RunId, "ben"));
        Control(new ResumeRun(RunId, "ben"));
    }

    private void Disturb()
    {
        var member = _members.Values.ElementAt(_random.Next(_members.Count));
        switch (_random.Next(24))
        {
            case 0:
                member.Fall();
                break;
            case 1 or 2:
                _members.Values.ToList().ForEach(other => other.IsUp = true);
                break;
            case 3:
                member.Lag = _random.Next(2) * 20_000;
                break;
            case 4:
                _gate = _gate with { Frozen = _gate.Frozen.Length == 0 ? "frozen" : "" };
                break;
            case 14:
                _gate = _gate with { Holds = _gate.Holds.Count == 0 ? [new Hold(Some.Cluster, "ann", "restart", [], "ann", _now, _now.AddDays(1))] : [] };
                break;
            case 5 or 6:
                _gate = _gate with { Window = Window() };
                break;
            case 7:
                Control(new PauseRun(RunId, "ben", ""));
                break;
            case 8 or 9:
                Control(new ResumeRun(RunId, "ben"));
                break;
            case 10 when _random.Next(20) == 0:
                Control(new CancelRun(RunId, "ben", ""));
                break;
            case 11:
                Control(new ThrottleRun(RunId, "ben", _random.Next(1000)));
                break;
            case 12:
                Control(new ApproveRun(RunId, _random.Next(2) == 0 ? "anna" : "ben"));
                break;
            case 13:
                // Another supervisor: it knows what was stored, and nothing else.
                _state = History.Aggregate(RunState.Initial, RunDecider.Apply);
                break;
        }
    }

    private WindowStatus Window()
    {
        var rule = (WindowCloseRule)_random.Next(2);
        return _random.Next(2) == 0
            ? new WindowStatus(false, "shut", null, null, rule)
            : new WindowStatus(true, "open", _random.Next(2) == 0 ? null : _now + TimeSpan.FromSeconds(_random.Next(100)), null, rule);
    }

    private void Control(IRunControl order) => Decide(new ControlRun(order, _now));

    private void Decide(RunCommand command)
    {
        var decision = RunDecider.Decide(_state, command, Policy);
        foreach (var @event in decision.Events)
        {
            AssertAllowed(@event);
            _state = RunDecider.Apply(_state, @event);
            History.Add(@event);
        }

        foreach (var effect in decision.Effects.Where(_ => _random.Next(10) > 0))
        {
            Carry(effect);
        }
    }

    private void Carry(RunEffect effect)
    {
        object? answer = effect switch
        {
            SendCompactUnits send => _members[send.Node].Start(send.Ticket, send.Units[0].Collection),
            PauseNodeCompaction pause when _capabilities.CanPause => _members[pause.Node].Stop(pause.Ticket, pause: true),
            CancelNodeCompaction cancel when _capabilities.CanCancel => _members[cancel.Node].Stop(cancel.Ticket, pause: false),
            OrderStepDown order => StepDown(order),
            VerifyMember verify => Verify(verify),
            _ => null,
        };
        if (answer is RunCommand report && _random.Next(10) > 0)
        {
            Decide(report);
        }
        else if (answer is CommandRefused { Ticket: { } ticket } refused)
        {
            Decide(new ReportRefusal(ticket, refused, _now));
        }
    }

    /// <summary>Under way for a while; then it ends, well or not.</summary>
    private ReportVerification? Verify(VerifyMember order)
    {
        var result = _random.Next(24) switch
        {
            < 12 => (VerificationResult?)null,
            < 20 => VerificationResult.Sound,
            20 or 21 => VerificationResult.Unfinished,
            22 => VerificationResult.Unsound,
            _ => VerificationResult.Different,
        };
        return result is { } ended ? new ReportVerification(order.Step, order.Attempt, new VerificationOutcome(ended, "as seen"), _now) : null;
    }

    private RunCommand? StepDown(OrderStepDown order)
    {
        Assert.Equal(_primaries[order.ReplicaSet], order.ExpectedPrimary);
        if (_random.Next(4) == 0)
        {
            return new ReportStepDownFailure(order.Step, order.Attempt, new RequestFailed(FailureCode.Unavailable, "too slow", ""), _now);
        }

        _primaries[order.ReplicaSet] = order.To;
        return new ReportStepDown(order.Step, order.Attempt, new StepDownCompleted(order.ReplicaSet, order.ExpectedPrimary, order.To, 1), _now);
    }

    private ClusterSnapshot Snapshot() => new(
        new ClusterDefinition(Some.Cluster, "embedded", _sets),
        _capabilities,
        [.. _members.Select(member => member.Value.Observe(
            member.Key,
            [.. _sets.Where(set => set.Members.Contains(member.Key)).Select(set => (set.Name, _primaries[set.Name] == member.Key))],
            _capabilities.Reach))],
        _now);

    private void AssertAllowed(RunEvent @event)
    {
        if (@event is not (StepStarted or StepDownOrdered))
        {
            return;
        }

        var number = @event is StepStarted started ? started.Step : ((StepDownOrdered)@event).Step;
        var step = Run.Steps[number - 1].Step;
        var set = Run.Steps.Where(other => other.Step.ReplicaSet == step.ReplicaSet).ToList();
        Assert.True(_gate.Window.Open && _gate.Frozen.Length == 0 && _gate.Holds.Count == 0, "a step begins although the gate is shut");
        Assert.IsType<RunningRun>(_state);
        Assert.False(Run.Body.LacksApproval);
        Assert.DoesNotContain(set, other => other.IsActive);
        Assert.All(set.Where(other => other.Step.Number < number), other => Assert.IsAssignableFrom<FinishedStep>(other));
        Assert.DoesNotContain(set, other => other is FailedStep { MembersDiffer: true });
        if (_options.Verify)
        {
            Assert.All(History.OfType<MemberCompacted>(), compacted => Assert.Equal("as seen", compacted.Verification));
        }

        if (@event is StepStarted && step is CompactMemberStep)
        {
            AssertNeighbours(step);
        }

        var sets = Run.Steps.Where(other => other.IsActive).Select(other => other.Step.ReplicaSet).ToHashSet();
        Assert.True(sets.Count < _options.MaxParallelReplicaSets, $"{sets.Count} sets are at work already");
        if (@event is StepDownOrdered && _options.OnFailure != FailurePolicy.Continue)
        {
            Assert.DoesNotContain(set, other => other is FailedStep);
        }
    }

    /// <summary>At most one compaction on a member, and at most one member of a set out, over all the sets of the member.</summary>
    private void AssertNeighbours(PlanStep step)
    {
        var active = Run.Steps.Where(other => other.IsActive && other.Step is CompactMemberStep).Select(other => other.Step).ToList();
        Assert.DoesNotContain(active, other => other.Node == step.Node);
        foreach (var set in _sets.Where(set => set.Members.Contains(step.Node) && IsOut(step.Node, step.ReplicaSet, set.Name)))
        {
            Assert.DoesNotContain(active, other => set.Members.Contains(other.Node) && IsOut(other.Node, other.ReplicaSet, set.Name));
        }
    }

    /// <summary>Whether a member that compacts for one set is out of another one.</summary>
    private bool IsOut(string node, string compactsFor, string set) =>
        compactsFor.Length > 0 && (compactsFor == set || (_capabilities.Reach == CompactionReach.Member && _sets.Exists(each => each.Name == set && each.Members.Contains(node))));

    private void AssertMembers()
    {
        SideBySide = Math.Max(SideBySide, _members.Values.Count(member => member.IsRunning && member.IsUp));
        foreach (var set in _sets)
        {
            var compacting = set.Members.Where(node => IsOut(node, _members[node].CompactsFor, set.Name)).ToList();
            Assert.True(compacting.Count <= 1, $"{string.Join(" and ", compacting)} compact at once");
        }

        if (_state is PausedRun or CancelledRun or CompletedRun)
        {
            Assert.DoesNotContain(_members, member => member.Value.IsRunning && member.Value.IsUp);
        }
    }

    /// <summary>At work, between two steps, ended, or waiting for something that has a name.</summary>
    private void AssertSaysWhatItWaitsFor()
    {
        if (_state is RunningRun && !Run.Steps.Exists(step => step.IsActive))
        {
            // An answer to what the last look has ordered may have come after it.
            Decide(new AssessRun(Snapshot(), _gate, _now));
        }

        var view = RunProjection.View(Run, []);
        Assert.All(view.Steps.Where(step => step.Attempt > 0), step => Assert.True(step.StartedAt <= (step.FinishedAt ?? _now), $"{step.State} without a beginning"));
        if (_state is WaitingRun)
        {
            Assert.NotEmpty(view.WaitingFor);
            Assert.NotEmpty(view.Reason);
            Assert.DoesNotContain(Run.Steps, step => step.IsActive);
        }
        else if (_state is RunningRun && !Run.Steps.Exists(step => step.IsActive))
        {
            Assert.True(
                Run.Steps.Exists(step => step is RetryingStep retrying && retrying.NotBefore > _now)
                || Run.Steps.Exists(step => step is FinishedStep finished && _now - finished.FinishedAt < Policy.Settle),
                $"it neither works nor waits: {RunText.Of(view)}");
        }
    }
}
