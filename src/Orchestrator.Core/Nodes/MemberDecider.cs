using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// The rules of a member: what it promises, whom it follows, whether it takes writes. Together with the promise of a
/// majority they keep two invariants: no two primaries can acknowledge a majority write in one term, and none can in a
/// lower term than one that a majority has promised.
/// </summary>
public static class MemberDecider
{
    private static readonly MemberReply NoReply = new MemberReply.None();

    /// <summary>
    /// The state after a start, from what is on disk. A primary of the promised term does not go on with its reign: its files
    /// may have lost the end of its history meanwhile, and it would give the lost sequence numbers to other writes.
    /// </summary>
    public static MemberState Start(string node, string replicaSet, MemberRecord record)
    {
        if (record.Appointments.Count == 0)
        {
            return new UnappointedMember(node, replicaSet, record.Epoch, record.PromisedTerm, record.PromisedEpoch);
        }

        var appointment = record.Appointments[0];
        if (appointment.Term > record.PromisedTerm)
        {
            throw new InvalidOperationException(
                $"the stored appointment is of term {appointment.Term}, above the promised term {record.PromisedTerm}");
        }

        return appointment.Term < record.PromisedTerm
            ? new PromisedMember(node, replicaSet, record.Epoch, record.PromisedTerm, record.PromisedEpoch, appointment)
            : appointment.Primary == node
                ? new ResignedMember(
                    node, replicaSet, record.Epoch, record.PromisedTerm, record.PromisedEpoch, appointment, ResignedMember.StartedAgain)
                : Follow(node, replicaSet, record.Epoch, record.PromisedTerm, record.PromisedEpoch, appointment);
    }

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static Decision<MemberEvent, MemberEffect, MemberReply> Decide(
        MemberState state,
        MemberCommand command,
        MemberEnvironment environment) => command switch
        {
            HandleNodeCommand handle => Fence(state, handle.Command, environment),
            AssessMember => Assess(state, environment),
            HearOfTerm hear => Hear(state, hear),
            Resign resign => GiveUp(state, resign),
            _ => throw new InvalidOperationException($"unknown command {command.GetType().Name}"),
        };

    /// <summary>The state after an event.</summary>
    public static MemberState Apply(MemberState state, MemberEvent @event)
    {
        MemberState next = (state, @event) switch
        {
            (_, EpochSeen seen) => state with { Epoch = seen.Epoch },
            (AppointedMember appointed, PromiseMade promise) => new PromisedMember(
                state.Node, state.ReplicaSet, state.Epoch, promise.Term, promise.Epoch, appointed.Appointment),
            (UnappointedMember, PromiseMade promise) => state with { PromisedTerm = promise.Term, PromisedEpoch = promise.Epoch },
            (_, AppointmentAccepted accepted) => Accept(state, accepted.Appointment),
            (CatchingUpMember m, CatchUpFinished) => Lead(m),
            (LeadingMember m, WritesHalted halted) => Halt(m, halted),
            (HaltedMember m, WritesHalted halted) => Halt(m, halted),
            (HaltedMember m, WritesReopened) => Lead(m),
            (AppointedMember m, ReignResigned resigned) => new ResignedMember(
                m.Node, m.ReplicaSet, m.Epoch, m.PromisedTerm, m.PromisedEpoch, m.Appointment, resigned.Cause),
            (AppointedMember m, HigherTermSeen seen) => new DeposedMember(
                m.Node, m.ReplicaSet, m.Epoch, m.PromisedTerm, m.PromisedEpoch, m.Appointment, seen.Term),
            _ => throw new InvalidOperationException($"{@event.GetType().Name} does not fit {state.GetType().Name}"),
        };

        if (next.Epoch < state.Epoch || next.PromisedTerm < state.PromisedTerm || next.Term < state.Term || next.Term > next.PromisedTerm)
        {
            throw new InvalidOperationException(
                $"{@event.GetType().Name} would take {state.Node} back from epoch {state.Epoch}, promise {state.PromisedTerm}, "
                + $"term {state.Term} to epoch {next.Epoch}, promise {next.PromisedTerm}, term {next.Term}");
        }

        return next;
    }

