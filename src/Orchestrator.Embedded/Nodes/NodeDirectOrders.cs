using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>Administrators' orders to this node alone, which go the way of the supervisor's. A plain class on the node's mailbox.</summary>
internal sealed class NodeDirectOrders(INode node, NodeCollections collections, NodeInventories inventories)
{
    /// <summary>Reading everything takes as long as the disk needs.</summary>
    private static readonly TimeSpan LongestOrder = TimeSpan.FromHours(6);

    public void OnOrder(DirectOrder order) => Carry(order.Command, node.Sender);

    public void OnCompaction(DirectCompaction request)
    {
        var sender = node.Sender;
        var wanted = request.Database.Length > 0
            ? [request.Database]
            : collections.Databases.Keys.Where(name => name != CollectionName.Catalog.Database).ToList();
        inventories.Gather(request.Settings.Mode, request.Settings.EngineOptions, wanted).PipeTo(
            node.Self,
            node.Self,
            known => new UnitsChosen(request, sender, known),
            error => new UnitsChosen(request, sender, new UnitsKnown([], [], error.Message)));
    }

    public void OnUnitsChosen(UnitsChosen chosen)
    {
        var (request, sender, known) = chosen;
        if (known.Failure.Length > 0)
        {
            sender.Tell(new OrderRefused(RefusalCode.Unavailable, $"the collections cannot be measured: {known.Failure}"));
            return;
        }

        var inScope = known.Estimates
            .Where(estimate => request.Collection.Length == 0 || estimate.Size.Unit.Collection == request.Collection)
            .ToList();
        if (Missing(request, inScope, known) is { Length: > 0 } missing)
        {
            sender.Tell(new OrderRefused(RefusalCode.NotFound, missing));
            return;
        }

        var units = inScope
            .Where(estimate => estimate.Size.Unit is IndexUnit index ? request.Indexes.Covers(index.Index) : request.Documents)
            .ToList();
        if (request.DryRun)
        {
            sender.Tell(new CompactionEstimated(units));
            return;
        }

        // Of a whole database or node what cannot be compacted is passed over; what was named is refused with the reason.
        var possible = request.Collection.Length > 0 ? units : units.Where(unit => unit.Refusal.Length == 0).ToList();
        Carry(
            new CompactUnits(
                node.Member.Epoch, DirectCompaction.TicketOf(request.Id), [.. possible.Select(unit => unit.Size.Unit)], request.Settings),
            sender);
    }

    private void Carry(INodeCommand command, IActorRef sender) =>
        node.Self.Ask<object>(WithEpoch(command), LongestOrder).PipeTo(sender, node.Self, ToReply, error => new DataUnavailable(error.Message, NodeActor.RetryAfter));

    /// <summary>An administrator here does not contend with supervisors: the order counts as one of the present reign.</summary>
    private INodeCommand WithEpoch(INodeCommand command) => command switch
    {
        CompactUnits compact => compact with { Epoch = node.Member.Epoch },
        CancelCompaction cancel => cancel with { Epoch = node.Member.Epoch },
        PauseCompaction pause => pause with { Epoch = node.Member.Epoch },
        ThrottleCompaction throttle => throttle with { Epoch = node.Member.Epoch },
        VerifyCollections verify => verify with { Epoch = node.Member.Epoch },
        CleanUpIndexes cleanUp => cleanUp with { Epoch = node.Member.Epoch },
        ResyncCollection resync => resync with { Epoch = node.Member.Epoch },
        _ => throw new InvalidOperationException($"{command.GetType().Name} is for supervisors alone"),
    };

    private static DataReply ToReply(object answer) => answer switch
    {
        CommandRefused refused => new OrderRefused(refused.Code, refused.Reason),
        _ => new OrderDone(answer),
    };

    private string Missing(DirectCompaction request, List<UnitEstimate> inScope, UnitsKnown known)
    {
        var name = request.Collection.Length > 0 ? $"{request.Database}/{request.Collection}" : request.Database;
        if (inScope.Count == 0 && known.Unmeasured.FirstOrDefault(each => request.Collection.Length == 0 || each.Name.Collection == request.Collection) is { } failed)
        {
            return $"{failed.Name}: {failed.Failure}";
        }

        if (inScope.Count == 0 && name.Length > 0)
        {
            return $"there is no {(request.Collection.Length > 0 ? "collection" : "database")} {name} on {node.Options.Node}";
        }

        var unknown = request.Indexes is IndexSelection.NamedIndexes named
            ? named.Names.Where(index => !inScope.Exists(estimate => estimate.Size.Unit is IndexUnit unit && unit.Index == index)).ToList()
            : [];
        return unknown.Count > 0 ? $"there is no index {string.Join(", ", unknown)} in {(name.Length > 0 ? name : node.Options.Node)}" : "";
    }

    internal sealed record UnitsChosen(DirectCompaction Request, IActorRef Sender, UnitsKnown Known) : NodeInternal;
}
