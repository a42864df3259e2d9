using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>What the supervisor's machine of one replica set is told.</summary>
public abstract record ReplicaSetCommand;

/// <summary>Looks at the members and does whatever comes next. Idempotent: sent on every tick and every observation.</summary>
/// <param name="Members">The members heard of in this reign.</param>
public sealed record AssessReplicaSet(IReadOnlyList<MemberSighting> Members) : ReplicaSetCommand;

/// <summary>An operator or a run wants a step-down. Refusals are the decision's reply; later answers come as <see cref="ReplyStepDown"/>.</summary>
public sealed record StepDownPrimary(RequestStepDown Request, IReadOnlyList<MemberSighting> Members) : ReplicaSetCommand;

/// <summary>A member promised a term.</summary>
public sealed record ReceivePromise(TermPromised Promise, IReadOnlyList<MemberSighting> Members) : ReplicaSetCommand;

/// <summary>The primary stopped writes.</summary>
public sealed record ReceiveWritesStopped(WritesStopped Message, IReadOnlyList<MemberSighting> Members) : ReplicaSetCommand;

/// <summary>A member follows the appointment.</summary>
public sealed record ReceiveFollowed(AppointmentFollowed Message) : ReplicaSetCommand;

/// <summary>A member refused a promise, a stop of writes or an appointment.</summary>
public sealed record ReceiveRefusal(CommandRefused Refusal) : ReplicaSetCommand;

/// <summary>A member's last observation.</summary>
/// <param name="HeardAt">When it was received, by the supervisor's clock.</param>
public sealed record MemberSighting(NodeObservation Observation, DateTimeOffset HeardAt);

/// <summary>What the supervisor knows when it decides.</summary>
/// <param name="Epoch">Number of its reign.</param>
/// <param name="ReignStartedAt">When the reign started: members unheard of since then count as heard at that time.</param>
public sealed record ReplicaSetEnvironment(long Epoch, DateTimeOffset Now, DateTimeOffset ReignStartedAt, ReplicaSetPolicy Policy);

/// <summary>How patient the supervisor is with a replica set.</summary>
/// <param name="UnreachableAfter">Without an observation for this long a member counts as unreachable.</param>
/// <param name="FailoverGrace">Without an observation of the primary for this long another one is appointed.</param>
/// <param name="FirstAppointmentGrace">How long the first appointment waits for all members before a majority will do.</param>
/// <param name="PromiseTimeout">How long to wait for the promises of reachable members beyond a majority, and for a sign of life of a successor.</param>
/// <param name="StepDownTimeout">How long writes may be stopped for a step-down before it is given up.</param>
public sealed record ReplicaSetPolicy(
    TimeSpan UnreachableAfter,
    TimeSpan FailoverGrace,
    TimeSpan FirstAppointmentGrace,
    TimeSpan PromiseTimeout,
    TimeSpan StepDownTimeout)
{
    public static ReplicaSetPolicy Default { get; } = new(
        UnreachableAfter: TimeSpan.FromSeconds(5),
        FailoverGrace: TimeSpan.FromSeconds(10),
        FirstAppointmentGrace: TimeSpan.FromSeconds(15),
        PromiseTimeout: TimeSpan.FromSeconds(2),
        StepDownTimeout: TimeSpan.FromSeconds(10));
}

/// <summary>Something to do once the events of a decision are stored. The shell adds the epoch. Doing it twice does no harm.</summary>
public abstract record ReplicaSetEffect;

/// <summary>Send <see cref="PromiseTerm"/>.</summary>
public sealed record SendPromise(string Node, string ReplicaSet, long Term) : ReplicaSetEffect;

/// <summary>Send <see cref="StopWrites"/>.</summary>
public sealed record SendStopWrites(string Node, string ReplicaSet, long Term, TimeSpan AtMost, long StepDown) : ReplicaSetEffect;

/// <summary>Send <see cref="ResumeWrites"/>.</summary>
public sealed record SendResumeWrites(string Node, string ReplicaSet, long Term) : ReplicaSetEffect;

/// <summary>Send <see cref="FollowAppointment"/> to each of the nodes.</summary>
public sealed record SendAppointment(IReadOnlyList<string> Nodes, string ReplicaSet, Appointment Appointment) : ReplicaSetEffect;

/// <summary>Ask the node for an observation at once, not at the next tick: writes are stopped until it arrives.</summary>
public sealed record ObserveMember(string Node) : ReplicaSetEffect;

/// <summary>Answer whoever asked for the step-down under way, if it is still known.</summary>
public sealed record ReplyStepDown(string ReplicaSet, StepDownAnswer Answer) : ReplicaSetEffect;

/// <summary>How a step-down ended.</summary>
public abstract record StepDownAnswer
{
    private StepDownAnswer()
    {
    }

    public sealed record Completed(StepDownCompleted Message) : StepDownAnswer;

    public sealed record Failed(RequestFailed Message) : StepDownAnswer;
}

/// <summary>The immediate answer to a command.</summary>
public abstract record ReplicaSetReply
{
    private ReplicaSetReply()
    {
    }

    /// <summary>No answer, or a later one.</summary>
    public sealed record None : ReplicaSetReply;

    /// <summary>Nothing was done.</summary>
    public sealed record Refused(RequestFailed Failure) : ReplicaSetReply;
}
