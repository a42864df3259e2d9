using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;

namespace Orchestrator.Benchmarks.Planning;

/// <summary>
/// A member without files: it keeps promises, follows appointments, and compacts by waiting. What the supervisor sees of it is
/// what it would see of a node.
/// </summary>
internal sealed class SimulatedNode : ReceiveActor, IWithTimers
{
    private const int Collections = 20;
    private const int RememberedResults = 4;

    private static readonly TimeSpan UnitDuration = TimeSpan.FromMilliseconds(25);

    private readonly string set;
    private readonly string node;
    private readonly List<UnitEstimate> units;
    private readonly List<CompactionStatus> finished = [];
    private Work? work;
    private long promised;
    private Appointment? appointment;

    public SimulatedNode(string set, string node)
    {
        this.set = set;
        this.node = node;
        units = [.. Enumerable.Range(1, Collections).Select(number => Unit(number, free: 1L << 28))];
        Receive<ObserveNode>(_ => Sender.Tell(Observation()));
        Receive<TakeInventory>(ask => Sender.Tell(new NodeInventory(node, ask.Mode.Length > 0 ? ask.Mode : "rewrite", EmbeddedCapabilities.Instance, [.. units], Now)));
        Receive<PromiseTerm>(ask =>
        {
            promised = Math.Max(promised, ask.Term);
            Sender.Tell(new TermPromised(node, Address(node), promised, []));
        });
        Receive<StopWrites>(ask => Sender.Tell(new WritesStopped(node, ask.Term, [], ask.StepDown)));
        Receive<ResumeWrites>(ask => Sender.Tell(new WritesResumed(node, ask.Term)));
        Receive<FollowAppointment>(follow =>
        {
            appointment = follow.Appointment;
            Sender.Tell(new AppointmentFollowed(node, follow.Appointment.Term));
        });
        Receive<CompactUnits>(order => OnCompact(order));
        Receive<PauseCompaction>(order => Sender.Tell(End(order.Ticket, current => new CompactionPaused(order.Ticket, current.Done, current.Progress))));
        Receive<CancelCompaction>(order => Sender.Tell(End(order.Ticket, current => new CompactionFailed(order.Ticket, "cancelled", current.Done))));
        Receive<UnitDone>(_ => OnUnitDone());
        ReceiveAny(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static Props Props(string set, string node) => Akka.Actor.Props.Create(() => new SimulatedNode(set, node));

    private static string Address(string node) => $"http://{node}:8080";

    private static UnitEstimate Unit(int number, long free) => new(
        new UnitSize(new DocumentsUnit("shop", $"collection-{number}"), free + (1L << 28), 1L << 28, free + (1L << 28)), free, 1L << 28, UnitDuration);

    private void OnCompact(CompactUnits order)
    {
        if (finished.FirstOrDefault(status => status.Ticket == order.Ticket) is { } known)
        {
            Sender.Tell(known);
            return;
        }

        work ??= new Work(order.Ticket, [.. order.Units], [], Sender);
        Timers.StartSingleTimer("unit", UnitDone.Instance, UnitDuration);
        Sender.Tell(new CompactionRunning(order.Ticket, work.Progress));
    }

    private void OnUnitDone()
    {
        if (work is null)
        {
            return;
        }

        var unit = work.Units[work.Done.Count];
        var index = units.FindIndex(known => known.Size.Unit == unit);
        var before = units[index].Size.FileBytes;
        units[index] = Unit(index + 1, free: 0);
        work.Done.Add(new UnitCompacted(unit, before, units[index].Size.FileBytes, 1000, 0, UnitDuration, TimeSpan.Zero));
        if (work.Done.Count < work.Units.Count)
        {
            Timers.StartSingleTimer("unit", UnitDone.Instance, UnitDuration);
            return;
        }

        var orderer = work.Orderer;
        orderer.Tell(End(work.Ticket, current => new CompactionSucceeded(current.Ticket, current.Done)));
    }

    private CompactionStatus End(CompactionTicket ticket, Func<Work, CompactionStatus> how)
    {
        if (work?.Ticket == ticket)
        {
            finished.Add(how(work));
            finished.RemoveRange(0, Math.Max(0, finished.Count - RememberedResults));
            work = null;
        }

        return finished.FirstOrDefault(status => status.Ticket == ticket) ?? new CompactionFailed(ticket, "unknown", []);
    }

    private NodeObservation Observation()
    {
        var isPrimary = appointment?.Primary == node;
        CompactionStatus[] running = work is null ? [] : [new CompactionRunning(work.Ticket, work.Progress)];
        return new NodeObservation(
            BigRun.Cluster, set, node, Address(node), work is null ? NodeState.Online : NodeState.Compacting, "",
            isPrimary ? MemberRole.Primary : MemberRole.Secondary, appointment?.Term ?? 0, promised, appointment?.Primary ?? "",
            ReplicationLag.None, new DiskSpace(1L << 42, 1L << 43), [], [.. running, .. finished], Now);
    }

    private sealed record Work(CompactionTicket Ticket, IReadOnlyList<StorageUnit> Units, List<UnitCompacted> Done, IActorRef Orderer)
    {
        public CompactionProgress Progress => new(
            Units[Math.Min(Done.Count, Units.Count - 1)].Path, "copy", (double)Done.Count / Units.Count, Done.Count, Units.Count, Done.Count * (1L << 28), 1e8);
    }

    private sealed record UnitDone
    {
        public static UnitDone Instance { get; } = new();
    }
}
