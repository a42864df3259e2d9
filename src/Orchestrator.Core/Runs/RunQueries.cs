using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Asks for a <see cref="PlanMade"/>: a dry run that changes nothing.</summary>
public sealed record MakePlan(CompactionRequest Request) : ISupervisorRequest
{
    /// <summary>Name of the maintenance window that a run would keep to; empty or null for any time.</summary>
    public string? Window { get; init; }
}

/// <summary>Makes a plan and starts its run. Answered with <see cref="RunView"/>. The id makes a repeated order harmless.</summary>
public sealed record StartRun(string RunId, CompactionRequest Request) : ISupervisorRequest
{
    /// <summary>Who or what starts it.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

/// <summary>Asks for a <see cref="RunView"/>.</summary>
public sealed record GetRun(string RunId) : ISupervisorRequest;

/// <summary>Asks for a <see cref="RunPage"/>, newest first.</summary>
public sealed record ListRuns : ISupervisorRequest
{
    /// <summary>Only runs of these clusters; null for all.</summary>
    public IReadOnlyList<string>? Clusters { get; init; }

    /// <summary>Only runs of this cluster; empty for all.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Only runs in these states; empty for all.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Where the page begins: what the one before gave as <see cref="RunPage.Next"/>; empty for the first.</summary>
    public string After { get; init; } = "";

    /// <summary>Runs at most.</summary>
    public int Limit { get; init; } = int.MaxValue;
}

/// <summary>
/// Asks for the events after a sequence number (<see cref="RunEventBatch"/>); if there are none yet, the answer waits
/// until there are, or the progress changed, at most <paramref name="Wait"/>.
/// </summary>
public sealed record ReadRunEvents(string RunId, long After, TimeSpan Wait) : ISupervisorRequest;

/// <summary>A plan that was made but not run.</summary>
public sealed record PlanMade(CompactionPlan Plan);

/// <summary>Some of the runs that the supervisor remembers, newest first.</summary>
/// <param name="Next">Where the next page begins; empty if there is none.</param>
public sealed record RunPage(IReadOnlyList<RunSummary> Runs, string Next)
{
    /// <summary>The page that a request asks for.</summary>
    public static RunPage Of(IEnumerable<RunView> runs, ListRuns request)
    {
        var from = RunPlace.Read(request.After);
        var found = runs
            .Where(run => request.Cluster.Length == 0 || run.Plan.Request.Cluster == request.Cluster)
            .Where(run => request.Clusters?.Contains(run.Plan.Request.Cluster) ?? true)
            .Where(run => request.States.Count == 0 || request.States.Contains(run.State))
            .Where(run => from?.Precedes(run) ?? true)
            .OrderByDescending(run => run.CreatedAt)
            .ThenByDescending(run => run.Id, StringComparer.Ordinal)
            .ToList();
        var page = found.Take(request.Limit).ToList();
        return new RunPage(
            [.. page.Select(RunSummary.Of)], found.Count > page.Count ? new RunPlace(page[^1].CreatedAt, page[^1].Id).ToString() : "");
    }
}

/// <summary>
/// Recorded events of a run and where it stands now. The view's plan has no replica sets and so no steps, and the plan among the events is an outline:
/// <see cref="GetRun"/> gives all of it.
/// </summary>
public sealed record RunEventBatch(IReadOnlyList<RecordedRunEvent> Events, RunView Run);

/// <summary>An event with its number in the run's history, from 1 without gaps.</summary>
public sealed record RecordedRunEvent(long Sequence, RunEvent Event);

/// <summary>A run as people look at it.</summary>
/// <param name="State">
/// <c>planned</c>, <c>waiting</c>, <c>running</c>, <c>pausing</c>, <c>paused</c>, <c>cancelling</c>, <c>cancelled</c>,
/// <c>completed</c>, <c>completed-with-skips</c> or <c>failed</c>.
/// </param>
/// <param name="Reason">Why it waits, was paused or cancelled, or has failed; empty otherwise.</param>
public sealed record RunView(
    string Id,
    string State,
    string Reason,
    CompactionPlan Plan,
    IReadOnlyList<StepView> Steps,
    long BytesFreed,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>Who or what started it, and the window that it keeps to.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;

    /// <summary>While it waits: <c>approval</c>, or the names of the checks that fail, separated by commas; else empty.</summary>
    public string WaitingFor { get; init; } = "";

    /// <summary>Since when it is in its state.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Who has approved the plan; empty if nobody has or had to.</summary>
    public string ApprovedBy { get; init; } = "";

    /// <summary>Present limit of the copying rate of each member; 0 is unlimited.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>Bytes that the plan expected to free in all.</summary>
    public long EstimatedBytesFreed { get; init; }

    /// <summary>How far each replica set is, in the plan's order.</summary>
    public IReadOnlyList<ReplicaSetProgress> ReplicaSets { get; init; } = [];
}

/// <summary>How far a run is in one replica set.</summary>
/// <param name="State"><c>pending</c>, <c>waiting</c>, <c>running</c>, <c>paused</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="StepsDone">Steps in which nothing is left to do, skipped and failed ones included.</param>
/// <param name="Fraction">0 to 1 over all steps.</param>
public sealed record ReplicaSetProgress(string ReplicaSet, string State, int StepsDone, int StepsTotal, double Fraction, long BytesFreed);

/// <summary>One step of a run.</summary>
/// <param name="Kind"><c>compact</c> or <c>step-down</c>.</param>
/// <param name="State">
/// <c>pending</c>, <c>waiting</c>, <c>running</c>, <c>pausing</c>, <c>paused</c>, <c>completed</c>, <c>skipped</c>,
/// <c>cancelled</c> or <c>failed</c>.
/// </param>
/// <param name="Reason">Why it waits, is paused, was skipped or has failed, else why it is planned.</param>
/// <param name="NewPrimary">After a step-down: who is primary now; else empty.</param>
/// <param name="Units">What was compacted so far.</param>
public sealed record StepView(
    int Number,
    string ReplicaSet,
    string Kind,
    string Node,
    string State,
    string Reason,
    int Attempt,
    double Fraction,
    long BytesBefore,
    long BytesAfter,
    long BytesFreed,
    string NewPrimary,
    IReadOnlyList<UnitCompacted> Units,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>Bytes that the plan expected to free.</summary>
    public long EstimatedBytesFreed { get; init; }

    /// <summary>Time that the plan expected the compaction to take.</summary>
    public TimeSpan EstimatedDuration { get; init; }

    /// <summary>Time that the units compacted so far have taken, waits not counted.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What the member tells of its work, while the step runs or is paused; null before, after, and where it tells nothing.</summary>
    public CompactionProgress? Progress { get; init; }

    /// <summary>The last verdict of each check, with the values seen, until the step is finished.</summary>
    public IReadOnlyList<CheckView> Checks { get; init; } = [];
}

/// <summary>A check as it was last recorded.</summary>
/// <param name="Since">Since when this verdict stands.</param>
public sealed record CheckView(string Check, bool? Passed, string Message, DateTimeOffset Since);
