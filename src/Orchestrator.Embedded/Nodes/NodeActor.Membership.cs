using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

using MemberDecision = Decision<MemberEvent, MemberEffect, MemberReply>;

/// <content>The member's state machine: decide, store, apply, act, answer.</content>
internal sealed partial class NodeActor
{
    private readonly Queue<(MemberCommand Command, IActorRef Sender)> waitingCommands = new();
    private readonly Dictionary<string, DateTimeOffset> contacts = new(StringComparer.Ordinal);
    private readonly WritePauses writePauses;
    private MemberState member;
    private CollectionDuty duty;
    private bool storing;
    private DateTimeOffset appointedAt;

    private void ReceiveMembership()
    {
        Receive<INodeCommand>(command =>
        {
            if (!catalogLoaded && command is (PromiseTerm or StopWrites or ResumeWrites or FollowAppointment) && !FollowsWithoutCatalog(command))
            {
                Sender.Tell(Refusal(RefusalCode.WrongState, "the node is starting and does not know all its collections yet; try again"));
                return;
            }

            Handle(new HandleNodeCommand(command), Sender);
        });
        Receive<MemberStored>(OnMemberStored);
        Receive<MemberNotStored>(OnMemberNotStored);
        Receive<MemberContacted>(OnMemberContacted);
        Receive<DutiesGathered>(OnDutiesGathered);
    }

    /// <summary>A member whose catalog is damaged can still follow another one, which it must before the catalog is copied anew.</summary>
    private bool FollowsWithoutCatalog(INodeCommand command) =>
        command is FollowAppointment follow
        && follow.Appointment.Primary != options.Node
        && reports[CollectionName.Catalog].Condition == CollectionCondition.Failed;

    /// <summary>One command at a time: the next one is decided when the last one's facts are on disk.</summary>
    private void Handle(MemberCommand command, IActorRef sender)
    {
        if (!storing)
        {
            Decide(command, sender);
        }
        else if (waitingCommands.Count < MaxWaitingCommands)
        {
            waitingCommands.Enqueue((command, sender));
        }
        else
        {
            sender.Tell(Refusal(RefusalCode.Busy, $"{MaxWaitingCommands} commands already wait"));
        }
    }

    private void Decide(MemberCommand command, IActorRef sender)
    {
        var decision = MemberDecider.Decide(
            member, command, new MemberEnvironment(Now, Positions()) { Named = named, Incomplete = Incomplete(reports.Values) });
        var next = decision.Events.Aggregate(member, MemberDecider.Apply);
        var completed = new MemberStored(next, decision, command, sender);
        if (!decision.Events.OfType<DurableMemberEvent>().Any())
        {
            Complete(completed);
            return;
        }

        storing = true;
        Task.Run(() => memberFile.Write(next.Record))
            .PipeTo(Self, Self, () => completed, error => new MemberNotStored(error, sender));
    }

    private void OnMemberStored(MemberStored stored)
    {
        storing = false;
        Complete(stored);
        DecideNext();
    }

    private void OnMemberNotStored(MemberNotStored failed)
    {
        storing = false;
        log.Error(failed.Cause, "the member's state cannot be stored");
        failed.Sender.Tell(Refusal(RefusalCode.Unavailable, $"the member's state cannot be stored: {failed.Cause.Message}"));
        DecideNext();
    }

    private void DecideNext()
    {
        while (!storing && waitingCommands.TryDequeue(out var next))
        {
            Decide(next.Command, next.Sender);
        }
    }

    private void Complete(MemberStored stored)
    {
        if (writePauses.Note(member, stored.Next, Now) is { } held)
        {
            Context.System.EventStream.Publish(held);
        }

        member = stored.Next;
        if (stored.Decision.Events.OfType<AppointmentAccepted>().Any())
        {
            // The promises say nothing of now: an appointment may arrive late, when a higher term has long been promised.
            contacts.Clear();
            appointedAt = Now;
            ExpectPrimary();
        }

        Act(stored.Decision.Effects, stored.Sender);
        Answer(stored);
        Reassess();
    }

    /// <summary>
    /// All effects but the answers say what the collections shall do; that follows from the state after the events, and
    /// an answer's positions are read only when every collection acts by it.
    /// </summary>
    private void Act(IReadOnlyList<MemberEffect> effects, IActorRef sender)
    {
        var answers = effects.Where(effect => effect is AnswerPromise or AnswerWritesStopped).ToList();
        foreach (var effect in effects.OfType<CloseWrites>())
        {
            log.Info("no longer accepts writes: {0}", effect.Reason);
        }

        // Time and contacts change the duty too, so it is worked out even if there is no effect.
        var next = DutyNow();
        if (next == duty && answers.Count == 0)
        {
            return;
        }

        duty = next;
        var gathered = GatherDuties(duty);
        foreach (var answer in answers)
        {
            gathered.PipeTo(
                Self, Self, reports => new DutiesGathered(answer, sender, reports, ""), error => new DutiesGathered(answer, sender, [], error.Message));
        }
    }

