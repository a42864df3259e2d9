using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <content>Administrators' orders to this node alone, which go the way of the supervisor's.</content>
internal sealed partial class NodeActor
{
    private void OnDirectOrder(DirectOrder order) => Carry(order.Command, Sender);

    private void Carry(INodeCommand command, IActorRef sender) =>
        Self.Ask<object>(WithEpoch(command), VerifyTimeout).PipeTo(sender, Self, ToReply, error => new DataUnavailable(error.Message, RetryAfter));

    /// <summary>An administrator here does not contend with supervisors: the order counts as one of the present reign.</summary>
    private INodeCommand WithEpoch(INodeCommand command) => command switch
    {
        CompactUnits compact => compact with { Epoch = member.Epoch },
        CancelCompaction cancel => cancel with { Epoch = member.Epoch },
        PauseCompaction pause => pause with { Epoch = member.Epoch },
        ThrottleCompaction throttle => throttle with { Epoch = member.Epoch },
        VerifyCollections verify => verify with { Epoch = member.Epoch },
        CleanUpIndexes cleanUp => cleanUp with { Epoch = member.Epoch },
        ResyncCollection resync => resync with { Epoch = member.Epoch },
        _ => throw new InvalidOperationException($"{command.GetType().Name} is for supervisors alone"),
    };

    private static DataReply ToReply(object answer) => answer switch
    {
        CommandRefused refused => new OrderRefused(refused.Code, refused.Reason),
        _ => new OrderDone(answer),
    };

    private void OnDirectCompaction(DirectCompaction request)
    {
        var sender = Sender;
        var wanted = request.Database.Length > 0
            ? [request.Database]
            : databases.Keys.Where(name => name != CollectionName.Catalog.Database).ToList();
        GatherUnits(request.Settings.Mode, request.Settings.EngineOptions, wanted).PipeTo(
            Self,
            Self,
            known => new UnitsChosen(request, sender, known),
            error => new UnitsChosen(request, sender, new UnitsKnown([], [], error.Message)));
    }

    private void OnUnitsChosen(UnitsChosen chosen)
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
                member.Epoch, DirectCompaction.TicketOf(request.Id), [.. possible.Select(unit => unit.Size.Unit)], request.Settings),
            sender);
    }

    private string Missing(DirectCompaction request, List<UnitEstimate> inScope, UnitsKnown known)
    {
        var name = request.Collection.Length > 0 ? $"{request.Database}/{request.Collection}" : request.Database;
        if (inScope.Count == 0 && known.Unmeasured.FirstOrDefault(each => request.Collection.Length == 0 || each.Name.Collection == request.Collection) is { } failed)
        {
            return $"{failed.Name}: {failed.Failure}";
        }

        if (inScope.Count == 0 && name.Length > 0)
        {
            return $"there is no {(request.Collection.Length > 0 ? "collection" : "database")} {name} on {options.Node}";
        }

        var unknown = request.Indexes is IndexSelection.NamedIndexes named
            ? named.Names.Where(index => !inScope.Exists(estimate => estimate.Size.Unit is IndexUnit unit && unit.Index == index)).ToList()
            : [];
        return unknown.Count > 0 ? $"there is no index {string.Join(", ", unknown)} in {(name.Length > 0 ? name : options.Node)}" : "";
    }

    private sealed record UnitsChosen(DirectCompaction Request, IActorRef Sender, UnitsKnown Known) : NodeInternal;
}
