using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

using MemberDecision = Decision<MemberEvent, MemberEffect, MemberReply>;

/// <summary>The member's state machine: decide, store, apply, act, answer. A plain class on the node's mailbox.</summary>
/// <param name="file">What survives a restart.</param>
internal sealed class NodeMembership(INode node, NodeCollections collections, MemberStateFile<MemberRecord> file)
{
    private const int MaxWaitingCommands = 1_000;

    private readonly Queue<(MemberCommand Command, IActorRef Sender)> _waitingCommands = new();
    private readonly Dictionary<string, DateTimeOffset> _contacts = new(StringComparer.Ordinal);
    private readonly WritePauses _writePauses = new(node.Options.Cluster);
    private bool _storing;
    private DateTimeOffset _appointedAt;
    private DateTimeOffset? _supervisorHeardAt;

    public MemberState Member { get; private set; } = MemberDecider.Start(node.Options.Node, node.Options.ReplicaSet, MemberRecord.Fresh);

    public CollectionDuty Duty { get; private set; } = new CollectionDuty.Idle(0, 0, new WritePermission.Withheld("the node is starting"));

    /// <summary>To be called once it is known what is on disk.</summary>
    public void Start(MemberRecord record)
    {
        Member = MemberDecider.Start(node.Options.Node, node.Options.ReplicaSet, record);
        ExpectPrimary();
        Duty = DutyNow();
    }

    public void OnCommand(INodeCommand command)
    {
        if (!collections.IsCatalogLoaded && command is (PromiseTerm or StopWrites or ResumeWrites or FollowAppointment) && !FollowsWithoutCatalog(command))
        {
            node.Sender.Tell(node.Refusal(RefusalCode.WrongState, "the node is starting and does not know all its collections yet; try again"));
            return;
        }

        Handle(new HandleNodeCommand(command), node.Sender);
    }

    /// <summary>One command at a time: the next one is decided when the last one's facts are on disk.</summary>
    public void Handle(MemberCommand command, IActorRef sender)
    {
        if (!_storing)
        {
            Decide(command, sender);
        }
        else if (_waitingCommands.Count < MaxWaitingCommands)
        {
            _waitingCommands.Enqueue((command, sender));
        }
        else
        {
            sender.Tell(node.Refusal(RefusalCode.Busy, $"{MaxWaitingCommands} commands already wait"));
        }
    }

    public void OnStored(Stored stored)
    {
        _storing = false;
        Complete(stored);
        DecideNext();
    }

    /// <summary>
    /// What the collections shall do follows from the state after the events; an answer's positions are read only when every collection acts
    /// by it.
    /// </summary>
    public void Act(IReadOnlyList<MemberEffect> effects, IActorRef sender)
    {
        var answers = effects.Where(effect => effect is AnswerPromise or AnswerWritesStopped).ToList();
        foreach (var effect in effects.OfType<CloseWrites>())
        {
            node.Log.Info("no longer accepts writes: {0}", effect.Reason);
        }

        // Time and contacts change the duty too, so it is worked out even if there is no effect.
        var next = DutyNow();
        if (next == Duty && answers.Count == 0)
        {
            return;
        }

        Duty = next;
        var gathered = GatherDuties(Duty);
        foreach (var answer in answers)
        {
            gathered.PipeTo(
                node.Self, node.Self, reports => new DutiesGathered(answer, sender, reports, ""), error => new DutiesGathered(answer, sender, [], error.Message));
        }
    }

    public void OnDutiesGathered(DutiesGathered gathered)
    {
        foreach (var report in gathered.Reports)
        {
            collections.Note(report);
        }

        if (gathered.Effect is AnswerWritesStopped stopped && !MemberDecider.IsStillHalted(Member, stopped))
        {
            node.Log.Info("writes were accepted again before all collections had reported their positions");
            return;
        }

        var failed = gathered.Reports.FirstOrDefault(report => report.Condition == CollectionCondition.Failed);
        var problem = failed is null ? gathered.Failure : $"{failed.Name} {failed.Reason}";
        if (NodeCollections.Incomplete(gathered.Reports) is [var first, ..])
        {
            // It rolled back between the decision and here; what it lacks then, its positions would promise.
            problem = $"{first} still has to fetch missing changes after a roll-back";
        }

        gathered.Sender.Tell(problem.Length > 0
            ? node.Refusal(RefusalCode.WrongState, $"not every collection can report its position: {problem}")
            : AnswerOf(gathered.Effect, gathered.Reports));
        node.Reassess();
    }

    public WritePermission Permission() => MemberServing.Writes(Member, _contacts, node.Now, node.Options.Lease);

    /// <summary>After the appointment it takes a moment until the others have shown themselves; the node is not out for that.</summary>
    public bool LeaseLost() =>
        Member is LeadingMember && node.Now - _appointedAt > node.Options.Lease && Permission() is WritePermission.Withheld;

