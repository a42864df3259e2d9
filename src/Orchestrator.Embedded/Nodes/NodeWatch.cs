using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// What the supervisor is told: observations when it asks, changes of state as they happen. A plain class on the node's mailbox.
/// </summary>
internal sealed class NodeWatch(INode node, NodeMembership membership, NodeCollections collections, NodeCompactions compactions)
{
    private readonly DateTimeOffset _startedAt = node.Now;
    private IActorRef _supervisor = ActorRefs.Nobody;
    private DiskSpace _disk = new(0, 0);
    private bool _measuring;
    private string _primaryUnheard = "";

    /// <summary>The state that the node was last in, and why.</summary>
    public (NodeState State, string Reason) State { get; set; } = (NodeState.Recovering, "starts");

    public void MeasureDisk()
    {
        if (!_measuring)
        {
            _measuring = true;
            var directory = node.Options.DataDirectory;
            Task.Run(() => Measure(directory)).PipeTo(
                node.Self, node.Self, space => new DiskMeasured(space), error => new DiskNotMeasured(error.Message));
        }
    }

    public void OnMeasured(DiskMeasured measured) => (_measuring, _disk) = (false, measured.Disk);

    public void OnNotMeasured(DiskNotMeasured failed)
    {
        _measuring = false;
        node.Log.Warning("the free disk space cannot be measured: {0}", failed.Reason);
    }

    public void Observe(IActorRef sender)
    {
        _supervisor = sender;
        var reports = collections.Reports.Values;
        sender.Tell(new NodeObservation(
            node.Options.Cluster,
            node.Options.ReplicaSet,
            node.Options.Node,
            node.Options.Address,
            State.State,
            State.Reason,
            node.Member.Role,
            node.Member.Term,
            node.Member.PromisedTerm,
            node.Member.Primary,
            NodeCondition.Lag([.. reports], node.Now),
            _disk,
            collections.Positions(),
            compactions.Ledger.Shown,
            node.Now)
        {
            Version = BuildVersion.Number,
            HiddenCompactions = compactions.Ledger.Hidden,
            FailedCollections = [.. reports
                .Where(report => report.Condition == CollectionCondition.Failed)
                .Select(report => new FailedCollection(report.Name.Database, report.Name.Collection, report.Reason))],
            Alarms = [.. reports.Where(report => report.Alarm.Length > 0).Select(report => $"{report.Name} {report.Alarm}").Order(StringComparer.Ordinal)],
        });
    }

    /// <summary>Tells the supervisor when the node's state has changed.</summary>
    public void Reassess()
    {
        var (state, reason) = collections.IsCatalogLoaded || collections.Reports.Values.Any(report => report.Condition == CollectionCondition.Failed)
            ? NodeCondition.Of(node.Member, collections.Settled(), membership.LeaseLost(), compactions.Ledger, compactions.ClosedDatabase())
            : (NodeState.Recovering, $"opens its collections since {_startedAt:O}");
        if (state != State.State)
        {
            node.Log.Info("{0} -> {1}{2}", State.State, state, ReasonText.InBrackets(reason));
            var change = new NodeStateChanged(node.Options.Cluster, node.Options.ReplicaSet, node.Options.Node, State.State, state, reason, node.Now);
            _supervisor.Tell(change);
            node.Context.System.EventStream.Publish(change);
        }

        State = (state, reason);
        var unheard = node.Member is FollowingMember && node.Duty.Writes is WritePermission.Withheld withheld ? withheld.Reason : "";
        if (unheard != _primaryUnheard)
        {
            _primaryUnheard = unheard;
            node.Context.System.EventStream.Publish(new PrimaryUnheard(node.Options.Node, unheard));
        }
    }

    private static DiskSpace Measure(string directory)
    {
        Directory.CreateDirectory(directory);
        var drive = new DriveInfo(Path.GetFullPath(directory));
        return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
    }

    internal sealed record DiskMeasured(DiskSpace Disk) : NodeInternal;

    internal sealed record DiskNotMeasured(string Reason) : NodeInternal;
}
