using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

using SetDecision = Decision<ReplicaSetEvent, ReplicaSetEffect, ReplicaSetReply>;

/// <content>Appointing primaries: a state machine for each replica set.</content>
internal sealed partial class SupervisorActor
{
    /// <summary>Longer than a step-down may take: it waits for a secondary to catch up.</summary>
    private static readonly TimeSpan StepDownPatience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<ReplicaSetKey, IActorRef> stepDownRequesters = [];

    // Why the members of a cluster do not obey, by its name. No reign's epoch ever rises.
    private readonly Dictionary<string, string> outranked = new(StringComparer.Ordinal);

    // Persist only takes the events into the batch; its handlers run after the present message. A second decision on the
    // same set within that message must wait for the next observation or tick, else it would be made on an old state.
    private readonly HashSet<ReplicaSetKey> storingSets = [];

    private void ReceiveReplicaSets()
    {
        Command<TermPromised>(promise => FromNode(key => Carry(key, new ReceivePromise(promise, Sightings(key)), ActorRefs.Nobody)));
        Command<WritesStopped>(stopped => FromNode(key => Carry(key, new ReceiveWritesStopped(stopped, Sightings(key)), ActorRefs.Nobody)));
        Command<AppointmentFollowed>(followed => FromNode(key => Carry(key, new ReceiveFollowed(followed), ActorRefs.Nobody)));
        Command<WritesResumed>(_ => { });
        Command<CommandRefused>(refused =>
        {
            log.Debug("{0} refuses: {1} {2}", refused.Node, refused.Code, refused.Reason);
            NoteIfOutranked(refused);
            OnInventoryRefused();
            FromNode(key => Carry(key, new ReceiveRefusal(refused), ActorRefs.Nobody));
        });
        Command<RequestStepDown>(request => Audited(
            new AuditedOrder(
                request.By,
                "step-down",
                request.Cluster,
                request.ReplicaSet,
                $"{request.ExpectedPrimary} in favour of {(request.To.Length > 0 ? request.To : "the most caught-up member")}"),
            Self.Ask<object>(new BeginStepDown(request), StepDownPatience)));
        Command<BeginStepDown>(order => OnRequestStepDown(order.Request));
    }

    /// <summary>
    /// A member obeys a later epoch. Of a replaced supervisor the next write into the journal fails; one that goes on has a journal
    /// that the other supervisor does not write, and without this would only find that nobody answers.
    /// </summary>
    private void NoteIfOutranked(CommandRefused refused)
    {
        if (refused.Code != RefusalCode.StaleEpoch || refused.Epoch <= state.Epoch
            || watches.Values.FirstOrDefault(watch => watch.Nodes.Contains(refused.Node)) is not { } watch)
        {
            return;
        }

        var trouble = $"{refused.Node} obeys a supervisor of epoch {refused.Epoch}, and this one is of epoch {state.Epoch}: "
            + "all processes that can host the supervisor must share one journal (orchestrator.journal)";
        if (outranked.TryAdd(watch.Definition.Name, trouble))
        {
            log.Error("members cannot be looked after: {0}", trouble);
            Context.System.EventStream.Publish(new SupervisorOutranked(trouble));
        }
    }

    private void OnRequestStepDown(RequestStepDown request)
    {
        if (externals.TryGetValue(request.Cluster, out var external))
        {
            WhenSeen(request.Cluster, new BeginStepDown(request), order => TransferPrimary(external, order.Request));
            return;
        }

        var key = new ReplicaSetKey(request.Cluster, request.ReplicaSet);
        if (!state.Sets.ContainsKey(key))
        {
            Sender.Tell(new RequestFailed(
                FailureCode.NotFound, $"there is no replica set '{request.ReplicaSet}' in a cluster '{request.Cluster}'", ""));
            return;
        }

        Carry(key, new StepDownPrimary(request, Sightings(key)), Sender);
    }

    private void AssessReplicaSets()
    {
        foreach (var key in state.Sets.Keys)
        {
            Assess(key);
        }
    }

    private void Assess(ReplicaSetKey key) => Carry(key, new AssessReplicaSet(Sightings(key)), ActorRefs.Nobody);

    private void FromNode(Action<ReplicaSetKey> act)
    {
        if (nodesByRef.TryGetValue(Sender, out var node)
            && !externals.ContainsKey(node.Cluster)
            && watches[node.Cluster].Definition.ReplicaSets.FirstOrDefault(set => set.Members.Contains(node.Node)) is { } set)
        {
            act(new ReplicaSetKey(node.Cluster, set.Name));
        }
    }