    /// <summary>Whether no write was taken since an answer was asked for: only then are the positions read for it final.</summary>
    public static bool IsStillHalted(MemberState state, AnswerWritesStopped answer) => state is HaltedMember halted
        && halted.Term == answer.Term && halted.StepDown == answer.StepDown && halted.Since == answer.Since;

    /// <summary>Whether positions reach a target in every collection; (term, sequence) decides.</summary>
    public static bool Reaches(IReadOnlyList<FeedPosition> positions, IEnumerable<FeedPosition> target)
    {
        var own = positions.ToDictionary(position => (position.Database, position.Collection));
        return target.All(wanted => own.TryGetValue((wanted.Database, wanted.Collection), out var have)
            ? have.CompareTo(wanted) >= 0
            : wanted.Sequence == 0);
    }

    /// <summary>
    /// Whether an appointee lacks nothing any more. It need not fetch what the caught-up catalog does not name: no majority had
    /// anything of such a collection, since a member has the collection's entry in the catalog on disk before its changes, and
    /// the most advanced catalog among a majority's has every entry that a majority has.
    /// </summary>
    private static bool HasCaughtUp(Appointment appointment, MemberEnvironment environment)
    {
        if (environment.Incomplete.Count > 0)
        {
            return false;
        }

        var targets = appointment.CatchUp.Select(source => source.Position).ToList();
        if (Reaches(environment.Positions, targets))
        {
            return true;
        }

        var named = environment.Named;
        return environment.Positions.Contains(named.AsOf)
            && Reaches(environment.Positions, targets.Where(target =>
                target.IsOfCatalog || named.Names.Contains((target.Database, target.Collection))));
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> Fence(
        MemberState state, INodeCommand command, MemberEnvironment environment)
    {
        if (command.Epoch < state.Epoch)
        {
            return Refuse(state, RefusalCode.StaleEpoch,
                $"the command has epoch {command.Epoch}, but a supervisor with epoch {state.Epoch} has taken over");
        }

        if (command.Epoch == state.Epoch)
        {
            return Handle(state, command, environment);
        }

        // The epoch counts even if the command itself is refused.
        var seen = new EpochSeen(command.Epoch);
        var decision = Handle(Apply(state, seen), command, environment);
        return decision with { Events = [seen, .. decision.Events] };
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> Handle(
        MemberState state, INodeCommand command, MemberEnvironment environment) => command switch
        {
            PromiseTerm promise => InSet(state, promise.ReplicaSet) ?? Promise(state, promise, environment),
            FollowAppointment follow => InSet(state, follow.ReplicaSet) ?? FollowAnnounced(state, follow.Appointment, environment),
            StopWrites stop => InSet(state, stop.ReplicaSet) ?? Stop(state, stop, environment),
            ResumeWrites resume => InSet(state, resume.ReplicaSet) ?? ResumeStopped(state, resume),
            _ => Decided([], [], new MemberReply.Admitted()),
        };

    private static Decision<MemberEvent, MemberEffect, MemberReply>? InSet(MemberState state, string replicaSet) =>
        replicaSet == state.ReplicaSet
            ? null
            : Refuse(state, RefusalCode.Invalid, $"{state.Node} is a member of replica set {state.ReplicaSet}, not of {replicaSet}");

    private static Decision<MemberEvent, MemberEffect, MemberReply> Promise(
        MemberState state, PromiseTerm command, MemberEnvironment environment)
    {
        // It goes on following, since that is how it gets what it lacks.
        if (command.Term >= state.PromisedTerm && environment.Incomplete is [var first, ..])
        {
            return Refuse(state, RefusalCode.WrongState,
                $"{state.Node} does not have all of {first}: its files are being opened, or it still has to fetch missing changes; try again");
        }

        if (command.Term > state.PromisedTerm)
        {
            var answer = new AnswerPromise(command.Term);
            return Decided(
                [new PromiseMade(command.Term, command.Epoch)],
                state.Role == MemberRole.Primary ? [new CloseWrites($"term {command.Term} has been promised"), answer] : [answer],
                NoReply);
        }

        // The answer may have been lost. Once the term's primary is followed there is nothing left to promise.
        if (command.Term == state.PromisedTerm && command.Epoch == state.PromisedEpoch && state.Term < command.Term)
        {
            return Decided([], [new AnswerPromise(command.Term)], NoReply);
        }

        return Refuse(state, RefusalCode.StaleTerm, $"{state.Node} has already promised term {state.PromisedTerm}");
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> FollowAnnounced(
        MemberState state, Appointment appointment, MemberEnvironment environment)
    {
        if (!appointment.Members.Contains(state.Node) || !appointment.Members.Contains(appointment.Primary))
        {
            return Refuse(state, RefusalCode.Invalid,
                $"the appointment of term {appointment.Term} does not list {state.Node} and its primary {appointment.Primary} as members");
        }

        if (appointment.Term < state.PromisedTerm)
        {
            return Refuse(state, RefusalCode.StaleTerm,
                $"the appointment is of term {appointment.Term}, but {state.Node} has promised term {state.PromisedTerm}");
        }

        if (appointment.Term == state.Term)
        {
            return FollowAgain(state, appointment);
        }

        if (appointment.Primary == state.Node && appointment.Term != state.PromisedTerm)
        {
            // It was chosen for what it had when it promised; a member that does not know of that promise has lost it all.
            return Refuse(state, RefusalCode.WrongState,
                $"{state.Node} has not promised term {appointment.Term}: it has lost its files and cannot be its primary");
        }

        var accepted = new AppointmentAccepted(appointment);
        var reply = new MemberReply.Followed(new AppointmentFollowed(state.Node, appointment.Term));
        if (appointment.Primary == state.Node)
        {
            return Decided(HasCaughtUp(appointment, environment) ? [accepted, new CatchUpFinished(appointment.Term)] : [accepted], [], reply);
        }

        return state.Role == MemberRole.Primary
            ? Decided([accepted], [new CloseWrites($"{appointment.Primary} is primary of term {appointment.Term}")], reply)
            : Decided([accepted], [], reply);
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> FollowAgain(MemberState state, Appointment appointment)
    {
        if (appointment.Primary != state.Primary)
        {
            return Refuse(state, RefusalCode.Invalid,
                $"{state.Primary} is primary of term {state.Term}; {appointment.Primary} cannot be primary of the same term");
        }

        if (state is ResignedMember)
        {
            return Refuse(state, RefusalCode.WrongState, $"{state.Node} {state.Condition.Reason}");
        }

        var reply = new MemberReply.Followed(new AppointmentFollowed(state.Node, appointment.Term));
        return state is FollowingMember && appointment.PrimaryAddress != state.PrimaryAddress
            ? Decided([new AppointmentAccepted(appointment)], [], reply)
            : Decided([], [], reply);
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> Stop(MemberState state, StopWrites command, MemberEnvironment environment)
    {
        if (command.Term != state.Term || state is not (LeadingMember or HaltedMember))
        {
            return RefuseAsPrimary(state, command.Term);
        }

        // The order is repeated until its answer arrives.
        var repeated = state is HaltedMember halted && halted.StepDown == command.StepDown ? halted : null;
        var since = repeated?.Since ?? environment.Now;
        var answer = new AnswerWritesStopped(command.Term, command.StepDown, since);
        return Decided(
            [new WritesHalted(command.Term, command.StepDown, since, environment.Now + command.AtMost)],
            repeated is null ? [new CloseWrites("the primary steps down"), answer] : [answer],
            NoReply);
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> ResumeStopped(MemberState state, ResumeWrites command)
    {
        var reply = new MemberReply.Resumed(new WritesResumed(state.Node, command.Term));
        return state switch
        {
            HaltedMember when command.Term == state.Term =>
                Decided([new WritesReopened(command.Term)], [], reply),
            LeadingMember when command.Term == state.Term => Decided([], [], reply),
            _ => RefuseAsPrimary(state, command.Term),
        };
    }

    private static Decision<MemberEvent, MemberEffect, MemberReply> RefuseAsPrimary(MemberState state, long term) =>
        term < state.PromisedTerm
            ? Refuse(state, RefusalCode.StaleTerm, $"{state.Node} has promised term {state.PromisedTerm}, above term {term}")
            : Refuse(state, RefusalCode.WrongState,
                state.Role == MemberRole.Primary && state.Term == term
                    ? $"{state.Node} {state.Condition.Reason}"
                    : $"{state.Node} is not the primary of term {term}");

    private static Decision<MemberEvent, MemberEffect, MemberReply> Assess(MemberState state, MemberEnvironment environment) => state switch
    {
        CatchingUpMember m when HasCaughtUp(m.Appointment, environment) => Decided([new CatchUpFinished(m.Term)], [], NoReply),
        HaltedMember m when environment.Now >= m.Until => Decided([new WritesReopened(m.Term)], [], NoReply),
        _ => Decided([], [], NoReply),
    };

    private static Decision<MemberEvent, MemberEffect, MemberReply> Hear(MemberState state, HearOfTerm hear) =>
        state.Role == MemberRole.Primary && hear.Term > state.PromisedTerm && IsOther(state, hear.Node)
            ? Decided(
                [new HigherTermSeen(hear.Term, hear.Node)],
                [new CloseWrites($"{hear.Node} is already in term {hear.Term}")],
                NoReply)
            : Decided([], [], NoReply);

    private static Decision<MemberEvent, MemberEffect, MemberReply> GiveUp(MemberState state, Resign resign) =>
        state is LeadingMember or HaltedMember
            ? Decided(
                [new ReignResigned(state.Term, resign.Cause)],
                [new CloseWrites($"{state.Node} {resign.Cause}")],
                NoReply)
            : Decided([], [], NoReply);

    private static bool IsOther(MemberState state, string node) =>
        node != state.Node && state is AppointedMember appointed && appointed.Appointment.Members.Contains(node);

    private static MemberState Accept(MemberState state, Appointment appointment) => Follow(
        state.Node,
        state.ReplicaSet,
        state.Epoch,
        Math.Max(state.PromisedTerm, appointment.Term),
        appointment.Term > state.PromisedTerm ? state.Epoch : state.PromisedEpoch,
        appointment);

    private static MemberState Follow(string node, string replicaSet, long epoch, long promisedTerm, long promisedEpoch, Appointment appointment) =>
        appointment.Primary == node
            ? new CatchingUpMember(node, replicaSet, epoch, promisedTerm, promisedEpoch, appointment)
            : new FollowingMember(node, replicaSet, epoch, promisedTerm, promisedEpoch, appointment);

    private static LeadingMember Lead(AppointedMember m) =>
        new(m.Node, m.ReplicaSet, m.Epoch, m.PromisedTerm, m.PromisedEpoch, m.Appointment);

    private static HaltedMember Halt(AppointedMember m, WritesHalted halted) => new(
        m.Node, m.ReplicaSet, m.Epoch, m.PromisedTerm, m.PromisedEpoch, m.Appointment, halted.StepDown, halted.Since, halted.Until);

    private static Decision<MemberEvent, MemberEffect, MemberReply> Refuse(MemberState state, RefusalCode code, string reason) =>
        Decided([], [], new MemberReply.Refused(new CommandRefused(state.Node, code, reason, state.Epoch, state.PromisedTerm)));

    private static Decision<MemberEvent, MemberEffect, MemberReply> Decided(
        IReadOnlyList<MemberEvent> events, IReadOnlyList<MemberEffect> effects, MemberReply reply) => new(events, effects, reply);
}
