using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using SetDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Topology.ReplicaSetEvent,
    Orchestrator.Core.Topology.ReplicaSetEffect,
    Orchestrator.Core.Topology.ReplicaSetReply>;

namespace Orchestrator.Core.Topology;

/// <summary>
/// The rules by which the supervisor appoints a replica set's primary. Invariants: a term is requested once, terms only
/// go up, and a primary is appointed only in the term requested last, by the reign that requested it, with the promises
/// of a majority of the configured members.
/// </summary>
public static class ReplicaSetDecider
{
    private static readonly ReplicaSetReply NoReply = new ReplicaSetReply.None();

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static SetDecision Decide(ReplicaSetState state, ReplicaSetCommand command, ReplicaSetEnvironment environment) =>
        command switch
        {
            AssessReplicaSet assess => Assess(state, new SetLook(state.Definition, assess.Members, environment)),
            StepDownPrimary stepDown => StepDown(state, stepDown.Request, new SetLook(state.Definition, stepDown.Members, environment)),
            ReceivePromise receive => Receive(state, receive.Promise, new SetLook(state.Definition, receive.Members, environment)),
            ReceiveWritesStopped receive => Receive(state, receive.Message, new SetLook(state.Definition, receive.Members, environment)),
            ReceiveFollowed receive => state is Announcing announcing
                && receive.Message.Node == announcing.Primary && receive.Message.Term == announcing.Term
                    ? Confirm(announcing, environment.Now)
                    : Nothing,
            ReceiveRefusal receive => Receive(state, receive.Refusal, environment),
            _ => throw new InvalidOperationException($"unknown command {command.GetType().Name}"),
        };

    /// <summary>The state after an event.</summary>
    public static ReplicaSetState Apply(ReplicaSetState state, ReplicaSetEvent @event) => (state, @event) switch
    {
        (_, TermRequested e) when e.Term > state.HighestTerm => new CollectingPromises(
            state.Definition, e.Term, state.Term, state.Primary, e.Epoch, e.Goal,
            ImmutableSortedDictionary.Create<string, TermPromised>(StringComparer.Ordinal), e.At),
        (CollectingPromises s, PromiseReceived e) when e.Promise.Term == s.HighestTerm =>
            s with { Promises = s.Promises.SetItem(e.Promise.Node, e.Promise) },
        (CollectingPromises s, PrimaryAppointed e) when e.Appointment.Term == s.HighestTerm =>
            new Announcing(s.Definition, s.HighestTerm, e.Appointment, s.Goal, e.At),
        (Announcing s, AppointmentConfirmed e) when e.Term == s.Term =>
            new Appointed(s.Definition, s.HighestTerm, s.Appointment, e.At),
        (WithPrimary s, StepDownStarted e) when e.Term == s.Term =>
            new StoppingWrites(s.Definition, s.HighestTerm, s.Appointment, e.Epoch, e.To, e.At),
        (StoppingWrites s, FinalPositionsKnown e) => new AwaitingSuccessor(
            s.Definition, s.HighestTerm, s.Appointment, s.Epoch, s.To, s.StartedAt, e.Positions),
        (StoppingWrites s, StepDownAbandoned e) => new Appointed(s.Definition, s.HighestTerm, s.Appointment, e.At),
        (AwaitingSuccessor s, StepDownAbandoned e) => new Appointed(s.Definition, s.HighestTerm, s.Appointment, e.At),
        _ => throw new InvalidOperationException(
            $"{@event.GetType().Name} does not fit {state.GetType().Name} of term {state.HighestTerm}"),
    };

    private static SetDecision Nothing => new([], [], NoReply);

