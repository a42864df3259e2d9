using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>What a run is told. Time comes in as <paramref name="Now"/>, by the supervisor's clock.</summary>
public abstract record RunCommand(DateTimeOffset Now);

/// <summary>Creates the run of a plan. The same id with the same plan again changes nothing.</summary>
public sealed record CreateRun(string RunId, CompactionPlan Plan, DateTimeOffset Now) : RunCommand(Now)
{
    /// <summary>Who or what starts it.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

/// <summary>An operator's order.</summary>
public sealed record ControlRun(IRunControl Order, DateTimeOffset Now) : RunCommand(Now)
{
    /// <summary>The cluster as it was last looked at; null before the first look.</summary>
    public ClusterSnapshot? Snapshot { get; init; }
}

/// <summary>
/// Looks at the cluster and does whatever comes next. Idempotent: sent on every tick and every observation, so that
/// retry means "the next tick".
/// </summary>
/// <param name="Snapshot">
/// The cluster as observed now. For each member it must hold the last observation received: one never goes back.
/// </param>
/// <param name="Gate">What the window and freezes allow at the moment.</param>
public sealed record AssessRun(ClusterSnapshot Snapshot, RunGate Gate, DateTimeOffset Now) : RunCommand(Now);

/// <summary>A member changed its state; recorded if the run's plan touches its replica set.</summary>
public sealed record RecordNodeState(NodeStateChanged Change, DateTimeOffset Now) : RunCommand(Now);

/// <summary>A member answered <see cref="CompactUnits"/>, <see cref="PauseCompaction"/> or <see cref="CancelCompaction"/>.</summary>
public sealed record ReportCompaction(CompactionStatus Status, DateTimeOffset Now) : RunCommand(Now);

/// <summary>A member refused <see cref="CompactUnits"/>, <see cref="PauseCompaction"/> or <see cref="CancelCompaction"/>.</summary>
public sealed record ReportRefusal(CompactionTicket Ticket, CommandRefused Refusal, DateTimeOffset Now) : RunCommand(Now);

/// <summary>An <see cref="OrderStepDown"/> has been carried out.</summary>
public sealed record ReportStepDown(int Step, int Attempt, StepDownCompleted Result, DateTimeOffset Now) : RunCommand(Now);

/// <summary>An <see cref="OrderStepDown"/> was not carried out.</summary>
public sealed record ReportStepDownFailure(int Step, int Attempt, RequestFailed Failure, DateTimeOffset Now) : RunCommand(Now);

/// <summary>A <see cref="VerifyMember"/> has ended.</summary>
public sealed record ReportVerification(int Step, int Attempt, VerificationOutcome Outcome, DateTimeOffset Now) : RunCommand(Now);

/// <summary>Something to do once the events of a decision are stored. Doing it twice does no harm.</summary>
public abstract record RunEffect;

/// <summary>Send <see cref="CompactUnits"/> with the supervisor's epoch; the answer comes back as <see cref="ReportCompaction"/> or <see cref="ReportRefusal"/>.</summary>
public sealed record SendCompactUnits(
    string Node,
    CompactionTicket Ticket,
    IReadOnlyList<StorageUnit> Units,
    CompactionSettings Settings) : RunEffect
{
    /// <inheritdoc cref="CompactUnits.Before"/>
    public IReadOnlyList<UnitSize> Before { get; init; } = [];

    /// <inheritdoc cref="CompactUnits.Job"/>
    public JobId? Job { get; init; }

    /// <inheritdoc cref="CompactUnits.Repeated"/>
    public bool Repeated { get; init; }

    /// <inheritdoc cref="CompactUnits.LookOnly"/>
    public bool LookOnly { get; init; }
}

/// <summary>Ask the replica set for a step-down; the answer comes back as <see cref="ReportStepDown"/> or <see cref="ReportStepDownFailure"/> with the same step and attempt.</summary>
/// <param name="ExpectedPrimary">Compare-and-set: only if this one is the primary.</param>
public sealed record OrderStepDown(int Step, int Attempt, string ReplicaSet, string ExpectedPrimary, string To) : RunEffect;

/// <summary>Send <see cref="CancelCompaction"/> with the supervisor's epoch; answered as <see cref="SendCompactUnits"/>.</summary>
public sealed record CancelNodeCompaction(string Node, CompactionTicket Ticket) : RunEffect;

/// <summary>Send <see cref="PauseCompaction"/> with the supervisor's epoch; answered as <see cref="SendCompactUnits"/>.</summary>
public sealed record PauseNodeCompaction(string Node, CompactionTicket Ticket) : RunEffect;

/// <summary>Send <see cref="ThrottleCompaction"/> with the supervisor's epoch; nobody waits for an answer.</summary>
public sealed record ThrottleNodeCompaction(string Node, CompactionTicket Ticket, long MaxBytesPerSecond) : RunEffect;

/// <summary>
/// Have a member verified as <see cref="StartVerification"/> has it, unless that is under way; the end comes back as
/// <see cref="ReportVerification"/> with the same step and attempt. One that is no longer ordered at each look is not needed any more.
/// </summary>
/// <param name="Collections">What to check and compare.</param>
public sealed record VerifyMember(int Step, int Attempt, string Node, IReadOnlyList<DocumentsUnit> Collections) : RunEffect;

/// <summary>
/// Ask a member for its inventory: a step of it is about to begin by sizes that may be out of date. The next
/// <see cref="AssessRun"/> after it has come begins the step, or finds that it is not needed.
/// </summary>
/// <param name="Mode">The mode to estimate; empty for the engine's default.</param>
/// <param name="Options">Options of the engine to estimate with.</param>
public sealed record MeasureMember(string Node, string Mode, OptionValues Options) : RunEffect
{
    /// <summary>The replica set of the step: of a member of many sets, only what it has of this one is needed.</summary>
    public string ReplicaSet { get; init; } = "";
}

/// <summary>The answer to a command.</summary>
public abstract record RunReply
{
    private RunReply()
    {
    }

    /// <summary>Nobody waits for an answer.</summary>
    public sealed record None : RunReply;

    /// <summary>The run exists.</summary>
    public sealed record Accepted(string RunId) : RunReply;

    /// <summary>The command does not fit the run.</summary>
    public sealed record Rejected(RequestFailed Failure) : RunReply;
}
