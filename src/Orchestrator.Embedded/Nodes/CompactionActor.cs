using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// Carries out one order to compact: its units one after another, documents before indexes, by their collections; indexes of one
/// collection together. Tells
/// the node, its parent, every progress and the end, and then waits to be stopped. Keeps nothing on disk: after a restart
/// of the process the order is unknown, and what was copied is found by the next attempt.
/// </summary>
internal sealed class CompactionActor : ReceiveActor
{
    /// <summary>The mode that closes a whole database while it works.</summary>
    public const string ClosesDatabase = "exclusive";

    /// <summary>The stage after all units are compacted, in which they are checked.</summary>
    public const string VerifyStage = "verify-files";

    private readonly CompactUnits order;
    private readonly IReadOnlyDictionary<string, IActorRef> databases;
    private readonly IReadOnlyList<StorageUnit> units;

    // Units that are compacted together; never empty.
    private readonly Queue<IReadOnlyList<StorageUnit>> groups;
    private readonly List<UnitCompacted> done = [];
    private readonly Queue<CollectionName> unverified = [];
    private CompactionSettings settings;
    private CompactionProgress progress = Stage("waiting");
    private double fraction;
    private long bytesOfDoneUnits;
    private long bytesOfThisUnit;
    private bool ended;
    private bool cancelled;
    private bool pausing;

    public CompactionActor(CompactUnits order, IReadOnlyDictionary<string, IActorRef> databases)
    {
        this.order = order;
        this.databases = databases;
        settings = order.Settings;
        groups = new Queue<IReadOnlyList<StorageUnit>>(InOrder(order));
        units = [.. groups.SelectMany(group => group)];
        Receive<UnitProgressed>(message => IfCurrent(message.Ticket, message.Unit, () => OnProgress(message.Progress)));
        Receive<UnitDone>(message => IfCurrent(message.Ticket, message.Unit, () => OnDone(message.Results)));
        Receive<UnitFailed>(message => IfCurrent(message.Ticket, message.Unit, () => OnFailed(message)));
        Receive<CollectionVerdict>(OnVerdict);
        Receive<CancelOrder>(_ => Stop(() => cancelled = true));
        Receive<PauseOrder>(_ => Stop(() => pausing = true));
        Receive<ThrottleOrder>(message => OnThrottle(message.MaxBytesPerSecond));
        Receive<CollectionLost>(message => OnCollectionLost(message.Name));
    }

    private StorageUnit Unit => units[Math.Min(done.Count, units.Count - 1)];

    private bool AllDone => done.Count == units.Count;

    public static Props Props(CompactUnits order, IReadOnlyDictionary<string, IActorRef> databases) =>
        Akka.Actor.Props.Create(() => new CompactionActor(order, databases));

    protected override void PreStart() => StartUnit();

    /// <summary>
    /// Documents before indexes, and these together by collection. The mode that closes a database finishes with one before it closes
    /// the next.
    /// </summary>
    private static IEnumerable<IReadOnlyList<StorageUnit>> InOrder(CompactUnits order)
    {
        var ordered = order.Units.OrderBy(unit => unit is IndexUnit);
        return (order.Settings.Mode == ClosesDatabase
                ? ordered.GroupBy(unit => unit.Database, StringComparer.Ordinal).SelectMany(database => database)
                : ordered)
            .GroupBy(unit => (unit.Database, unit.Collection, Indexes: unit is IndexUnit))
            .Select(group => group.ToList());
    }

