using System.Text.Json;

namespace Orchestrator.Core.Operations;

/// <summary>What an entry of the audit trail tells of, besides <see cref="NodeConditions"/>. In the trail the names are small, with hyphens.</summary>
public enum AuditAction
{
    /// <summary>A supervisor takes over a journal of another cluster's.</summary>
    AdoptJournal,

    /// <summary>A run that waits for approval may begin.</summary>
    ApproveRun,

    /// <summary>A compaction that a node was ordered directly is ended.</summary>
    CancelNodeCompaction,

    /// <summary>A run is ended.</summary>
    CancelRun,

    /// <summary>A verification is ended.</summary>
    CancelVerify,

    /// <summary>A node is ordered directly to compact.</summary>
    CompactNode,

    /// <summary>A collection is dropped.</summary>
    DropCollection,

    /// <summary>A freeze has expired.</summary>
    EndFreeze,

    /// <summary>A hold has expired.</summary>
    EndHold,

    /// <summary>Nothing new is started.</summary>
    Freeze,

    /// <summary>Members are kept out of runs.</summary>
    Hold,

    /// <summary>Files of indexes that are not used are removed.</summary>
    IndexCleanup,

    /// <summary>A freeze is ended.</summary>
    LiftFreeze,

    /// <summary>Windows of a schedule have passed without a run.</summary>
    MissedWindows,

    /// <summary>A compaction that a node was ordered directly is paused.</summary>
    PauseNodeCompaction,

    /// <summary>A run is paused.</summary>
    PauseRun,

    /// <summary>A hold is ended.</summary>
    ReleaseHold,

    /// <summary>A paused run goes on.</summary>
    ResumeRun,

    /// <summary>A collection is copied again from the primary.</summary>
    Resync,

    /// <summary>The runs of a schedule cannot be planned.</summary>
    ScheduleRefused,

    /// <summary>A schedule starts a run.</summary>
    ScheduleRun,

    /// <summary>A run is started.</summary>
    StartRun,

    /// <summary>A primary hands its role over.</summary>
    StepDown,

    /// <summary>A compaction that a node was ordered directly gets another limit of its rate.</summary>
    ThrottleNodeCompaction,

    /// <summary>A run gets another limit of its rate.</summary>
    ThrottleRun,

    /// <summary>Collections are checked and compared with other members.</summary>
    Verify,

    /// <summary>A verification has ended.</summary>
    VerifyEnded,

    /// <summary>A node is ordered directly to check its collections.</summary>
    VerifyNode,
}

/// <summary>The names of <see cref="AuditAction"/>.</summary>
public static class AuditActions
{
    /// <summary>The names of all of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<AuditAction>().Select(ToText)];

    /// <summary>For example <c>start-run</c>.</summary>
    public static string ToText(this AuditAction action) => JsonNamingPolicy.KebabCaseLower.ConvertName(action.ToString());
}
