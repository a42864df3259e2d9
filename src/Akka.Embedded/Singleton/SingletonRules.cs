using System.Collections.Immutable;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Who hosts the singleton. A node starts its instance only when it is Up and every older member with the role either
/// is removed (as lost: plus the removal margin) or has said that its instance has stopped for good, which a member says
/// only while it is exiting. Since no two members have the same age, at most one member's conditions hold at a time.
/// Pure: no clock, no I/O.
/// </summary>
internal static class SingletonRules
{
    /// <summary>The new state and what must be done.</summary>
    public static (SingletonState State, ImmutableList<SingletonEffect> Effects) Decide(SingletonState state, SingletonInput input, long nowMs)
    {
        var next = Note(state, input, nowMs);
        var effects = ImmutableList.CreateBuilder<SingletonEffect>();
        if (next.IsGoing)
        {
            next = Retire(next, effects);
        }
        else if (next is { Phase: InstancePhase.None, SelfMember.Status: MemberStatus.Up } && nowMs >= next.BlockedUntilMs && !next.Predecessors.Any())
        {
            effects.Add(new SingletonEffect.Start());
            next = next with { Phase = InstancePhase.Running };
        }
        else if (input is SingletonInput.Tick && next is { Phase: InstancePhase.None, SelfMember.Status: MemberStatus.Up })
        {
            effects.AddRange(next.Predecessors
                .Where(m => m.Status == MemberStatus.Exiting)
                .Select(m => new SingletonEffect.AskHandOver(m.UniqueAddress)));
        }

        return (next, effects.ToImmutable());
    }

    private static SingletonState Note(SingletonState state, SingletonInput input, long nowMs) => input switch
    {
        // Members are equal whatever their status: SetItem alone would keep the old one.
        SingletonInput.Seen { Member: var member } when state.Role.Length == 0 || member.HasRole(state.Role) =>
            state with { Members = state.Members.Remove(member.UniqueAddress).Add(member.UniqueAddress, member) },
        SingletonInput.Gone gone => Removed(state, gone, nowMs),
        SingletonInput.HandOverAsked asked => state.IsGoing ? state with { Waiting = state.Waiting.Add(asked.By) } : state,
        SingletonInput.HandOverDone done => state.Members.ContainsKey(done.By)
            ? state with { HandedOver = state.HandedOver.Add(done.By) }
            : state,
        SingletonInput.InstanceStopped =>
            state with { Phase = state.Phase == InstancePhase.Stopping ? InstancePhase.None : InstancePhase.Finished },
        SingletonInput.ClusterEnded => state with { Ended = true },
        _ => state,
    };

    private static SingletonState Removed(SingletonState state, SingletonInput.Gone gone, long nowMs)
    {
        var node = gone.Member.UniqueAddress;
        if (node.Equals(state.Self))
        {
            return state with { Ended = true, Members = state.Members.Remove(node) };
        }

        if (!state.Members.TryGetValue(node, out var known))
        {
            return state;
        }

        // An exiting member is removed only after it has confirmed that its instance has stopped. Any other was
        // lost, and may need a while to find that out.
        var lost = gone.PreviousStatus != MemberStatus.Exiting && !state.HandedOver.Contains(node);
        var blocks = lost && state.SelfMember is { } self && known.IsOlderThan(self);
        return state with
        {
            Members = state.Members.Remove(node),
            HandedOver = state.HandedOver.Remove(node),
            BlockedUntilMs = blocks ? Math.Max(state.BlockedUntilMs, nowMs + state.RemovalMarginMs) : state.BlockedUntilMs,
        };
    }

    private static SingletonState Retire(SingletonState state, ImmutableList<SingletonEffect>.Builder effects)
    {
        var isLost = state.Ended || state.SelfMember is { Status: MemberStatus.Down };
        switch (state.Phase)
        {
            case InstancePhase.Running:
                effects.Add(isLost ? new SingletonEffect.StopNow() : new SingletonEffect.StopGently());
                return state with { Phase = InstancePhase.Stopping };
            case InstancePhase.Stopping:
                if (isLost)
                {
                    effects.Add(new SingletonEffect.StopNow());
                }

                return state;
            default:
                effects.AddRange(state.Waiting.Select(node => new SingletonEffect.TellHandedOver(node)));
                effects.Add(new SingletonEffect.ReadyToExit());
                return state with { Waiting = [] };
        }
    }
}
