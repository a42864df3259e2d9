using Akka.Actor;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Where the collection stands: what it can do, and what it vouches for. The node is told of every change.</summary>
internal sealed class CollectionStanding
{
    private readonly ICollection _collection;
    private readonly FeedFollower _follower;
    private readonly CopyAnew _copyAnew;

    public CollectionStanding(ICollection collection, FeedFollower follower, CopyAnew copyAnew)
    {
        _collection = collection;
        _follower = follower;
        _copyAnew = copyAnew;
        LastReport = new CollectionReport(
            collection.Name, collection.Now.Ticks, Storage.Feed.FeedPosition.Empty, CollectionCondition.Opening, "is being opened", 0, false, false, follower.CaughtUpAt)
        {
            Incarnation = collection.Incarnation,
        };
    }

    /// <summary>Why the files cannot be used; empty if they can.</summary>
    public string Failure { get; set; } = "";

    /// <summary>What the node was told last.</summary>
    public CollectionReport LastReport { get; private set; }

    /// <summary>Tells the node where the collection stands, if that has changed.</summary>
    public void Report()
    {
        var (condition, reason) = Condition();
        var open = (CollectionStore?)_collection.Store;

        // Files that are not open, or cannot be opened, vouch for nothing either: a promise on their behalf would be taken back.
        var complete = open is { IsComplete: true } && !_copyAnew.IsOrdered && !_follower.IsRollingBack && !_copyAnew.IsLost;
        var report = new CollectionReport(
            _collection.Name,
            LastReport.Number,
            open?.Position ?? Storage.Feed.FeedPosition.Empty,
            condition,
            reason,
            _follower.Lag,
            _follower is { Lag: 0, HasProblem: false } && complete,
            complete,
            _follower.CaughtUpAt)
        {
            Incarnation = _collection.Incarnation,
            Alarm = _copyAnew.Alarm,
            Lost = _copyAnew.IsLost,
        };
        if (report != LastReport)
        {
            LastReport = report with { Number = report.Number + 1 };
            _collection.Node.Tell(LastReport);
        }
    }

    /// <summary>What the collection can do now, and why not more.</summary>
    public (CollectionCondition Condition, string Reason) Condition() => (_copyAnew, _follower, (CollectionStore?)_collection.Store) switch
    {
        ({ IsOrdered: true }, _, _) => (CollectionCondition.Recovering, "is moved aside to be copied again" + Because(_copyAnew.Alarm)),
        _ when Failure.Length > 0 => (CollectionCondition.Failed, Failure),
        ({ IsLost: true }, _, _) => (CollectionCondition.Recovering, _copyAnew.Alarm),
        (_, { IsRollingBack: true }, _) => (CollectionCondition.Recovering, "drops changes that the primary does not have"),
        (_, _, { IsComplete: false }) => (CollectionCondition.Recovering, "copies documents again from the primary" + Because(_copyAnew.Because)),
        (_, _, { IsBeingCopied: true }) => (CollectionCondition.Recovering, "is copied from the primary"),
        (_, { HasCaughtUpOnce: false }, _) => (CollectionCondition.Recovering, _collection.Duty is CollectionDuty.Follow
            ? "catches up with the primary"
            : "has not yet caught up with a primary"),
        _ => (CollectionCondition.Ready, ""),
    };

    private static string Because(string reason) => reason.Length == 0 ? "" : $": {reason}";
}
