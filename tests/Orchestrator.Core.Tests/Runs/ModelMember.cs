using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A member of a <see cref="RunModel"/>, of one or several replica sets: one compaction at a time, which ends well, badly or by order.</summary>
internal sealed class ModelMember
{
    private readonly List<CompactionStatus> _ended = [];
    private readonly HashSet<string> _compacted = [];
    private CompactionTicket? _running;
    private string _set = "";

    public bool IsUp { get; set; } = true;

    public long Lag { get; set; }

    public bool IsRunning => _running is not null;

    /// <summary>The set whose copy is compacted; empty for none.</summary>
    public string CompactsFor => IsRunning ? _set : "";

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
                _compacted.Add(_set);
                End(new CompactionSucceeded(ticket, [new UnitCompacted(UnitOf(_set).Size.Unit, 100, 40, 5, 0, TimeSpan.FromSeconds(2), TimeSpan.Zero)]));
                break;
        }
    }

    /// <summary>Gives a refusal, or nothing.</summary>
    public CommandRefused? Start(CompactionTicket ticket, string set)
    {
        if (!IsUp || _running == ticket || _ended.Exists(status => status.Ticket == ticket))
        {
            return null;
        }

        if (_running is not null)
        {
            return new CommandRefused("", RefusalCode.Busy, "busy", 1, 1) { Ticket = ticket };
        }

        (_running, _set) = (ticket, set);
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

    /// <param name="sets">Its replica sets, and whether it is primary there.</param>
    /// <param name="reach">What of it is out while it compacts.</param>
    public MemberSnapshot Observe(string node, IReadOnlyList<(string Name, bool IsPrimary)> sets, CompactionReach reach)
    {
        var running = _running is null
            ? Array.Empty<CompactionStatus>()
            : [new CompactionRunning(_running, new CompactionProgress("app/orders", "copy", 0.5, 0, 1, 10, 10))];
        var state = !IsUp ? NodeState.Unreachable : IsRunning ? NodeState.Compacting : NodeState.Online;
        return new MemberSnapshot(
            Some.Observation(node, Role(sets[0].IsPrimary), state, replicaSet: sets[0].Name, lag: Lag) with
            {
                Compactions = IsUp ? [.. _ended, .. running] : [],
                Memberships = sets.Count == 1 ? [] : [.. sets.Select(set => new SetMembership(
                    set.Name,
                    IsRunning && (reach == CompactionReach.Member || set.Name == _set) ? NodeState.Compacting : NodeState.Online,
                    "",
                    Role(set.IsPrimary),
                    1,
                    "",
                    new ReplicationLag(Lag, 0)))],
            },
            [.. sets.Select(set => UnitOf(set.Name))]);
    }

    private static MemberRole Role(bool isPrimary) => isPrimary ? MemberRole.Primary : MemberRole.Secondary;

    private UnitEstimate UnitOf(string set) =>
        (_compacted.Contains(set) ? Some.Documents("app", set, 40, 0) : Some.Documents("app", set, 100, 60)) with { ReplicaSet = set };

    private void End(CompactionStatus status)
    {
        _ended.Add(status);
        _running = null;
    }
}
