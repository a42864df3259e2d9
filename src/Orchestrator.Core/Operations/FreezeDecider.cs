using Orchestrator.Core.Topology;
using FreezeDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Operations.FreezeEvent,
    Orchestrator.Core.Operations.FreezeEffect,
    Orchestrator.Core.Operations.FreezeReply>;

namespace Orchestrator.Core.Operations;

/// <summary>Freezes need nothing to be done: whoever would start something asks <see cref="FreezeState.On"/> first.</summary>
public abstract record FreezeEffect
{
    private FreezeEffect()
    {
    }
}

/// <summary>The answer to an order about freezes.</summary>
public abstract record FreezeReply
{
    private FreezeReply()
    {
    }

    /// <summary>It is done; the answer is the list of freezes.</summary>
    public sealed record Done : FreezeReply;

    /// <summary>Nothing was changed.</summary>
    public sealed record Refused(RequestFailed Failure) : FreezeReply;
}

/// <summary>The rules of freezes. Invariant: at most one for each cluster, and one for everywhere.</summary>
public static class FreezeDecider
{
    private const int LongestText = 1000;

    private static readonly FreezeReply Done = new FreezeReply.Done();

    /// <summary>What an order leads to.</summary>
    /// <param name="clusters">Names of the configured clusters.</param>
    public static FreezeDecision Decide(FreezeState state, StartFreeze order, IEnumerable<string> clusters, DateTimeOffset now)
    {
        var known = clusters.ToList();
        if (order.Cluster.Length > 0 && !known.Contains(order.Cluster))
        {
            return Refuse(FailureCode.NotFound, KnownNames.NoSuchCluster(order.Cluster, known));
        }

        if (string.IsNullOrWhiteSpace(order.Reason) || order.Reason.Length > LongestText)
        {
            return Refuse(FailureCode.Invalid, $"a freeze needs a reason of 1 to {LongestText} characters");
        }

        if (order.Until <= now)
        {
            return Refuse(FailureCode.Invalid, $"the freeze would end at {order.Until:O}, which is in the past; it is {now:O}");
        }

        if (!order.Replace && state.InForce(now).FirstOrDefault(freeze => freeze.Cluster == order.Cluster) is { } earlier)
        {
            return Refuse(FailureCode.Conflict, $"{FreezeState.Sentence(earlier)}; a new freeze takes its place only with replace (orchestrator freeze --replace)");
        }

        var freeze = new Freeze(order.Cluster, order.By, order.Reason.Trim(), now, order.Until);
        return new FreezeDecision([new FreezeStarted(freeze, now)], [], Done);
    }

    /// <summary>What an order leads to.</summary>
    public static FreezeDecision Decide(FreezeState state, LiftFreeze order, DateTimeOffset now)
    {
        var inForce = state.InForce(now).ToList();
        if (inForce.Exists(freeze => freeze.Cluster == order.Cluster))
        {
            return new FreezeDecision([new FreezeLifted(order.Cluster, order.By, now)], [], Done);
        }

        var others = inForce.Count == 0
            ? "nothing is frozen"
            : $"frozen: {string.Join(", ", inForce.Select(freeze => freeze.Cluster.Length == 0 ? "everything (lift it without a cluster)" : freeze.Cluster))}";
        return Refuse(
            FailureCode.NotFound, order.Cluster.Length == 0 ? $"there is no freeze of everything; {others}" : $"there is no freeze of '{order.Cluster}'; {others}");
    }

    /// <summary>The freezes whose time is over. Idempotent: asked on every tick.</summary>
    public static IReadOnlyList<FreezeEvent> Elapsed(FreezeState state, DateTimeOffset now) =>
        [.. state.Freezes.Values.Where(freeze => freeze.Until <= now).Select(freeze => new FreezeRanOut(freeze.Cluster, now))];

    /// <summary>The state after an event.</summary>
    public static FreezeState Apply(FreezeState state, FreezeEvent @event) => @event switch
    {
        FreezeStarted e => new FreezeState(state.Freezes.SetItem(e.Freeze.Cluster, e.Freeze)),
        FreezeLifted e => new FreezeState(state.Freezes.Remove(e.Cluster)),
        FreezeRanOut e => new FreezeState(state.Freezes.Remove(e.Cluster)),
        _ => throw new InvalidOperationException($"unknown event {@event.GetType().Name}"),
    };

    private static FreezeDecision Refuse(FailureCode code, string message) =>
        new([], [], new FreezeReply.Refused(new RequestFailed(code, message, "")));
}