    private static SetDecision Assess(ReplicaSetState state, SetLook look) => state switch
    {
        NoPrimary => AssessFresh(state, look),
        CollectingPromises s => AssessPromises(s, look),
        Announcing s => AssessPrimary(s, s.AppointedAt, look),
        Appointed s => AssessPrimary(s, s.ConfirmedAt, look),
        StoppingWrites s => AssessStepDown(s, s.Epoch, s.StartedAt, look) ?? AssessStop(s, look),
        AwaitingSuccessor s => AssessStepDown(s, s.Epoch, s.StartedAt, look) ?? AssessSuccessor(s, look),
        _ => throw new InvalidOperationException($"unknown state {state.GetType().Name}"),
    };

    private static SetDecision AssessFresh(ReplicaSetState state, SetLook look)
    {
        var all = look.Reachable.Count == state.Definition.Members.Count;
        var waitedEnough = look.Now - look.Environment.ReignStartedAt >= look.Policy.FirstAppointmentGrace;
        return all || (waitedEnough && look.HasMajority)
            ? RequestTerm(state, look.HighestObservedTerm, new TermGoal.Unplanned(""), "the replica set has no primary yet", look.Environment)
            : Nothing;
    }

    private static SetDecision AssessPromises(CollectingPromises state, SetLook look)
    {
        if (state.Epoch != look.Environment.Epoch)
        {
            return RequestTerm(state, look.HighestObservedTerm, new TermGoal.Unplanned(state.LastPrimary),
                $"a new supervisor took over while term {state.HighestTerm} was requested", look.Environment);
        }

        if (look.HighestObservedTerm > state.HighestTerm)
        {
            return RequestTerm(state, look.HighestObservedTerm, state.Goal,
                $"term {look.HighestObservedTerm} has been promised to another supervisor", look.Environment);
        }

        return TryAppoint(state, look)
            ?? new SetDecision([], AskFor(state, look.Reachable.Where(node => !state.Promises.ContainsKey(node))), NoReply);
    }

    private static SetDecision? TryAppoint(CollectingPromises state, SetLook look)
    {
        var majority = state.Promises.Count >= state.Definition.Majority;
        var waitsForMore = look.Reachable.Any(node => !state.Promises.ContainsKey(node))
            && look.Now - state.RequestedAt < look.Policy.PromiseTimeout;
        if (!majority || waitsForMore || state.Epoch != look.Environment.Epoch)
        {
            return null;
        }

        var appointment = PrimaryChoice.Choose(state.Definition, state.HighestTerm, state.Goal, state.Promises, look.Failed);
        return new SetDecision(
            [new PrimaryAppointed(state.Definition.Name, appointment, look.Now)],
            [new SendAppointment(state.Definition.Members, state.Definition.Name, appointment)],
            NoReply);
    }

    private static SetDecision AssessPrimary(WithPrimary state, DateTimeOffset since, SetLook look)
    {
        var trouble = look.TroubleWith(state.Appointment, since);
        TermGoal goal = new TermGoal.Unplanned(state.Primary);
        if (trouble.Length == 0 && state is Announcing)
        {
            trouble = look.TroubleAnnouncing(state.Appointment, since);
            goal = new TermGoal.Instead(state.Primary);
        }

        if (trouble.Length > 0 && look.HasMajority)
        {
            return RequestTerm(state, look.HighestObservedTerm, goal, trouble, look.Environment,
                state is Announcing { Goal: TermGoal.Planned planned }
                    ? [new ReplyStepDown(state.Definition.Name, new StepDownAnswer.Failed(new RequestFailed(
                        FailureCode.Unavailable, $"{state.Primary} was appointed after {planned.From}, but {trouble}", "")))]
                    : []);
        }

        if (state is Announcing announcing && look.ActsBy(state.Appointment))
        {
            return Confirm(announcing, look.Now);
        }

        var behind = look.Reachable.Where(node => look.IsBehind(node, state.Appointment)).ToList();
        return behind.Count == 0 ? Nothing : Do(new SendAppointment(behind, state.Definition.Name, state.Appointment));
    }

