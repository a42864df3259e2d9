using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// Carries out one order to compact: its units one after another, documents before indexes, each by its collection. Tells
/// the node, its parent, every progress and the end, and then waits to be stopped. Keeps nothing on disk: after a restart
/// of the process the order is unknown, and what was copied is found by the next attempt.
/// </summary>
internal sealed class CompactionActor : ReceiveActor
{
    private readonly CompactUnits order;
    private readonly IReadOnlyDictionary<string, IActorRef> databases;
    private readonly IReadOnlyList<StorageUnit> units;
    private readonly List<UnitCompacted> done = [];
    private double fraction;
    private long bytesOfDoneUnits;
    private long bytesOfThisUnit;
    private bool ended;
    private bool cancelled;

    public CompactionActor(CompactUnits order, IReadOnlyDictionary<string, IActorRef> databases)
    {
        this.order = order;
        this.databases = databases;
        units = [.. order.Units.OrderBy(unit => unit is IndexUnit)];
        Receive<UnitProgressed>(message => IfCurrent(message.Ticket, message.Unit, () => OnProgress(message)));
        Receive<UnitDone>(message => IfCurrent(message.Ticket, message.Result.Unit, () => OnDone(message.Result)));
        Receive<UnitFailed>(message => IfCurrent(message.Ticket, message.Unit, () => Fail(message.Reason)));
        Receive<CancelOrder>(_ => OnCancel());
        Receive<CollectionLost>(message => OnCollectionLost(message.Name));
    }

    private StorageUnit Unit => units[done.Count];

    public static Props Props(CompactUnits order, IReadOnlyDictionary<string, IActorRef> databases) =>
        Akka.Actor.Props.Create(() => new CompactionActor(order, databases));

    protected override void PreStart() => StartUnit();

    private void StartUnit()
    {
        bytesOfThisUnit = 0;
        if (databases.TryGetValue(Unit.Database, out var database))
        {
            database.Tell(new CompactUnit(order.Ticket, Unit, order.Settings));
        }
        else
        {
            Fail($"there is no database {Unit.Database}");
        }
    }

    private void IfCurrent(CompactionTicket ticket, StorageUnit unit, Action act)
    {
        if (!ended && ticket == order.Ticket && unit == Unit)
        {
            act();
        }
    }

    private void OnProgress(UnitProgressed message)
    {
        bytesOfThisUnit = Math.Max(bytesOfThisUnit, message.BytesCopied);
        TellProgress(message.Stage, message.Fraction, message.BytesPerSecond);
    }

    private void TellProgress(string stage, double unitFraction, double bytesPerSecond)
    {
        fraction = Math.Clamp((done.Count + unitFraction) / units.Count, fraction, 1);
        var progress = new CompactionProgress(
            Unit.Path, stage, fraction, done.Count, units.Count, bytesOfDoneUnits + bytesOfThisUnit, bytesPerSecond);
        Context.Parent.Tell(new CompactionRunning(order.Ticket, progress));
    }

    private void OnDone(UnitCompacted result)
    {
        bytesOfDoneUnits += bytesOfThisUnit;
        done.Add(result);
        if (done.Count == units.Count)
        {
            End(new CompactionSucceeded(order.Ticket, [.. done]));
        }
        else if (cancelled)
        {
            Fail("it was cancelled");
        }
        else
        {
            TellProgress("waiting", 0, 0);
            StartUnit();
        }
    }

    private void Fail(string reason) => End(new CompactionFailed(order.Ticket, $"{Unit.Path}: {reason}", [.. done]));

    private void End(CompactionStatus status)
    {
        ended = true;
        Context.Parent.Tell(status);
    }

    private void OnCancel()
    {
        cancelled = true;
        if (!ended && databases.TryGetValue(Unit.Database, out var database))
        {
            database.Tell(new CancelUnit(order.Ticket, Unit));
        }
    }

    private void OnCollectionLost(CollectionName name)
    {
        if (!ended && Unit.Database == name.Database && Unit.Collection == name.Collection)
        {
            Fail($"the collection {name} has failed");
        }
    }
}

/// <summary>Stop at the next checkpoint.</summary>
internal sealed record CancelOrder : NodeInternal;

/// <summary>A collection's actor can no longer work.</summary>
internal sealed record CollectionLost(CollectionName Name) : NodeInternal;
