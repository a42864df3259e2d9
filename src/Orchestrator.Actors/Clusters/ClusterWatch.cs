using System.Collections.Immutable;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>What was seen of one cluster in a reign: members, changes of state, inventories, appointments. Pure.</summary>
/// <param name="History">The latest changes of each node, oldest first, bounded.</param>
/// <param name="Inventories">The last inventory of each node that gave one.</param>
/// <param name="Capabilities">What the cluster's engine can do, as far as its members do not tell.</param>
internal sealed record ClusterWatch(
    ClusterSightings Sightings,
    ImmutableDictionary<string, ImmutableList<NodeStateChanged>> History,
    ImmutableDictionary<string, NodeInventory> Inventories,
    EngineCapabilities Capabilities)
{
    public ClusterDefinition Definition => Sightings.Definition;

    /// <summary>When each of the inventories arrived.</summary>
    public ImmutableDictionary<string, DateTimeOffset> MeasuredAt { get; private init; } =
        ImmutableDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>When what nodes have of single replica sets was measured since, by node and set.</summary>
    public ImmutableDictionary<string, ImmutableDictionary<string, DateTimeOffset>> SetsMeasuredAt { get; private init; } =
        ImmutableDictionary.Create<string, ImmutableDictionary<string, DateTimeOffset>>(StringComparer.Ordinal);

    /// <summary>Why members did not give their inventory when they were last asked.</summary>
    public ImmutableDictionary<string, string> Unmeasured { get; private init; } = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Why the members are not known; empty if they are.</summary>
    public string Undiscovered { get; init; } = "";

    /// <summary>The members that obey another supervisor.</summary>
    public ImmutableDictionary<string, Outranking> Outranked { get; init; } = ImmutableDictionary.Create<string, Outranking>(StringComparer.Ordinal);

    /// <summary>A member that obeys another supervisor, if there is one: one that has lately heard of it rather than another.</summary>
    public Outranking? OutrankedBy => Outranked.Values.OrderByDescending(found => found.OtherReigns).FirstOrDefault();

    /// <summary>Why the members cannot be looked after; empty if they can.</summary>
    public string Trouble => Undiscovered.Length > 0 ? Undiscovered : OutrankedBy?.Trouble ?? "";

    /// <summary>The appointed primary of each replica set whose primaries are appointed.</summary>
    public ImmutableDictionary<string, AppointedPrimary> Appointed { get; init; } =
        ImmutableDictionary.Create<string, AppointedPrimary>(StringComparer.Ordinal);

    /// <summary>All configured nodes.</summary>
    public IEnumerable<string> Nodes => Definition.ReplicaSets.SelectMany(set => set.Members).Distinct(StringComparer.Ordinal);

    public static ClusterWatch Start(ClusterDefinition definition, EngineCapabilities capabilities) => new(
        ClusterSightings.Start(definition),
        ImmutableDictionary.Create<string, ImmutableList<NodeStateChanged>>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, NodeInventory>(StringComparer.Ordinal),
        capabilities);

    /// <summary>The watch with new sightings and what changed with them.</summary>
    /// <param name="historyLength">How many changes are remembered for each node.</param>
    public ClusterWatch With(ClusterSightings sightings, IReadOnlyList<NodeStateChanged> changes, int historyLength)
    {
        var history = History;
        foreach (var change in changes)
        {
            var longer = history.GetValueOrDefault(change.Node, []).Add(change);
            history = history.SetItem(change.Node, longer.RemoveRange(0, Math.Max(0, longer.Count - historyLength)));
        }

        return this with { Sightings = sightings, History = history };
    }

    /// <summary>The watch with a node's new inventory, or with what it has of one replica set.</summary>
    public ClusterWatch With(NodeInventory inventory, DateTimeOffset now) => inventory.ReplicaSet is { } set
        ? WithPart(inventory, set, now)
        : this with
        {
            Inventories = Inventories.SetItem(inventory.Node, inventory),
            MeasuredAt = MeasuredAt.SetItem(inventory.Node, now),
            SetsMeasuredAt = SetsMeasuredAt.Remove(inventory.Node),
            Unmeasured = Unmeasured.Remove(inventory.Node),
        };

    /// <summary>A part of what is not known as a whole tells nothing: it was asked for before the node had left.</summary>
    private ClusterWatch WithPart(NodeInventory part, string set, DateTimeOffset now) => Inventories.TryGetValue(part.Node, out var known)
        ? this with
        {
            Inventories = Inventories.SetItem(part.Node, known.With(part)),
            SetsMeasuredAt = SetsMeasuredAt.SetItem(part.Node, SetsMeasuredAt.GetValueOrDefault(part.Node, ImmutableDictionary<string, DateTimeOffset>.Empty).SetItem(set, now)),
            Unmeasured = Unmeasured.Remove(part.Node),
        }
        : this;

    /// <summary>The watch after a node has refused its inventory.</summary>
    public ClusterWatch WithoutInventory(string node, string reason) => this with { Unmeasured = Unmeasured.SetItem(node, reason) };

    /// <summary>What planner and runs look at.</summary>
    public ClusterSnapshot Snapshot(DateTimeOffset now)
    {
        var snapshot = Sightings.Snapshot(Capabilities, Inventories, now);
        return snapshot with
        {
            Members = [.. snapshot.Members.Select(member => member with
            {
                MeasuredAt = MeasuredAt.GetValueOrDefault(member.Observation.Node, DateTimeOffset.MinValue),
                SetsMeasuredAt = SetsMeasuredAt.GetValueOrDefault(member.Observation.Node, ImmutableDictionary<string, DateTimeOffset>.Empty),
                Unmeasured = Unmeasured.GetValueOrDefault(member.Observation.Node, ""),
            })],
        };
    }

    /// <summary>What a node can do, as far as it was told.</summary>
    public EngineCapabilities CapabilitiesOf(string node) =>
        Sightings.Members.GetValueOrDefault(node)?.Observation.Capabilities ?? Inventories.GetValueOrDefault(node)?.Capabilities ?? Capabilities;

    /// <summary>A snapshot with what has since been estimated in another mode.</summary>
    public ClusterSnapshot WithFrugal(ClusterSnapshot snapshot, string mode) => snapshot with
    {
        Members = [.. snapshot.Members.Select(member => member with
        {
            FrugalUnits = Inventories.TryGetValue(member.Observation.Node, out var inventory) && inventory.Mode == mode ? inventory.Units : member.Units,
        })],
    };

    /// <summary>Whether a member was heard of and has not gone silent.</summary>
    public bool IsReachable(string node) =>
        Sightings.Members.TryGetValue(node, out var sighting) && sighting.Observation.State != NodeState.Unreachable;

    /// <summary>Why nothing can be ordered of a member now; null if it can.</summary>
    public RequestFailed? Refusal(string node)
    {
        if (!Nodes.Contains(node))
        {
            return new RequestFailed(FailureCode.NotFound, $"cluster {Definition.Name} has no node '{node}'; {Core.KnownNames.Of(Nodes, "it has none")}", "");
        }

        return IsReachable(node) ? null : new RequestFailed(FailureCode.Unavailable, $"{node} does not answer", "");
    }

    /// <summary>Who is there to be compared with a member: the members of its set.</summary>
    public MembersToCompare MembersToCompare(string node)
    {
        var set = Definition.ReplicaSets.FirstOrDefault(each => each.Members.Contains(node)) ?? new ReplicaSetDefinition("", []);
        var present = set.Members.Where(IsReachable).ToList();
        return new MembersToCompare(Appointed.GetValueOrDefault(set.Name)?.Primary ?? "", present, [.. set.Members.Except(present)]);
    }

    /// <summary>Whether every member of a member's set was heard of.</summary>
    public bool HasHeardAllBeside(string node) =>
        Definition.ReplicaSets.Where(set => set.Members.Contains(node)).All(set => set.Members.All(Sightings.Members.ContainsKey));

    /// <summary>The cluster as people look at it.</summary>
    /// <param name="epoch">Number of the reign.</param>
    /// <param name="host">Remoting address of the process that hosts the supervisor.</param>
    /// <param name="activeRun">Id of the run at work on it; empty for none.</param>
    /// <param name="troubles">What else is in the way of its compactions.</param>
    public ClusterView View(long epoch, string host, string activeRun, IReadOnlyList<string> troubles, DateTimeOffset now) => new(
        Definition.Name,
        Definition.Engine,
        epoch,
        host,
        activeRun,
        [.. Definition.ReplicaSets.Select(set => Appointed.TryGetValue(set.Name, out var appointed)
            ? View(set, appointed.Term, appointed.Primary, now) with { Trouble = Sightings.TroubleWith(set, appointed.Primary) }
            : ViewObserved(set, now))])
    {
        Trouble = string.Join("; ", troubles.Prepend(Trouble).Where(trouble => trouble.Length > 0)),
    };

    /// <summary>Of an engine that elects its primaries itself.</summary>
    private ReplicaSetView ViewObserved(ReplicaSetDefinition set, DateTimeOffset now)
    {
        var seen = Sightings.Of(set).Select(sighting => sighting.Observation).ToList();
        var primary = seen.Where(member => member.Role == MemberRole.Primary && member.State.IsReachable()).MaxBy(member => member.Term);
        return View(set, seen.Select(member => member.Term).DefaultIfEmpty(0).Max(), primary?.Node ?? "", now);
    }

    private ReplicaSetView View(ReplicaSetDefinition set, long term, string primary, DateTimeOffset now) => new(
        set.Name,
        term,
        primary,
        [.. set.Members.Select(node => Sightings.Members.TryGetValue(node, out var sighting)
            ? new MemberView(true, ClusterSightings.AsSeen(sighting, now).In(set.Name), History.GetValueOrDefault(node, []))
            : new MemberView(false, NodeObservation.Never(Definition.Name, set.Name, node), []))]);
}

/// <summary>Whom the last appointment of a replica set names.</summary>
/// <param name="Term">0 before the first appointment.</param>
/// <param name="Primary">Empty before the first appointment.</param>
internal sealed record AppointedPrimary(string ReplicaSet, long Term, string Primary) : LocalMessage;