    private static SetDecision Confirm(Announcing state, DateTimeOffset now)
    {
        var confirmed = new AppointmentConfirmed(state.Definition.Name, state.Term, now);
        if (state.Goal is not TermGoal.Planned planned)
        {
            return new SetDecision([confirmed], [], NoReply);
        }

        StepDownAnswer answer = state.Primary == planned.From
            ? new StepDownAnswer.Failed(new RequestFailed(FailureCode.Unavailable,
                $"{planned.To} did not promise term {state.Term}; {planned.From} is primary again", ""))
            : new StepDownAnswer.Completed(new StepDownCompleted(state.Definition.Name, planned.From, state.Primary, state.Term));
        return new SetDecision([confirmed], [new ReplyStepDown(state.Definition.Name, answer)], NoReply);
    }

    /// <summary>Why the step-down must be given up, or null.</summary>
    private static SetDecision? AssessStepDown(WithPrimary state, long epoch, DateTimeOffset startedAt, SetLook look)
    {
        if (epoch != look.Environment.Epoch)
        {
            return Abandon(state, FailureCode.Unavailable, "a new supervisor took over during the step-down", look.Now);
        }

        return look.Now - startedAt < look.Policy.StepDownTimeout
            ? null
            : Abandon(state, FailureCode.Unavailable, state is AwaitingSuccessor awaiting
                ? $"{awaiting.To} did not reach the last changes of {state.Primary} within {look.Policy.StepDownTimeout.TotalSeconds:0.#} s"
                : $"{state.Primary} did not stop writes within {look.Policy.StepDownTimeout.TotalSeconds:0.#} s", look.Now);
    }

    /// <summary>
    /// Writes stop only when the successor has answered since the step-down was asked for: one that has just died still
    /// counts as reachable, and nobody could write until that was noticed.
    /// </summary>
    private static SetDecision AssessStop(StoppingWrites state, SetLook look)
    {
        if (look.HeardSince(state.To, state.StartedAt))
        {
            return Do(new SendStopWrites(state.Primary, state.Definition.Name, state.Term, look.HaltTime, state.Number));
        }

        return look.Now - state.StartedAt < look.Policy.PromiseTimeout
            ? Do(new ObserveMember(state.To))
            : Abandon(state, FailureCode.Unavailable, $"{state.To}, the intended successor, does not answer", look.Now);
    }

    private static SetDecision AssessSuccessor(AwaitingSuccessor state, SetLook look) =>
        look.Seen(state.To) is { } successor && MemberDecider.Reaches(successor.Positions, state.FinalPositions)
            ? RequestTerm(state, look.HighestObservedTerm, new TermGoal.Planned(state.Primary, state.To),
                $"{state.Primary} steps down and {state.To} has all its changes", look.Environment)
            : Do(new ObserveMember(state.To));

    private static SetDecision StepDown(ReplicaSetState state, RequestStepDown request, SetLook look)
    {
        var set = state.Definition;
        if (!set.Members.Contains(request.ExpectedPrimary))
        {
            return Refuse(FailureCode.NotFound, $"replica set {set.Name} has no member '{request.ExpectedPrimary}'; {KnownNames.Of(set.Members, "it has none")}");
        }

        if (request.To.Length > 0 && !set.Members.Contains(request.To))
        {
            return Refuse(FailureCode.NotFound, $"replica set {set.Name} has no member '{request.To}'; {KnownNames.Of(set.Members, "it has none")}");
        }

        if (request.To == request.ExpectedPrimary)
        {
            return Refuse(FailureCode.Invalid, $"{request.To} is to step down itself; name another member");
        }

        if (state is not Appointed appointed)
        {
            return Refuse(FailureCode.Conflict, state is StoppingWrites or AwaitingSuccessor
                ? $"{state.Primary} is already stepping down"
                : $"replica set {set.Name} is getting a new primary (term {state.HighestTerm}); try again when it has one");
        }

        if (appointed.Primary != request.ExpectedPrimary)
        {
            return Refuse(FailureCode.Conflict, $"{request.ExpectedPrimary} is not the primary of {set.Name}; {appointed.Primary} is");
        }

        var successor = look.Successor(appointed.Appointment, request.To, out var refusal);
        if (refusal is not null)
        {
            return new SetDecision([], [], new ReplicaSetReply.Refused(refusal));
        }

        var started = new StepDownStarted(set.Name, appointed.Term, look.Environment.Epoch, appointed.Primary, successor, look.Now);
        return AssessStop((StoppingWrites)Apply(appointed, started), look) with { Events = [started] };
    }