    public void OnMemberContacted(MemberContacted contact)
    {
        if (contact.Term > Member.PromisedTerm)
        {
            Handle(new HearOfTerm(contact.Node, contact.Term), ActorRefs.Nobody);
        }
        else if (contact.Term == Member.Term)
        {
            _contacts[contact.Node] = node.Now;
            Act([], ActorRefs.Nobody);
        }
    }

    /// <summary>A member whose catalog is damaged can still follow another one, which it must before the catalog is copied anew.</summary>
    private bool FollowsWithoutCatalog(INodeCommand command) =>
        command is FollowAppointment follow
        && follow.Appointment.Primary != node.Options.Node
        && collections.Reports[CollectionName.Catalog].Condition == CollectionCondition.Failed;

    private void Decide(MemberCommand command, IActorRef sender)
    {
        var decision = MemberDecider.Decide(
            Member, command, new MemberEnvironment(node.Now, collections.Positions()) { Named = collections.Named, Incomplete = collections.Incomplete() });
        var next = decision.Events.Aggregate(Member, MemberDecider.Apply);
        var completed = new Stored(next, decision, command, sender);
        if (!decision.Events.OfType<DurableMemberEvent>().Any())
        {
            Complete(completed);
            return;
        }

        _storing = true;
        Task.Run(() => file.Write(next.Record))
            .PipeTo(node.Self, node.Self, () => completed, error => new NotStored(error, sender));
    }

    public void OnNotStored(NotStored failed)
    {
        _storing = false;
        node.Log.Error(failed.Cause, "the member's state cannot be stored");
        failed.Sender.Tell(node.Refusal(RefusalCode.Unavailable, $"the member's state cannot be stored: {failed.Cause.Message}"));
        DecideNext();
    }

    private void DecideNext()
    {
        while (!_storing && _waitingCommands.TryDequeue(out var next))
        {
            Decide(next.Command, next.Sender);
        }
    }

    private void Complete(Stored stored)
    {
        if (_writePauses.Note(Member, stored.Next, node.Now) is { } held)
        {
            node.Context.System.EventStream.Publish(held);
        }

        Member = stored.Next;
        if (stored.Decision.Events.OfType<AppointmentAccepted>().Any())
        {
            // The promises say nothing of now: an appointment may arrive late, when a higher term has long been promised.
            _contacts.Clear();
            _appointedAt = node.Now;
            ExpectPrimary();
        }

        Act(stored.Decision.Effects, stored.Sender);
        Answer(stored);
        node.Reassess();
    }

    private async Task<IReadOnlyList<CollectionReport>> GatherDuties(CollectionDuty wanted)
    {
        var asked = collections.Databases.Values.Select(database => database.Ask<DutiesTaken>(new TakeDuty(wanted), node.Options.CollectionTimeout)).ToList();
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        return [.. answers.SelectMany(answer => answer.Reports)];
    }

    private object AnswerOf(MemberEffect effect, IReadOnlyList<CollectionReport> gathered) => effect switch
    {
        AnswerPromise promise => new TermPromised(node.Options.Node, node.Options.Address, promise.Term, NodeCollections.ToPositions(gathered)),
        AnswerWritesStopped stopped => new WritesStopped(node.Options.Node, stopped.Term, NodeCollections.ToPositions(gathered), stopped.StepDown),
        _ => throw new InvalidOperationException($"{effect.GetType().Name} is not an answer"),
    };

    private void Answer(Stored stored)
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
                stored.Sender.Tell(refused.Message.Code == RefusalCode.StaleEpoch && _supervisorHeardAt is { } heard
                    ? refused.Message with { OtherHeardSecondsAgo = (node.Now - heard).TotalSeconds }
                    : refused.Message);
                break;
            case MemberReply.Admitted when stored.Command is HandleNodeCommand handle:
                _supervisorHeardAt = node.Now;
                node.CarryOut(handle.Command, stored.Sender);
                break;
            default:
                throw new InvalidOperationException($"unknown reply {stored.Decision.Reply.GetType().Name}");
        }
    }

    /// <summary>A primary that has just been named, or that nobody has asked yet, has its time to answer.</summary>
    private void ExpectPrimary()
    {
        if (Member is FollowingMember following)
        {
            _contacts[following.Primary] = node.Now;
        }
    }

    private CollectionDuty DutyNow() =>
        NodeCondition.Duty(Member, Permission(), MemberServing.ServesReads(Member, _contacts, node.Now, node.Options.Lease));

    internal sealed record Stored(MemberState Next, MemberDecision Decision, MemberCommand Command, IActorRef Sender) : NodeInternal;

    internal sealed record NotStored(Exception Cause, IActorRef Sender) : NodeInternal;

    internal sealed record DutiesGathered(
        MemberEffect Effect, IActorRef Sender, IReadOnlyList<CollectionReport> Reports, string Failure) : NodeInternal;
}
