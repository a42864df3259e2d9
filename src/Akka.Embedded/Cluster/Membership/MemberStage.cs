namespace Akka.Cluster.Membership;

/// <summary>
/// How far a member is in its life. The order of the numbers is the order of life: a stage is only ever
/// replaced by a later one, so that two views merge by taking the later stage. A removed member has no
/// stage, it has a tombstone.
/// </summary>
internal enum MemberStage
{
    Joining = 0,
    Up = 1,
    Leaving = 2,
    Exiting = 3,

    /// <summary>Exiting, and the member itself has said that it has nothing left to hand over.</summary>
    ExitConfirmed = 4,

    /// <summary>
    /// Declared dead by a member that could not reach it. It may be alive and think the same of the others, so it still
    /// counts in the number that a majority is a majority of, and is removed by a majority only.
    /// </summary>
    Condemned = 5,

    /// <summary>Dead for certain: the member said so itself, its successor has come, or an operator ordered it.</summary>
    Down = 6,
}

internal static class MemberStages
{
    /// <summary>The status that applications see.</summary>
    public static MemberStatus ToStatus(this MemberStage stage) => stage switch
    {
        MemberStage.Joining => MemberStatus.Joining,
        MemberStage.Up => MemberStatus.Up,
        MemberStage.Leaving => MemberStatus.Leaving,
        MemberStage.Exiting or MemberStage.ExitConfirmed => MemberStatus.Exiting,
        MemberStage.Condemned or MemberStage.Down => MemberStatus.Down,
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "unknown stage"),
    };

    /// <summary>True until the member is declared dead.</summary>
    public static bool IsAlive(this MemberStage stage) => stage < MemberStage.Condemned;

    /// <summary>
    /// True while the member has a say: nothing irrevocable happens unless every such member has seen the
    /// state and none of them is out of reach.
    /// </summary>
    public static bool CountsForConvergence(this MemberStage stage) => stage <= MemberStage.Exiting;
}
