using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>
/// A member's compactions: one at a time, some ticks long, forgotten in a crash save for what it freed and, of one that was
/// paused, how far it was.
/// </summary>
internal sealed class SimCompactor(string node)
{
    private const int Ticks = 20;

    private readonly Dictionary<CompactionTicket, CompactionStatus> _ended = [];
    private readonly Dictionary<StorageUnit, long> _free = new()
    {
        [new DocumentsUnit("app", "orders")] = 600,
        [new IndexUnit("app", "orders", "by-city")] = 60,
        [new DocumentsUnit("app", "users")] = 300,
    };

    private CompactionTicket? _running;
    private IReadOnlyList<StorageUnit> _units = [];
    private int _ticks;
    private int _checkpoint;

    public bool IsRunning => _running is not null;

    /// <summary>Whether it goes on in the middle, from the checkpoint of an attempt that was paused.</summary>
    public bool HasResumed { get; private set; }

    /// <summary>Steps that were compacted to their end, and how often.</summary>
    public Dictionary<int, int> Completions { get; } = [];

    public IReadOnlyList<UnitEstimate> Units => _free.Select(entry => Some.Estimate(entry.Key, 400 + entry.Value, entry.Value)).ToList();

    public IReadOnlyList<CompactionStatus> Statuses => _running is null ? [.. _ended.Values] : [.. _ended.Values, Running()];

    public object Start(CompactUnits command, MemberState member)
    {
        if (Find(command.Ticket) is { } known)
        {
            return known;
        }

        if (_running is not null || _ended.Keys.Any(command.Ticket.IsOvertakenBy))
        {
            return Refuse(command.Ticket, RefusalCode.Busy, "another compaction runs, or came later");
        }

        if (member.Role == MemberRole.Primary && !command.Settings.Force)
        {
            return Refuse(command.Ticket, RefusalCode.WrongState, "it is primary");
        }

        HasResumed |= _checkpoint > 0;
        (_running, _units, _ticks) = (command.Ticket, command.Units, _checkpoint);
        return Running();
    }

    public object Cancel(CompactionTicket ticket) => Stop(ticket, () => new CompactionFailed(ticket, "cancelled", []));

    public object Pause(CompactionTicket ticket) => Stop(ticket, () =>
    {
        _checkpoint = _ticks;
        return new CompactionPaused(ticket, [], Running().Progress);
    });

    public object Throttle(CompactionTicket ticket) => (object?)Find(ticket) ?? Unknown(ticket);

    /// <param name="fails">Asked at the end of a compaction: whether it fails.</param>
    public void Tick(Func<bool> fails)
    {
        if (_running is null || ++_ticks < Ticks)
        {
            return;
        }

        if (fails())
        {
            _ended[_running] = new CompactionFailed(_running, "the disk is broken", []);
            (_running, _checkpoint) = (null, 0);
            return;
        }

        var done = _units.Select(unit => new UnitCompacted(unit, 400 + _free[unit], 400, 1, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero)).ToList();
        foreach (var unit in _units)
        {
            _free[unit] = 0;
        }

        Completions[_running.Step] = Completions.GetValueOrDefault(_running.Step) + 1;
        _ended[_running] = new CompactionSucceeded(_running, done);
        (_running, _checkpoint) = (null, 0);
    }

    public void Crash()
    {
        _running = null;
        _ended.Clear();
    }

    private object Stop(CompactionTicket ticket, Func<CompactionStatus> end)
    {
        if (_running == ticket)
        {
            var running = Running();
            _ended[ticket] = end();
            _running = null;

            // As an order that is passed on: the answer says that it still runs, and a later look that it has ended.
            return running;
        }

        return (object?)Find(ticket) ?? Unknown(ticket);
    }

    private CompactionStatus? Find(CompactionTicket ticket) =>
        _running == ticket ? Running() : _ended.GetValueOrDefault(ticket);

    private CompactionRunning Running() => new(
        _running!, new CompactionProgress(_units[0].Path, "copy", (double)_ticks / Ticks, 0, _units.Count, _ticks, 1));

    private CommandRefused Unknown(CompactionTicket ticket) => Refuse(ticket, RefusalCode.NotFound, "it is unknown here");

    private CommandRefused Refuse(CompactionTicket ticket, RefusalCode code, string reason) =>
        new(node, code, reason, 0, 0) { Ticket = ticket };
}
