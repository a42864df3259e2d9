using Orchestrator.Core.Topology;
using HoldDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Operations.HoldEvent,
    Orchestrator.Core.Operations.HoldEffect,
    Orchestrator.Core.Operations.HoldReply>;

namespace Orchestrator.Core.Operations;

/// <summary>Holds need nothing to be done: runs see them before each step.</summary>
public abstract record HoldEffect
{
    private HoldEffect()
    {
    }
}

/// <summary>The answer to an order about holds.</summary>
public abstract record HoldReply
{
    private HoldReply()
    {
    }

    /// <summary>It is done.</summary>
    public sealed record Done : HoldReply;

    /// <summary>Nothing was changed.</summary>
    public sealed record Refused(RequestFailed Failure) : HoldReply;
}

/// <summary>The rules of holds. Invariant: at most one for each owner in a cluster, each with an end.</summary>
public static class HoldDecider
{
    /// <summary>Holds of one cluster at a time.</summary>
    public const int MaxHolds = 256;

    private const int LongestText = 1000;

    /// <summary>The longest time for which a hold lasts without being renewed.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(1);

    /// <summary>What an order leads to.</summary>
    /// <param name="members">The cluster's members; null if there is no such cluster, empty while none has been seen.</param>
    /// <param name="clusters">Names of the configured clusters.</param>
    public static HoldDecision Decide(HoldState state, PlaceHold order, IReadOnlyCollection<string>? members, IEnumerable<string> clusters, DateTimeOffset now)
    {
        if (Problem(state, order, members, clusters, now) is { } problem)
        {
            return new([], [], new HoldReply.Refused(problem));
        }

        var earlier = state.InForce(order.Cluster, now).FirstOrDefault(hold => hold.Owner == order.Owner);
        var hold = new Hold(
            order.Cluster, order.Owner, order.Reason.Trim(), [.. order.Members.Distinct(StringComparer.Ordinal)], order.By, earlier?.At ?? now, now + order.Length);
        return new([new HoldPlaced(hold, now)], [], new HoldReply.Done());
    }

    /// <summary>What an order leads to. To release what has ended already does no harm.</summary>
    /// <param name="clusters">Names of the configured clusters.</param>
    public static HoldDecision Decide(HoldState state, ReleaseHold order, IEnumerable<string> clusters, DateTimeOffset now)
    {
        if (!clusters.Contains(order.Cluster) && state.Find(order.Cluster, order.Owner) is null)
        {
            return new([], [], new HoldReply.Refused(NoSuchCluster(order.Cluster, clusters)));
        }

        return new(
            state.Find(order.Cluster, order.Owner) is null ? [] : [new HoldReleased(order.Cluster, order.Owner, order.By, now)], [], new HoldReply.Done());
    }

    /// <summary>The holds whose time is over. Idempotent: asked on every tick.</summary>
    public static IReadOnlyList<HoldRanOut> Elapsed(HoldState state, DateTimeOffset now) =>
        [.. state.Holds.Where(hold => hold.Until <= now).Select(hold => new HoldRanOut(hold.Cluster, hold.Owner, now))];

    /// <summary>The state after an event.</summary>
    public static HoldState Apply(HoldState state, HoldEvent @event) => @event switch
    {
        HoldPlaced e => state.With(e.Hold),
        HoldReleased e => state.Without(e.Cluster, e.Owner),
        HoldRanOut e => state.Without(e.Cluster, e.Owner),
        _ => throw new InvalidOperationException($"unknown event {@event.GetType().Name}"),
    };

    /// <summary>Whether an order only prolongs a hold: nobody needs to be told.</summary>
    public static bool IsRenewal(HoldState state, PlaceHold order, DateTimeOffset now) =>
        state.Find(order.Cluster, order.Owner) is { } hold && hold.Until > now && hold.By == order.By && hold.Reason == order.Reason.Trim()
        && hold.Members.SequenceEqual(order.Members.Distinct(StringComparer.Ordinal));

    private static RequestFailed NoSuchCluster(string name, IEnumerable<string> clusters) =>
        new(FailureCode.NotFound, KnownNames.NoSuchCluster(name, clusters), "");

    private static RequestFailed? Problem(HoldState state, PlaceHold order, IReadOnlyCollection<string>? members, IEnumerable<string> clusters, DateTimeOffset now)
    {
        if (members is null)
        {
            return NoSuchCluster(order.Cluster, clusters);
        }

        if (PlainName.Check(order.Owner) is { } problem)
        {
            return new(FailureCode.Invalid, $"owner: {problem}", "");
        }

        if (string.IsNullOrWhiteSpace(order.Reason) || order.Reason.Length > LongestText)
        {
            return new(FailureCode.Invalid, $"a hold needs a reason of 1 to {LongestText} characters", "");
        }

        if (order.Length <= TimeSpan.Zero || order.Length > Longest)
        {
            return new(FailureCode.Invalid, $"a hold lasts more than 0 s and at most {Longest.TotalSeconds:0} s unless it is renewed", "");
        }

        // Until the members of a cluster have been discovered, every name would be unknown.
        if (members.Count > 0 && order.Members.FirstOrDefault(member => !members.Contains(member)) is { } unknown)
        {
            return new(FailureCode.NotFound, $"{order.Cluster} has no member '{unknown}'; {KnownNames.Of(members, "none is known")}", "");
        }

        return state.Find(order.Cluster, order.Owner) is null && state.InForce(order.Cluster, now).Count() >= MaxHolds
            ? new(FailureCode.Refused, $"{order.Cluster} has {MaxHolds} holds already; release some", "")
            : null;
    }
}
