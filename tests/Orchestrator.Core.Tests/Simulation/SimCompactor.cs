using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Simulation;

internal sealed record SimRefusedCompaction(CompactionTicket Ticket, CommandRefused Refusal);

/// <summary>A member's compactions: one at a time, some ticks long, forgotten in a crash save for what it freed.</summary>
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

    public bool IsRunning => _running is not null;

    /// <summary>Steps that were compacted to their end, and how often.</summary>
    public Dictionary<int, int> Completions { get; } = [];

    public IReadOnlyList<UnitEstimate> Units => _free.Select(entry => Some.Estimate(entry.Key, 400 + entry.Value, entry.Value)).ToList();

    public IReadOnlyList<CompactionStatus> Statuses => _running is null ? [.. _ended.Values] : [.. _ended.Values, Running()];

    public object Start(CompactUnits command, MemberState member)
    {
        if (_running == command.Ticket)
        {
            return Running();
        }

        if (_ended.TryGetValue(command.Ticket, out var ended))
        {
            return ended;
        }

        if (_running is not null || _ended.Keys.Any(command.Ticket.IsOvertakenBy))
        {
            return Refuse(command.Ticket, RefusalCode.Busy, "another compaction runs, or came later");
        }

        if (member.Role == MemberRole.Primary && !command.Settings.Force)
        {
            return Refuse(command.Ticket, RefusalCode.WrongState, "it is primary");
        }

        (_running, _units, _ticks) = (command.Ticket, command.Units, 0);
        return Running();
    }

    public void Cancel(CompactionTicket ticket)
    {
        if (_running == ticket)
        {
            _ended[ticket] = new CompactionFailed(ticket, "cancelled", []);
            _running = null;
        }
    }

    public void Tick()
    {
        if (_running is null || ++_ticks < Ticks)
        {
            return;
        }

        var done = _units.Select(unit => new UnitCompacted(unit, 400 + _free[unit], 400, 1, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero)).ToList();
        foreach (var unit in _units)
        {
            _free[unit] = 0;
        }

        Completions[_running.Step] = Completions.GetValueOrDefault(_running.Step) + 1;
        _ended[_running] = new CompactionSucceeded(_running, done);
        _running = null;
    }

    public void Crash()
    {
        _running = null;
        _ended.Clear();
    }

    private CompactionRunning Running() => new(
        _running!, new CompactionProgress(_units[0].Path, "copy", (double)_ticks / Ticks, 0, _units.Count, _ticks, 1));

    private SimRefusedCompaction Refuse(CompactionTicket ticket, RefusalCode code, string reason) =>
        new(ticket, new CommandRefused(node, code, reason, 0, 0));
}
