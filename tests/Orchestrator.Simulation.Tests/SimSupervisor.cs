using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>What supervisors share: whoever appends to a journal that has grown behind its back fails.</summary>
internal sealed class SimJournal
{
    public List<object> Events { get; } = [];
}

/// <summary>A supervisor's shell around the real machines: decide, store, apply, then act.</summary>
internal sealed class SimSupervisor
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(500);

    private readonly SimWorld _world;
    private readonly SimJournal _journal;
    private readonly Dictionary<string, NodeInventory> _inventories = [];
    private readonly Dictionary<string, DateTimeOffset> _measuredAt = [];
    private readonly Dictionary<string, OrderStepDown> _stepDowns = [];
    private ClusterSightings _sightings;
    private int _read;
    private DateTimeOffset _tickedAt;

    public SimSupervisor(string name, long epoch, SimWorld world, SimJournal journal)
    {
        Name = name;
        Epoch = epoch;
        _world = world;
        _journal = journal;
        StartedAt = world.Now;
        _sightings = ClusterSightings.Start(new ClusterDefinition(Some.Cluster, "embedded", [.. world.Sets]));
        Sets = world.Sets.ToDictionary(set => set.Name, ReplicaSetState.Initial);
        Run = RunState.Initial;
        foreach (var @event in journal.Events)
        {
            _read++;
            Apply(@event);
        }
    }

    public string Name { get; }

    public long Epoch { get; }

    public DateTimeOffset StartedAt { get; }

    public bool IsAlive { get; set; } = true;

    /// <summary>Whether it has heard of every member, and so looks after its run.</summary>
    public bool HasSeenAll => _sightings.Members.Count == _world.Nodes.Count;

    public Dictionary<string, ReplicaSetState> Sets { get; }

    /// <summary>The first replica set; the only one in most worlds.</summary>
    public ReplicaSetState Set => Sets[_world.Set.Name];

    public RunState Run { get; private set; }

    /// <summary>Dies right after so many events of its own were stored, before it acts upon the last.</summary>
    public int DiesAfterEvents { get; set; } = int.MaxValue;

    public ClusterSnapshot Snapshot
    {
        get
        {
            var snapshot = _sightings.Snapshot(Some.Capabilities, _inventories, _world.Now);
            return snapshot with
            {
                Members = [.. snapshot.Members.Select(member => member with { MeasuredAt = _measuredAt[member.Observation.Node] })],
            };
        }
    }

    public void Tick()
    {
        if (_world.Now - _tickedAt < TickEvery)
        {
            return;
        }

        _tickedAt = _world.Now;
        foreach (var node in _world.Nodes.Keys)
        {
            _world.Send(Name, node, new ObserveNode(Epoch));
        }

        (_sightings, var changes) = _sightings.Elapsed(_world.Now, _world.SetPolicy.UnreachableAfter);
        Record(changes);
        Assess(Sets.Keys.ToList());
    }

    public void Receive(object message)
    {
        switch (message)
        {
            case NodeObservation seen:
                (_sightings, var changes) = _sightings.Heard(seen, _world.Now);
                if (!_inventories.ContainsKey(seen.Node))
                {
                    Measured(_world.Nodes[seen.Node].Inventory());
                }

                Record(changes);
                Assess([seen.ReplicaSet]);
                break;
            case TermPromised promise:
                Decide(SetOf(promise.Node), set => new ReceivePromise(promise, Sightings(set)));
                break;
            case WritesStopped stopped:
                Decide(SetOf(stopped.Node), set => new ReceiveWritesStopped(stopped, Sightings(set)));
                break;
            case AppointmentFollowed followed:
                Decide(SetOf(followed.Node), _ => new ReceiveFollowed(followed));
                break;
            case CommandRefused { Code: RefusalCode.StaleEpoch }:
                IsAlive = false;
                break;
            case CommandRefused { Ticket: { } ticket } refused:
                Decide(new ReportRefusal(ticket, refused, _world.Now));
                break;
            case CommandRefused refused:
                Decide(SetOf(refused.Node), _ => new ReceiveRefusal(refused));
                break;
            case NodeInventory inventory:
                Measured(inventory);
                break;
            case CompactionStatus status:
                Decide(new ReportCompaction(status, _world.Now));
                break;
        }
    }

    /// <summary>Plans and creates a run of everything. Gives the plan.</summary>
    public CompactionPlan CreateRun(string runId, CompactionOptions options)
    {
        var planned = Assert.IsType<PlanResult.Planned>(Planner.Plan(Snapshot, Some.Request(options), CompactionPolicy.Default));
        Decide(new CreateRun(runId, planned.Plan, _world.Now));
        return planned.Plan;
    }

    /// <summary>An operator's order.</summary>
    public void Control(IRunControl order) => Decide(new ControlRun(order, _world.Now));

    /// <summary>Asks for a step-down of whoever it takes for the primary.</summary>
    public void StepDown(string replicaSet, string to = "") => Decide(replicaSet, set => new StepDownPrimary(
        new RequestStepDown(Some.Cluster, replicaSet, Sets[replicaSet].Primary, to), Sightings(set)));

    private string SetOf(string node) => _world.Nodes[node].Set.Name;

    private IReadOnlyList<MemberSighting> Sightings(ReplicaSetDefinition set) => _sightings.Of(set);

    private void Assess(IEnumerable<string> replicaSets)
    {
        foreach (var replicaSet in replicaSets)
        {
            Decide(replicaSet, set => new AssessReplicaSet(Sightings(set)));
        }

        if (Run is ExistingRun && HasSeenAll)
        {
            Decide(new AssessRun(Snapshot, _world.Gate, _world.Now));
        }
    }

    private void Record(IReadOnlyList<NodeStateChanged> changes)
    {
        foreach (var change in changes.Where(_ => Run is ExistingRun))
        {
            Decide(new RecordNodeState(change, _world.Now));
        }
    }

    private void Measured(NodeInventory inventory)
    {
        _inventories[inventory.Node] = inventory;
        _measuredAt[inventory.Node] = _world.Now;
    }

    private void Decide(RunCommand command)
    {
        if (!IsAlive)
        {
            return;
        }

        var decision = RunDecider.Decide(Run, command, CompactionPolicy.Default);
        if (!decision.Events.All(Store))
        {
            return;
        }

        foreach (var effect in decision.Effects)
        {
            switch (effect)
            {
                case SendCompactUnits send:
                    _world.Send(Name, send.Node, new CompactUnits(Epoch, send.Ticket, send.Units, send.Settings));
                    break;
                case PauseNodeCompaction pause:
                    _world.Send(Name, pause.Node, new PauseCompaction(Epoch, pause.Ticket));
                    break;
                case ThrottleNodeCompaction throttle:
                    _world.Send(Name, throttle.Node, new ThrottleCompaction(Epoch, throttle.Ticket, throttle.MaxBytesPerSecond));
                    break;
                case MeasureMember measure:
                    _world.Send(Name, measure.Node, new TakeInventory(Epoch, measure.Mode));
                    break;
                case CancelNodeCompaction cancel:
                    _world.Send(Name, cancel.Node, new CancelCompaction(Epoch, cancel.Ticket));
                    break;
                case OrderStepDown order:
                    _stepDowns[order.ReplicaSet] = order;
                    Decide(order.ReplicaSet, set => new StepDownPrimary(
                        new RequestStepDown(Some.Cluster, order.ReplicaSet, order.ExpectedPrimary, order.To), Sightings(set)));
                    break;
            }
        }
    }

    private void Decide(string replicaSet, Func<ReplicaSetDefinition, ReplicaSetCommand> command)
    {
        if (!IsAlive)
        {
            return;
        }

        var state = Sets[replicaSet];
        var decision = ReplicaSetDecider.Decide(
            state, command(state.Definition), new ReplicaSetEnvironment(Epoch, _world.Now, StartedAt, _world.SetPolicy));
        if (!decision.Events.All(Store))
        {
            return;
        }

        foreach (var effect in decision.Effects)
        {
            Do(effect);
        }

        if (decision.Reply is ReplicaSetReply.Refused refused)
        {
            AnswerStepDown(replicaSet, new StepDownAnswer.Failed(refused.Failure));
        }
    }

    private void Do(ReplicaSetEffect effect)
    {
        switch (effect)
        {
            case SendPromise send:
                _world.Send(Name, send.Node, new PromiseTerm(Epoch, send.ReplicaSet, send.Term));
                break;
            case SendStopWrites send:
                _world.Send(Name, send.Node, new StopWrites(Epoch, send.ReplicaSet, send.Term, send.AtMost, send.StepDown));
                break;
            case SendResumeWrites send:
                _world.Send(Name, send.Node, new ResumeWrites(Epoch, send.ReplicaSet, send.Term));
                break;
            case SendAppointment send:
                foreach (var node in send.Nodes)
                {
                    _world.Send(Name, node, new FollowAppointment(Epoch, send.ReplicaSet, send.Appointment));
                }

                break;
            case ObserveMember observe:
                _world.Send(Name, observe.Node, new ObserveNode(Epoch));
                break;
            case ReplyStepDown reply:
                AnswerStepDown(reply.ReplicaSet, reply.Answer);
                break;
        }
    }

    private void AnswerStepDown(string replicaSet, StepDownAnswer answer)
    {
        if (!_stepDowns.Remove(replicaSet, out var order))
        {
            return;
        }

        Decide(answer switch
        {
            StepDownAnswer.Completed completed => new ReportStepDown(order.Step, order.Attempt, completed.Message, _world.Now),
            StepDownAnswer.Failed failed => new ReportStepDownFailure(order.Step, order.Attempt, failed.Message, _world.Now),
            _ => throw new InvalidOperationException(),
        });
    }

    /// <summary>Gives whether the supervisor is still alive afterwards.</summary>
    private bool Store(object @event)
    {
        if (@event is not VolatileReplicaSetEvent)
        {
            if (_journal.Events.Count != _read)
            {
                IsAlive = false;
                return false;
            }

            _journal.Events.Add(@event);
            _read++;
            _world.Checks.Stored(_world, this, @event);
            DiesAfterEvents--;
        }

        Apply(@event);
        IsAlive = IsAlive && DiesAfterEvents > 0;
        return IsAlive;
    }

    private void Apply(object @event)
    {
        if (@event is RunEvent runEvent)
        {
            Run = RunDecider.Apply(Run, runEvent);
        }
        else
        {
            var fact = (ReplicaSetEvent)@event;
            Sets[fact.ReplicaSet] = ReplicaSetDecider.Apply(Sets[fact.ReplicaSet], fact);
        }
    }
}
