using Akka.Actor;
using Orchestrator.Core;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

using SetDecision = Decision<ReplicaSetEvent, ReplicaSetEffect, ReplicaSetReply>;

/// <summary>Where the appointments of one replica set stand, and what waits for the decision that is being stored. A plain class on the mailbox of the <see cref="AppointmentActor"/>.</summary>
/// <param name="facts">Those stored in former reigns.</param>
internal sealed class ReplicaSetAppointments(ReplicaSetDefinition definition, IReadOnlyList<DurableReplicaSetEvent> facts)
{
    public string Name => definition.Name;

    public ReplicaSetState State { get; set; } = facts.Aggregate(ReplicaSetState.Initial(definition), ReplicaSetDecider.Apply);

    /// <summary>The decision that is being stored, and whom it answers.</summary>
    public (SetDecision Decision, IActorRef Sender)? Storing { get; set; }

    public bool IsStoring => Storing is not null;

    /// <summary>Commands that came meanwhile: some answers of the members and some step-downs, no repeated looks.</summary>
    public Queue<(Func<IReadOnlyList<MemberSighting>, ReplicaSetCommand> Command, IActorRef Sender)> Waiting { get; } = new();

    /// <summary>Whoever asked for the step-down under way; nobody if it was asked of a former reign.</summary>
    public IActorRef StepDownRequester { get; set; } = ActorRefs.Nobody;

    public void AnswerStepDown(StepDownAnswer answer)
    {
        StepDownRequester.Tell(answer switch
        {
            StepDownAnswer.Completed completed => completed.Message,
            StepDownAnswer.Failed failed => failed.Message,
            _ => throw new InvalidOperationException($"unknown answer {answer.GetType().Name}"),
        });
        StepDownRequester = ActorRefs.Nobody;
    }

    /// <summary>A member that is asked again promises again.</summary>
    public bool IsRepeated(ReplicaSetEvent fact) =>
        State is CollectingPromises collecting && fact is PromiseReceived received && collecting.Promises.ContainsKey(received.Promise.Node);

    public static string Describe(ReplicaSetEvent fact) => fact switch
    {
        TermRequested requested => $"asks for term {requested.Term}: {requested.Reason}",
        PromiseReceived received => $"has {received.Promise.Node}'s promise of term {received.Promise.Term}",
        PrimaryAppointed appointed => $"appoints {appointed.Appointment.Primary} primary of term {appointed.Appointment.Term}",
        AppointmentConfirmed confirmed => $"has its primary of term {confirmed.Term} in service",
        StepDownStarted started => $"steps {started.From} down in favour of {started.To}",
        StepDownAbandoned abandoned => $"abandons the step-down: {abandoned.Reason}",
        FinalPositionsKnown => "knows the primary's last changes",
        _ => fact.GetType().Name,
    };
}
