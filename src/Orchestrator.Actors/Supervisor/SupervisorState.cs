using System.Collections.Immutable;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>Names a replica set.</summary>
internal sealed record ReplicaSetKey(string Cluster, string ReplicaSet);

/// <summary>Names a node.</summary>
internal sealed record NodeKey(string Cluster, string Node);

/// <summary>A run as the supervisor keeps it: who it is and what it holds.</summary>
/// <param name="Origin">Who or what started it, and the window that it keeps to.</param>
internal sealed record RegisteredRun(string RunId, string Cluster, IReadOnlyList<string> ReplicaSets, bool Active, RunOrigin Origin);

/// <summary>A verification that somebody has ordered.</summary>
/// <param name="Ended">How it ended; null while it is at work.</param>
internal sealed record KeptVerification(VerificationBegun Begun, VerificationView? Ended);

/// <summary>What the supervisor's journal adds up to.</summary>
/// <param name="Epoch">Number of the last reign; 0 before the first.</param>
/// <param name="SetFacts">For each replica set, configured or not, the stored facts that its state follows from; those that others have overtaken are dropped.</param>
/// <param name="Runs">Oldest first; at most <see cref="MaxRuns"/> of them have ended.</param>
/// <param name="Schedules">Where schedules stand, and what compactions gave.</param>
/// <param name="Freezes">The kill switches.</param>
/// <param name="Audit">Who ordered what.</param>
internal sealed record SupervisorState(
    long Epoch,
    ImmutableDictionary<ReplicaSetKey, ImmutableList<DurableReplicaSetEvent>> SetFacts,
    ImmutableList<RegisteredRun> Runs,
    ScheduleState Schedules,
    FreezeState Freezes,
    AuditLog Audit)
{
    /// <summary>Verifications that are remembered after they have ended.</summary>
    public const int MaxVerifications = 16;

    /// <summary>Runs that are remembered; more than can be configured to stay in the list of runs, in case their histories cannot be deleted.</summary>
    public const int MaxRuns = 20_000;

    /// <summary>Who is about to take members out.</summary>
    public HoldState Holds { get; init; } = HoldState.Initial;

    /// <summary>How far the book of each node has been noted, in which it keeps what was ordered of it directly.</summary>
    public ImmutableDictionary<NodeKey, NodeOrdersNoted> NodeBooks { get; init; } = ImmutableDictionary<NodeKey, NodeOrdersNoted>.Empty;

    /// <summary>What was told of nodes; what looks different now, but has not lasted yet, is forgotten with the reign.</summary>
    public NodeConditionWatch Conditions { get; init; } = NodeConditionWatch.Initial;

    /// <summary>Those at work, and the last <see cref="MaxVerifications"/> that have ended; oldest first.</summary>
    public ImmutableList<KeptVerification> Verifications { get; init; } = [];

    /// <summary>Before the first event.</summary>
    public static SupervisorState Initial { get; } = new(
        0,
        ImmutableDictionary<ReplicaSetKey, ImmutableList<DurableReplicaSetEvent>>.Empty,
        [],
        ScheduleState.Initial,
        FreezeState.Initial,
        AuditLog.Initial);

    /// <summary>The state after an event.</summary>
    public SupervisorState Apply(SupervisorEvent fact) => fact switch
    {
        SupervisorStarted started => this with { Epoch = started.Epoch },
        ReplicaSetRecorded recorded => this with { SetFacts = Remember(new ReplicaSetKey(recorded.Cluster, recorded.Event.ReplicaSet), recorded.Event) },
        RunRegistered registered => this with
        {
            Runs = Runs.RemoveAll(run => run.RunId == registered.RunId)
                .Add(new RegisteredRun(registered.RunId, registered.Cluster, registered.ReplicaSets, true, registered.Origin)),
        },
        RunReleased released => this with
        {
            Runs = Ended(Runs, released.RunId),
            Schedules = ScheduleDecider.Forget(Schedules, released.RunId),
        },
        RunForgotten forgotten => this with { Runs = Runs.RemoveAll(run => run.RunId == forgotten.RunId) },
        ScheduleRecorded recorded => this with { Schedules = ScheduleDecider.Apply(Schedules, recorded.Event) },
        FreezeRecorded recorded => this with { Freezes = FreezeDecider.Apply(Freezes, recorded.Event) },
        HoldRecorded recorded => this with { Holds = HoldDecider.Apply(Holds, recorded.Event) },
        AuditRecorded recorded => this with { Audit = Audit.Add(recorded.Entry) },
        NodeConditionRecorded recorded => this with { Conditions = Conditions.Apply(recorded.Change) },
        NodeOrdersNoted noted => this with { NodeBooks = NodeBooks.SetItem(new NodeKey(noted.Cluster, noted.Node), noted) },
        AuditSegmentStored stored => this with { Audit = Audit.With(stored.Segment) },
        AuditSegmentForgotten forgotten => this with { Audit = Audit.Without(forgotten.First) },
        VerificationBegun begun => this with { Verifications = Verifications.Add(new KeptVerification(begun, null)) },
        VerificationRecorded recorded => this with { Verifications = Ended(Verifications, recorded.View) },
        _ => throw new InvalidOperationException($"unknown event {fact.GetType().Name}"),
    };

    /// <summary>The facts about a cluster's replica sets, by their names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DurableReplicaSetEvent>> SetFactsOf(string cluster) => SetFacts
        .Where(entry => entry.Key.Cluster == cluster)
        .ToDictionary(entry => entry.Key.ReplicaSet, IReadOnlyList<DurableReplicaSetEvent> (entry) => entry.Value, StringComparer.Ordinal);

    /// <summary>The shortest history that adds up to this state, but for what a new reign need not know.</summary>
    public SupervisorSnapshot ToSnapshot(DateTimeOffset now) => new(
    [
        new SupervisorStarted(Epoch, "", now),
        .. SetFacts.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal)
            .SelectMany(entry => entry.Value.Select(fact => new ReplicaSetRecorded(entry.Key.Cluster, fact, fact.At))),
        .. Runs.SelectMany(run => Facts(run, now)),
        .. ScheduleHistory.Of(Schedules).Select(fact => new ScheduleRecorded(fact, fact.At)),
        .. Freezes.Freezes.Values.Select(freeze => new FreezeRecorded(new FreezeStarted(freeze, freeze.At), freeze.At)),
        .. Holds.Holds.Select(hold => new HoldRecorded(new HoldPlaced(hold, hold.At), hold.At)),
        .. NodeBooks.Values.OrderBy(book => book.ToString(), StringComparer.Ordinal),
        .. Conditions.Holding.OrderBy(key => key.ToString(), StringComparer.Ordinal)
            .Select(key => new NodeConditionRecorded(new NodeConditionChange(key.Cluster, key.Node, key.Condition, true, "", now), now)),
        .. Audit.Segments.Select(segment => new AuditSegmentStored(segment, now)),
        .. Verifications.SelectMany(Facts),
        .. Audit.Entries.Select(entry => new AuditRecorded(entry, entry.At)),
    ]);

    /// <summary>Whether an order that was given to a node directly is in the audit trail already. A number that comes again for a later order is that of a book whose disk failed.</summary>
    public bool HasNoted(RecordOrder order) =>
        NodeBooks.TryGetValue(new NodeKey(order.Cluster, order.Subject), out var noted)
        && noted.Book == order.Book && order.Number <= noted.Through && order.At <= noted.LastGivenAt;

    /// <summary>The run, if it is known.</summary>
    public RegisteredRun? Find(string runId) => Runs.Find(run => run.RunId == runId);

    /// <summary>The active run that holds one of the replica sets; null if none does.</summary>
    public RegisteredRun? Holder(string cluster, IEnumerable<string> replicaSets) => Runs.Find(run =>
        run.Active && run.Cluster == cluster && run.ReplicaSets.Intersect(replicaSets, StringComparer.Ordinal).Any());

    private static IEnumerable<SupervisorEvent> Facts(RegisteredRun run, DateTimeOffset now)
    {
        yield return new RunRegistered(run.RunId, run.Cluster, run.ReplicaSets, now) { Origin = run.Origin };
        if (!run.Active)
        {
            yield return new RunReleased(run.RunId, now);
        }
    }

    private static IEnumerable<SupervisorEvent> Facts(KeptVerification kept)
    {
        yield return kept.Begun;
        if (kept.Ended is { } view)
        {
            yield return new VerificationRecorded(view, view.FinishedAt ?? kept.Begun.At);
        }
    }

    private static ImmutableList<KeptVerification> Ended(ImmutableList<KeptVerification> verifications, VerificationView view)
    {
        var next = verifications.ConvertAll(kept => kept.Begun.Id == view.Id ? kept with { Ended = view } : kept);
        var forgotten = next.Where(kept => kept.Ended is not null).SkipLast(MaxVerifications).ToList();
        return next.RemoveRange(forgotten);
    }

    private static ImmutableList<RegisteredRun> Ended(ImmutableList<RegisteredRun> runs, string runId)
    {
        var index = runs.FindIndex(run => run.RunId == runId);
        var next = index < 0 ? runs : runs.SetItem(index, runs[index] with { Active = false });
        return next.Count > MaxRuns && next.FindIndex(run => !run.Active) is var oldest and >= 0 ? next.RemoveAt(oldest) : next;
    }

    /// <summary>Facts before the last appointment do not matter any more, but for the request of its term; nor do step-downs that were given up.</summary>
    private ImmutableDictionary<ReplicaSetKey, ImmutableList<DurableReplicaSetEvent>> Remember(ReplicaSetKey key, DurableReplicaSetEvent fact)
    {
        var facts = SetFacts.GetValueOrDefault(key, []);
        return fact switch
        {
            PrimaryAppointed => SetFacts.SetItem(key, [facts.Last(one => one is TermRequested), (PrimaryAppointed)fact]),
            TermRequested requested => SetFacts.SetItem(
                key, facts.RemoveRange(facts.FindLastIndex(one => one is PrimaryAppointed) + 1, facts.Count - facts.FindLastIndex(one => one is PrimaryAppointed) - 1).Add(requested)),
            StepDownStarted started => SetFacts.SetItem(key, facts.RemoveAll(one => one is StepDownStarted or StepDownAbandoned).Add(started)),
            _ => SetFacts.SetItem(key, facts.Add(fact)),
        };
    }
}