    private static SetDecision Receive(ReplicaSetState state, TermPromised promise, SetLook look)
    {
        if (state is not CollectingPromises collecting
            || promise.Term != collecting.HighestTerm
            || collecting.Epoch != look.Environment.Epoch
            || !state.Definition.Members.Contains(promise.Node))
        {
            return Nothing;
        }

        var received = new PromiseReceived(state.Definition.Name, promise, look.Now);
        var appoint = TryAppoint((CollectingPromises)Apply(collecting, received), look) ?? Nothing;
        return appoint with { Events = [received, .. appoint.Events] };
    }

    private static SetDecision Receive(ReplicaSetState state, WritesStopped message, SetLook look)
    {
        if (state is not StoppingWrites stopping || message.Node != stopping.Primary || message.Term != stopping.Term
            || message.StepDown != stopping.Number)
        {
            return Nothing;
        }

        var known = new FinalPositionsKnown(state.Definition.Name, message.Positions, look.Now);
        var next = AssessSuccessor((AwaitingSuccessor)Apply(stopping, known), look);
        return next with { Events = [known, .. next.Events] };
    }

    private static SetDecision Receive(ReplicaSetState state, CommandRefused refusal, ReplicaSetEnvironment environment) => state switch
    {
        CollectingPromises s when refusal.Code == RefusalCode.StaleTerm && refusal.Term >= s.HighestTerm => RequestTerm(
            s, refusal.Term, s.Goal, $"{refusal.Node} has already promised term {refusal.Term}", environment),
        StoppingWrites s when refusal.Node == s.Primary && refusal.Code != RefusalCode.StaleEpoch =>
            Abandon(s, FailureCode.Refused, $"{s.Primary} did not stop writes: {refusal.Reason}", environment.Now),
        _ => Nothing,
    };

    private static SetDecision RequestTerm(
        ReplicaSetState state,
        long atLeastAbove,
        TermGoal goal,
        string reason,
        ReplicaSetEnvironment environment,
        params ReplicaSetEffect[] first)
    {
        var requested = new TermRequested(
            state.Definition.Name, Math.Max(state.HighestTerm, atLeastAbove) + 1, environment.Epoch, goal, reason, environment.Now);
        var next = (CollectingPromises)Apply(state, requested);
        return new SetDecision([requested], [.. first, .. AskFor(next, state.Definition.Members)], NoReply);
    }

    private static IReadOnlyList<ReplicaSetEffect> AskFor(CollectingPromises state, IEnumerable<string> nodes) =>
        nodes.Select(node => new SendPromise(node, state.Definition.Name, state.HighestTerm)).ToList();

    private static SetDecision Abandon(WithPrimary state, FailureCode code, string reason, DateTimeOffset now) => new(
        [new StepDownAbandoned(state.Definition.Name, state.Term, reason, now)],
        [
            new SendResumeWrites(state.Primary, state.Definition.Name, state.Term),
            new ReplyStepDown(state.Definition.Name, new StepDownAnswer.Failed(new RequestFailed(code, reason, ""))),
        ],
        NoReply);

    private static SetDecision Refuse(FailureCode code, string message) =>
        new([], [], new ReplicaSetReply.Refused(new RequestFailed(code, message, "")));

    private static SetDecision Do(params ReplicaSetEffect[] effects) => new([], effects, NoReply);
}
