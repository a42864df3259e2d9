using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
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
    private readonly Dictionary<NodeKey, Outranking> outranked = [];

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
        Command<AdoptJournal>(OnAdoptJournal);
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

        var found = new Outranking(refused.Node, refused.Epoch, state.Epoch, refused.OtherHeardSecondsAgo);
        var before = OutrankedIn(watch);
        outranked[new NodeKey(watch.Definition.Name, refused.Node)] = found;
        var now = OutrankedIn(watch)!;
        if (before is null || before.OtherReigns != now.OtherReigns)
        {
            log.Error("members cannot be looked after: {0}", now.Trouble);
            Context.System.EventStream.Publish(new SupervisorOutranked(now.Trouble));
        }
    }

    /// <summary>A member that obeys another supervisor, if there is one: one that has lately heard of it rather than another.</summary>
    private Outranking? OutrankedIn(ClusterWatch watch) => outranked
        .Where(entry => entry.Key.Cluster == watch.Definition.Name)
        .Select(entry => entry.Value)
        .OrderByDescending(found => found.OtherReigns)
        .FirstOrDefault();

    /// <summary>A new reign, in the same process, above the one that the members obey.</summary>
    private void OnAdoptJournal(AdoptJournal order)
    {
        var sender = Sender;
        if (AdoptionRefusal() is { } refusal)
        {
            Audit(order.By, "adopt-journal", "", "", order.Reason, refusal.Message, () => sender.Tell(refusal));
            return;
        }

        var former = outranked.Values.Max(found => found.OtherEpoch);
        IReadOnlyList<string> clusters = [.. outranked.Keys.Select(node => node.Cluster).Distinct().Order(StringComparer.Ordinal)];
        Audit(order.By, "adopt-journal", "", "", $"above epoch {former}{(order.Reason.Length > 0 ? $"; {order.Reason}" : "")}");
        Store(new SupervisorStarted(former + 1, host, Now), () =>
        {
            outranked.Clear();
            log.Warning("the journal was adopted by {0}: the supervisor reigns in epoch {1}; members obeyed epoch {2}", order.By, state.Epoch, former);
            sender.Tell(new JournalAdopted(former, state.Epoch, clusters,
            [
                $"{(state.Runs.Count == 0 ? "All runs" : "Runs that are not in this journal")}, also one that was at work: a member that still compacts for it finishes that by itself.",
                "The audit trail before this journal began.",
                "What schedules have done and the gains that they had measured: they begin as if nothing had been compacted.",
                "Freezes, pauses and approvals that were in force: set them again if they are still wanted.",
                "Which primaries were appointed: they are appointed anew, from what the members have.",
            ]));
        });
    }

    private RequestFailed? AdoptionRefusal() =>
        outranked.Count == 0
            ? new RequestFailed(FailureCode.Conflict, "the members obey this supervisor: there is nothing to adopt", "")
            : state.Runs.FirstOrDefault(run => run.Active) is { } run
                ? new RequestFailed(FailureCode.Conflict, $"run {run.RunId} of this journal is active; cancel it first", run.RunId)
                : outranked.Values.FirstOrDefault(found => found.OtherReigns) is { } reigning
                    ? new RequestFailed(FailureCode.Conflict, reigning.Trouble, "")
                    : null;

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
