using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <content>What the supervisor is told: observations when it asks, changes of state as they happen.</content>
internal sealed partial class NodeActor
{
    private readonly DateTimeOffset startedAt;
    private (NodeState State, string Reason) lastState;
    private IActorRef supervisor = ActorRefs.Nobody;
    private DateTimeOffset? supervisorHeardAt;
    private DiskSpace disk = new(0, 0);
    private bool measuring;
    private int compactionNumber;
    private string primaryUnheard = "";

    private void ReceiveObservations()
    {
        Receive<SelfCheck>(_ => OnSelfCheck());
        Receive<NodeNameTaken>(Context.System.EventStream.Publish);
        Receive<DiskMeasured>(measured =>
        {
            measuring = false;
            disk = measured.Disk;
        });
        Receive<DiskNotMeasured>(failed =>
        {
            measuring = false;
            log.Warning("the free disk space cannot be measured: {0}", failed.Reason);
        });
    }

    private void OnSelfCheck()
    {
        Handle(new AssessMember(), ActorRefs.Nobody);
        Act([], ActorRefs.Nobody);
        LoadCatalog();
        StoreConfirmed();
        SettleDropped();
        Reassess();
        if (!measuring)
        {
            measuring = true;
            var directory = options.DataDirectory;
            Task.Run(() => Measure(directory)).PipeTo(
                Self, Self, space => new DiskMeasured(space), error => new DiskNotMeasured(error.Message));
        }
    }

    private static DiskSpace Measure(string directory)
    {
        Directory.CreateDirectory(directory);
        var drive = new DriveInfo(Path.GetFullPath(directory));
        return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
    }

    private void Observe(IActorRef sender)
    {
        supervisor = sender;
        sender.Tell(new NodeObservation(
            options.Cluster,
            options.ReplicaSet,
            options.Node,
            options.Address,
            lastState.State,
            lastState.Reason,
            member.Role,
            member.Term,
            member.PromisedTerm,
            member.Primary,
            NodeCondition.Lag(reports.Values, Now),
            disk,
            Positions(),
            compactions.All,
            Now)
        {
            Version = BuildVersion.Number,
            FailedCollections = [.. reports.Values
                .Where(report => report.Condition == CollectionCondition.Failed)
                .Select(report => new FailedCollection(report.Name.Database, report.Name.Collection, report.Reason))],
            Alarms = [.. reports.Values.Where(report => report.Alarm.Length > 0).Select(report => $"{report.Name} {report.Alarm}").Order(StringComparer.Ordinal)],
        });
    }

    /// <summary>Tells the supervisor when the node's state has changed.</summary>
    private void Reassess()
    {
        var state = catalogLoaded || reports.Values.Any(report => report.Condition == CollectionCondition.Failed)
            ? NodeCondition.Of(member, Settled(), LeaseLost(), compactions, ClosedDatabase())
            : (NodeState.Recovering, $"opens its collections since {startedAt:O}");
        if (state.Item1 != lastState.State)
        {
            log.Info("{0} -> {1}{2}", lastState.State, state.Item1, ReasonText.InBrackets(state.Item2));
            var change = new NodeStateChanged(
                options.Cluster, options.ReplicaSet, options.Node, lastState.State, state.Item1, state.Item2, Now);
            supervisor.Tell(change);
            Context.System.EventStream.Publish(change);
        }

        lastState = state;
        var unheard = member is FollowingMember && duty.Writes is WritePermission.Withheld withheld ? withheld.Reason : "";
        if (unheard != primaryUnheard)
        {
            primaryUnheard = unheard;
            Context.System.EventStream.Publish(new PrimaryUnheard(options.Node, unheard));
        }
    }

    private sealed record DiskMeasured(DiskSpace Disk) : NodeInternal;

    private sealed record DiskNotMeasured(string Reason) : NodeInternal;
}
