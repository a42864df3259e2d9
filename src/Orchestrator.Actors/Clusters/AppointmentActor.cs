using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Appoints the primaries of a cluster's replica sets: a state machine for each (<see cref="ReplicaSetDecider"/>). Its parent, the cluster's
/// actor, tells it what is seen and hands on what members answer, and step-downs. Acts once the supervisor, which owns the journal, has
/// stored a decision. Survives a restart: the supervisor gives it the stored facts.
/// </summary>
internal sealed class AppointmentActor : ReceiveActor
{
    private readonly ClusterTask _task;
    private readonly IActorRef _journal;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, ReplicaSetAppointments> _sets;
    private ClusterSightings _sightings;

    public AppointmentActor(ClusterTask task, IActorRef journal)
    {
        _task = task;
        _journal = journal;
        _sightings = ClusterSightings.Start(task.Definition);
        _sets = task.Definition.ReplicaSets.ToDictionary(
            set => set.Name,
            set => new ReplicaSetAppointments(set, task.Facts.GetValueOrDefault(set.Name, [])),
            StringComparer.Ordinal);
        Receive<AssessAppointments>(OnAssess);
        Receive<RequestStepDown>(request => Carry(
            _sets[request.ReplicaSet], members => new StepDownPrimary(request, members), Sender));
        Receive<TermPromised>(promised => FromMember(promised.Node, members => new ReceivePromise(promised, members)));
        Receive<WritesStopped>(stopped => FromMember(stopped.Node, members => new ReceiveWritesStopped(stopped, members)));
        Receive<AppointmentFollowed>(followed => FromMember(followed.Node, _ => new ReceiveFollowed(followed)));
        Receive<CommandRefused>(refused => FromMember(refused.Node, _ => new ReceiveRefusal(refused)));
        Receive<ReplicaSetFactsStored>(stored => OnStored(_sets[stored.ReplicaSet]));
    }

    public static Props Props(ClusterTask task, IActorRef journal) => Akka.Actor.Props.Create(() => new AppointmentActor(task, journal));

    protected override void PreStart()
    {
        foreach (var set in _sets.Values)
        {
            Publish(set);
        }
    }

    private void OnAssess(AssessAppointments assess)
    {
        _sightings = assess.Sightings;
        IEnumerable<ReplicaSetAppointments> seen = assess.ReplicaSet == AssessAppointments.All ? _sets.Values
            : _sets.TryGetValue(assess.ReplicaSet, out var one) ? [one]
            : [];
        foreach (var set in seen)
        {
            // One that is being stored is assessed at the next observation or tick.
            if (!set.IsStoring)
            {
                Carry(set, members => new AssessReplicaSet(members), ActorRefs.Nobody);
            }
        }
    }

    private void FromMember(string node, Func<IReadOnlyList<MemberSighting>, ReplicaSetCommand> command)
    {
        if (_sets.Values.FirstOrDefault(set => set.State.Definition.Members.Contains(node)) is { } set)
        {
            Carry(set, command, ActorRefs.Nobody);
        }
    }

    /// <summary>Decide, have it stored, apply, act, answer. One decision at a time for each set: the others wait until it is stored.</summary>
    private void Carry(ReplicaSetAppointments set, Func<IReadOnlyList<MemberSighting>, ReplicaSetCommand> command, IActorRef sender)
    {
        if (set.IsStoring)
        {
            set.Waiting.Enqueue((command, sender));
            return;
        }

        var environment = new ReplicaSetEnvironment(_task.Epoch, _task.Options.Time.GetUtcNow(), _task.ReignStartedAt, _task.Options.ReplicaSets);
        var decision = ReplicaSetDecider.Decide(set.State, command(_sightings.Of(set.State.Definition)), environment);
        var durable = decision.Events.OfType<DurableReplicaSetEvent>().Select(fact => new ReplicaSetRecorded(_task.Definition.Name, fact, fact.At)).ToList();
        if (durable.Count == 0)
        {
            Complete(set, decision, sender);
            return;
        }

        set.Storing = (decision, sender);
        _journal.Tell(new StoreReplicaSetFacts(_task.Epoch, set.Name, durable));
    }

    private void OnStored(ReplicaSetAppointments set)
    {
        var (decision, sender) = set.Storing!.Value;
        set.Storing = null;
        Complete(set, decision, sender);
        while (!set.IsStoring && set.Waiting.TryDequeue(out var next))
        {
            Carry(set, next.Command, next.Sender);
        }
    }

    private void Complete(
        ReplicaSetAppointments set, Core.Decision<ReplicaSetEvent, ReplicaSetEffect, ReplicaSetReply> decision, IActorRef sender)
    {
        foreach (var fact in decision.Events)
        {
            if (!set.IsRepeated(fact))
            {
                _log.Info("{0}/{1} {2}", _task.Definition.Name, set.Name, ReplicaSetAppointments.Describe(fact));
            }

            set.State = ReplicaSetDecider.Apply(set.State, fact);
        }

        if (decision.Events.Count > 0)
        {
            Publish(set);
        }

        if (decision.Events.OfType<StepDownStarted>().Any())
        {
            set.StepDownRequester = sender;
        }

        foreach (var effect in decision.Effects)
        {
            Act(set, effect);
        }

        if (decision.Reply is ReplicaSetReply.Refused refused)
        {
            sender.Tell(refused.Failure);
        }
    }

    private void Publish(ReplicaSetAppointments set) => Context.Parent.Tell(new AppointedPrimary(set.Name, set.State.Term, set.State.Primary));

    private void Act(ReplicaSetAppointments set, ReplicaSetEffect effect)
    {
        switch (effect)
        {
            case SendPromise send:
                Tell(send.Node, new PromiseTerm(_task.Epoch, send.ReplicaSet, send.Term));
                break;
            case SendStopWrites send:
                Tell(send.Node, new StopWrites(_task.Epoch, send.ReplicaSet, send.Term, send.AtMost, send.StepDown));
                break;
            case SendResumeWrites send:
                Tell(send.Node, new ResumeWrites(_task.Epoch, send.ReplicaSet, send.Term));
                break;
            case SendAppointment send:
                foreach (var node in send.Nodes)
                {
                    Tell(node, new FollowAppointment(_task.Epoch, send.ReplicaSet, send.Appointment));
                }

                break;
            case ObserveMember observe:
                Tell(observe.Node, new ObserveNode(_task.Epoch));
                break;
            case ReplyStepDown reply:
                set.AnswerStepDown(reply.Answer);
                break;
            default:
                throw new InvalidOperationException($"unknown effect {effect.GetType().Name}");
        }
    }

    private void Tell(string node, INodeCommand command) => Context.Parent.Tell(new AppointmentOrder(node, command));
}