    private void StartUnit()
    {
        bytesOfThisUnit = 0;
        if (databases.TryGetValue(Unit.Database, out var database))
        {
            database.Tell(new CompactUnit(order.Ticket, groups.Peek(), settings));
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

    private void OnProgress(CompactionProgress ofUnit)
    {
        bytesOfThisUnit = Math.Max(bytesOfThisUnit, ofUnit.BytesCopied);
        Tell(ofUnit);
    }

    /// <summary>Progress of the whole order from that of the unit at work.</summary>
    private void Tell(CompactionProgress ofUnit)
    {
        progress = Overall(ofUnit);
        Context.Parent.Tell(new CompactionRunning(order.Ticket, progress));
    }

    private CompactionProgress Overall(CompactionProgress ofUnit)
    {
        var together = groups.TryPeek(out var group) ? group.Count : 0;
        fraction = Math.Clamp((done.Count + (ofUnit.Fraction * together)) / units.Count, fraction, 1);
        return ofUnit with
        {
            Unit = ofUnit.Unit.Length > 0 ? ofUnit.Unit : Unit.Path,
            Fraction = fraction,
            UnitsDone = Math.Min(done.Count + ofUnit.UnitsDone, units.Count),
            UnitsTotal = units.Count,
            BytesCopied = bytesOfDoneUnits + bytesOfThisUnit,
        };
    }

    private void OnDone(IReadOnlyList<UnitCompacted> results)
    {
        bytesOfDoneUnits += bytesOfThisUnit;
        bytesOfThisUnit = 0;
        done.AddRange(results);
        groups.Dequeue();
        if (AllDone && settings.Verify)
        {
            foreach (var name in units.Select(unit => new CollectionName(unit.Database, unit.Collection)).Distinct())
            {
                unverified.Enqueue(name);
            }

            VerifyNext();
        }
        else if (AllDone)
        {
            End(new CompactionSucceeded(order.Ticket, [.. done]));
        }
        else if (pausing || cancelled)
        {
            EndEarly();
        }
        else
        {
            Tell(Stage("waiting"));
            StartUnit();
        }
    }

    private static CompactionProgress Stage(string stage) => new("", stage, 0, 0, 0, 0, 0);

    /// <summary>What was compacted is checked before the next member's turn comes.</summary>
    private void VerifyNext()
    {
        if (unverified.TryPeek(out var name))
        {
            Tell(Stage(VerifyStage));
            databases[name.Database].Tell(new VerifyCollection(name));
        }
        else
        {
            End(new CompactionSucceeded(order.Ticket, [.. done]));
        }
    }

    private void OnVerdict(CollectionVerdict verdict)
    {
        if (ended || !unverified.TryDequeue(out var name))
        {
            return;
        }

        if (verdict.Problems.Count > 0)
        {
            End(new CompactionFailed(order.Ticket, $"{name} is not sound: {string.Join("; ", verdict.Problems.Take(3))}", [.. done]));
        }
        else
        {
            VerifyNext();
        }
    }

    private void OnFailed(UnitFailed message)
    {
        done.AddRange(message.Done);
        if (message.Cancelled && (pausing || cancelled))
        {
            EndEarly();
        }
        else
        {
            Fail(message.Reason);
        }
    }

    /// <summary>A cancelled order is not gone on with, though what it copied is of use to the next one.</summary>
    private void EndEarly()
    {
        if (cancelled)
        {
            Fail("it was cancelled");
        }
        else
        {
            End(new CompactionPaused(order.Ticket, [.. done], progress));
        }
    }

    private void Fail(string reason) => End(new CompactionFailed(order.Ticket, $"{Unit.Path}: {reason}", [.. done]));

    private void End(CompactionStatus status)
    {
        ended = true;
        Context.Parent.Tell(status);
    }

    private void Stop(Action note)
    {
        note();
        if (!ended && !AllDone && databases.TryGetValue(Unit.Database, out var database))
        {
            database.Tell(new CancelUnit(order.Ticket, Unit));
        }
    }

    private void OnThrottle(long bytesPerSecond)
    {
        settings = settings with { MaxBytesPerSecond = bytesPerSecond };
        if (!ended && !AllDone && databases.TryGetValue(Unit.Database, out var database))
        {
            database.Tell(new ThrottleUnit(order.Ticket, Unit, bytesPerSecond));
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

/// <summary>Stop at the next checkpoint, for good.</summary>
internal sealed record CancelOrder : NodeInternal;

/// <summary>Stop at the next checkpoint, to be gone on with later.</summary>
internal sealed record PauseOrder : NodeInternal;

/// <summary>Copy at another rate from now on; 0 is unlimited.</summary>
internal sealed record ThrottleOrder(long MaxBytesPerSecond) : NodeInternal;

/// <summary>A collection's actor can no longer work.</summary>
internal sealed record CollectionLost(CollectionName Name) : NodeInternal;