    private IReadOnlyList<MemberSighting> Sightings(ReplicaSetKey key) =>
        watches[key.Cluster].Sightings.Of(state.Sets[key].Definition);

    /// <summary>
    /// Decide, store, apply, act, answer. One decision at a time for each set.
    /// </summary>
    private void Carry(ReplicaSetKey key, ReplicaSetCommand command, IActorRef sender)
    {
        if (storingSets.Contains(key))
        {
            return;
        }

        var environment = new ReplicaSetEnvironment(state.Epoch, Now, reignStartedAt, options.ReplicaSets);
        var decision = ReplicaSetDecider.Decide(state.Sets[key], command, environment);
        var durable = decision.Events.OfType<DurableReplicaSetEvent>().Select(fact => new ReplicaSetRecorded(key.Cluster, fact, fact.At)).ToList();
        if (durable.Count == 0)
        {
            Complete(key, decision, sender);
            return;
        }

        storingSets.Add(key);
        var left = durable.Count;
        PersistAll(durable, _ =>
        {
            if (--left == 0)
            {
                storingSets.Remove(key);
                Complete(key, decision, sender);
            }
        });
    }

    private void Complete(ReplicaSetKey key, SetDecision decision, IActorRef sender)
    {
        foreach (var fact in decision.Events)
        {
            if (!IsRepeated(state.Sets[key], fact))
            {
                log.Info("{0}/{1} {2}", key.Cluster, key.ReplicaSet, Describe(fact));
            }

            state = state.Apply(key, fact);
        }

        if (decision.Events.OfType<StepDownStarted>().Any())
        {
            stepDownRequesters[key] = sender;
        }

        foreach (var effect in decision.Effects)
        {
            Act(key, effect);
        }

        if (decision.Reply is ReplicaSetReply.Refused refused)
        {
            sender.Tell(refused.Failure);
        }
    }

    /// <summary>A member that is asked again promises again.</summary>
    private static bool IsRepeated(ReplicaSetState set, ReplicaSetEvent fact) =>
        set is CollectingPromises collecting && fact is PromiseReceived received && collecting.Promises.ContainsKey(received.Promise.Node);

    private static string Describe(ReplicaSetEvent fact) => fact switch
    {
        TermRequested requested => $"asks for term {requested.Term}: {requested.Reason}",
        PromiseReceived received => $"has {received.Promise.Node}'s promise of term {received.Promise.Term}",
        PrimaryAppointed appointed => $"appoints {appointed.Appointment.Primary} primary of term {appointed.Appointment.Term}",
        AppointmentConfirmed confirmed => $"has its primary of term {confirmed.Term} at work",
        StepDownStarted started => $"steps {started.From} down in favour of {started.To}",
        StepDownAbandoned abandoned => $"gives the step-down up: {abandoned.Reason}",
        FinalPositionsKnown => "knows the primary's last changes",
        _ => fact.GetType().Name,
    };

    private void Act(ReplicaSetKey key, ReplicaSetEffect effect)
    {
        switch (effect)
        {
            case SendPromise send:
                Tell(key.Cluster, send.Node, new PromiseTerm(state.Epoch, send.ReplicaSet, send.Term));
                break;
            case SendStopWrites send:
                Tell(key.Cluster, send.Node, new StopWrites(state.Epoch, send.ReplicaSet, send.Term, send.AtMost, send.StepDown));
                break;
            case SendResumeWrites send:
                Tell(key.Cluster, send.Node, new ResumeWrites(state.Epoch, send.ReplicaSet, send.Term));
                break;
            case SendAppointment send:
                foreach (var node in send.Nodes)
                {
                    Tell(key.Cluster, node, new FollowAppointment(state.Epoch, send.ReplicaSet, send.Appointment));
                }

                break;
            case ObserveMember observe:
                Tell(key.Cluster, observe.Node, new ObserveNode(state.Epoch));
                break;
            case ReplyStepDown reply:
                AnswerStepDown(key, reply.Answer);
                break;
            default:
                throw new InvalidOperationException($"unknown effect {effect.GetType().Name}");
        }
    }

    private void AnswerStepDown(ReplicaSetKey key, StepDownAnswer answer)
    {
        if (stepDownRequesters.Remove(key, out var requester))
        {
            requester.Tell(answer switch
            {
                StepDownAnswer.Completed completed => completed.Message,
                StepDownAnswer.Failed failed => failed.Message,
                _ => throw new InvalidOperationException($"unknown answer {answer.GetType().Name}"),
            });
        }
    }

    private sealed record BeginStepDown(RequestStepDown Request) : LocalMessage;
}
