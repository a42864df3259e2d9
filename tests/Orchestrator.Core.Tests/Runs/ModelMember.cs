using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A member of a <see cref="RunModel"/>: one compaction at a time, which ends well, badly or by order.</summary>
internal sealed class ModelMember
{
    private readonly List<CompactionStatus> _ended = [];
    private CompactionTicket? _running;
    private bool _isCompacted;

    public bool IsUp { get; set; } = true;

    public long Lag { get; set; }

    public bool IsRunning => _running is not null;

    private static UnitEstimate Full => Some.Documents("app", "orders", 100, 60);

    /// <summary>Down until somebody starts it again; what it was at is lost.</summary>
    public void Fall() => (IsUp, _running) = (false, null);

    public void Tick(Random random, bool hostile)
    {
        if (_running is not { } ticket || !IsUp)
        {
            return;
        }

        switch (random.Next(8))
        {
            case 0 when hostile:
                End(new CompactionFailed(ticket, "no space left on device", []));
                break;
            case 1 or 2:
                _isCompacted = true;
                End(new CompactionSucceeded(ticket, [new UnitCompacted(Full.Size.Unit, 100, 40, 5, 0, TimeSpan.FromSeconds(2), TimeSpan.Zero)]));
                break;
        }
    }

    /// <summary>Gives a refusal, or nothing.</summary>
    public CommandRefused? Start(CompactionTicket ticket)
    {
        if (!IsUp || _running == ticket || _ended.Exists(status => status.Ticket == ticket))
        {
            return null;
        }

        if (_running is not null)
        {
            return new CommandRefused("", RefusalCode.Busy, "busy", 1, 1) { Ticket = ticket };
        }

        _running = ticket;
        return null;
    }

    /// <summary>Gives a refusal, or nothing.</summary>
    public CommandRefused? Stop(CompactionTicket ticket, bool pause)
    {
        if (!IsUp)
        {
            return null;
        }

        if (_running == ticket)
        {
            End(pause
                ? new CompactionPaused(ticket, [], new CompactionProgress("app/orders", "copy", 0.5, 0, 1, 10, 0))
                : new CompactionFailed(ticket, "cancelled", []));
        }

        return _ended.Exists(status => status.Ticket == ticket)
            ? null
            : new CommandRefused("", RefusalCode.NotFound, "unknown", 1, 1) { Ticket = ticket };
    }

    public MemberSnapshot Observe(string node, string set, bool isPrimary)
    {
        var state = !IsUp ? NodeState.Unreachable : IsRunning ? NodeState.Compacting : NodeState.Online;
        var role = isPrimary ? MemberRole.Primary : MemberRole.Secondary;
        var running = _running is null
            ? Array.Empty<CompactionStatus>()
            : [new CompactionRunning(_running, new CompactionProgress("app/orders", "copy", 0.5, 0, 1, 10, 10))];
        return new MemberSnapshot(
            Some.Observation(node, role, state, replicaSet: set, lag: Lag) with { Compactions = IsUp ? [.. _ended, .. running] : [] },
            [_isCompacted ? Some.Documents("app", "orders", 40, 0) : Full]);
    }

    private void End(CompactionStatus status)
    {
        _ended.Add(status);
        _running = null;
    }
}