    private async Task<IReadOnlyList<CollectionReport>> GatherDuties(CollectionDuty wanted)
    {
        var asked = databases.Values.Select(database => database.Ask<DutiesTaken>(new TakeDuty(wanted), options.CollectionTimeout)).ToList();
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        return [.. answers.SelectMany(answer => answer.Reports)];
    }

    private void OnDutiesGathered(DutiesGathered gathered)
    {
        foreach (var report in gathered.Reports)
        {
            Note(report);
        }

        if (gathered.Effect is AnswerWritesStopped stopped && !MemberDecider.IsStillHalted(member, stopped))
        {
            log.Info("writes were accepted again before all collections had reported their positions");
            return;
        }

        var failed = gathered.Reports.FirstOrDefault(report => report.Condition == CollectionCondition.Failed);
        var problem = failed is null ? gathered.Failure : $"{failed.Name} {failed.Reason}";
        if (Incomplete(gathered.Reports) is [var first, ..])
        {
            // It rolled back between the decision and here; what it lacks then, its positions would promise.
            problem = $"{first} still has to fetch missing changes after a roll-back";
        }

        gathered.Sender.Tell(problem.Length > 0
            ? Refusal(RefusalCode.WrongState, $"not every collection can report its position: {problem}")
            : AnswerOf(gathered.Effect, gathered.Reports));
        Reassess();
    }

    private object AnswerOf(MemberEffect effect, IReadOnlyList<CollectionReport> gathered) => effect switch
    {
        AnswerPromise promise => new TermPromised(options.Node, options.Address, promise.Term, ToPositions(gathered)),
        AnswerWritesStopped stopped => new WritesStopped(options.Node, stopped.Term, ToPositions(gathered), stopped.StepDown),
        _ => throw new InvalidOperationException($"{effect.GetType().Name} is not an answer"),
    };

    private void Answer(MemberStored stored)
    {
        switch (stored.Decision.Reply)
        {
            case MemberReply.None:
                break;
            case MemberReply.Resumed resumed:
                stored.Sender.Tell(resumed.Message);
                break;
            case MemberReply.Followed followed:
                stored.Sender.Tell(followed.Message);
                break;
            case MemberReply.Refused refused:
                stored.Sender.Tell(refused.Message.Code == RefusalCode.StaleEpoch && supervisorHeardAt is { } heard
                    ? refused.Message with { OtherHeardSecondsAgo = (Now - heard).TotalSeconds }
                    : refused.Message);
                break;
            case MemberReply.Admitted when stored.Command is HandleNodeCommand handle:
                supervisorHeardAt = Now;
                CarryOut(handle.Command, stored.Sender);
                break;
            default:
                throw new InvalidOperationException($"unknown reply {stored.Decision.Reply.GetType().Name}");
        }
    }

    /// <summary>A primary that has just been named, or that nobody has asked yet, has its time to answer.</summary>
    private void ExpectPrimary()
    {
        if (member is FollowingMember following)
        {
            contacts[following.Primary] = Now;
        }
    }

    private WritePermission Permission() => MemberServing.Writes(member, contacts, Now, options.Lease);

    private CollectionDuty DutyNow() =>
        NodeCondition.Duty(member, Permission(), MemberServing.ServesReads(member, contacts, Now, options.Lease));

    /// <summary>After the appointment it takes a moment until the others have shown themselves; the node is not out for that.</summary>
    private bool LeaseLost() =>
        member is LeadingMember && Now - appointedAt > options.Lease && Permission() is WritePermission.Withheld;

    private void OnMemberContacted(MemberContacted contact)
    {
        if (contact.Term > member.PromisedTerm)
        {
            Handle(new HearOfTerm(contact.Node, contact.Term), ActorRefs.Nobody);
        }
        else if (contact.Term == member.Term)
        {
            contacts[contact.Node] = Now;
            Act([], ActorRefs.Nobody);
        }
    }

    private List<FeedPosition> Positions() => ToPositions(reports.Values);

    private static List<string> Incomplete(IEnumerable<CollectionReport> collections) =>
        [.. collections.Where(report => !report.Complete).Select(report => report.Name.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Collections of one name, of which the former ones were dropped, are not taken for each other: <c>~2</c> and so on tells them apart.</summary>
    private static List<FeedPosition> ToPositions(IEnumerable<CollectionReport> collections) => collections
        .Select(report => new FeedPosition(
            report.Name.Database, CollectionDirectory.NameOf(report.Name.Collection, report.Incarnation), report.Position.Term, report.Position.Seq))
        .OrderBy(position => position.Database, StringComparer.Ordinal)
        .ThenBy(position => position.Collection, StringComparer.Ordinal)
        .ToList();

    private sealed record MemberStored(MemberState Next, MemberDecision Decision, MemberCommand Command, IActorRef Sender) : NodeInternal;

    private sealed record MemberNotStored(Exception Cause, IActorRef Sender) : NodeInternal;

    private sealed record DutiesGathered(
        MemberEffect Effect, IActorRef Sender, IReadOnlyList<CollectionReport> Reports, string Failure) : NodeInternal;
}
