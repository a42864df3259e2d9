using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Questions about clusters, and the inventories that reports and plans need.</content>
internal sealed partial class SupervisorActor
{
    private const int MaxInventoryRounds = 100;
    private static readonly TimeSpan MeasureAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MeasuredTogether = TimeSpan.FromMilliseconds(200);

    // Rounds of inventories under way, by number.
    private readonly Dictionary<long, InventoryRound> rounds = [];
    private long lastRound;

    // Members whose sizes a run waits for, and since when.
    private readonly Dictionary<NodeKey, DateTimeOffset> measuring = [];

    private void ReceiveQueries()
    {
        Command<ListClusters>(_ => Sender.Tell(new ClusterList([.. watches.Values.Select(View)])));
        Command<GetCluster>(request => WhenSeen(request.Cluster, request, _ => Sender.Tell(watches.TryGetValue(request.Cluster, out var watch)
            ? View(watch)
            : NoSuchCluster(request.Cluster))));
        Command<GetStorageReport>(request => WhenSeen(request.Cluster, request, OnGetStorageReport));
        Command<NodeInventory>(OnInventory);
        Command<InventoryTimedOut>(timedOut => CompleteRound(timedOut.Round));
        Command<MeasureForRun>(OnMeasure);
    }

    private RequestFailed NoSuchCluster(string name)
    {
        return new RequestFailed(FailureCode.NotFound, $"there is no cluster '{name}'; {Core.KnownNames.Of(watches.Keys, "none is configured")}", "");
    }

    private ClusterView View(ClusterWatch watch) => watch.View(state, host) with
    {
        Trouble = TroubleWith(watch),
    };

    /// <summary>Why a cluster's members cannot be looked after; empty if they can.</summary>
    private string TroubleWith(ClusterWatch watch) =>
        externals.GetValueOrDefault(watch.Definition.Name)?.Trouble?.Message ?? outranked.GetValueOrDefault(watch.Definition.Name, "");

    private void OnGetStorageReport(GetStorageReport request)
    {
        if (!watches.ContainsKey(request.Cluster))
        {
            Sender.Tell(NoSuchCluster(request.Cluster));
            return;
        }

        var sender = Sender;
        TakeInventories(request.Cluster, "", missing =>
        {
            var watch = watches[request.Cluster];
            sender.Tell(new StorageReport(
                request.Cluster,
                [.. watch.Nodes.Except(missing).Where(watch.Inventories.ContainsKey).Select(node => watch.Inventories[node])],
                missing,
                Now));
        });
    }

    /// <summary>Asks every node of a cluster for its inventory and goes on when all have answered or the time is over.</summary>
    /// <param name="then">Is told which nodes have not answered.</param>
    /// <returns>False if too many are under way, which the sender is told.</returns>
    private bool TakeInventories(
        string cluster,
        string mode,
        Action<IReadOnlyList<string>> then,
        OptionValues? engineOptions = null)
    {
        if (rounds.Count >= MaxInventoryRounds)
        {
            Sender.Tell(new RequestFailed(FailureCode.Unavailable, $"{MaxInventoryRounds} inventories are under way already", ""));
            return false;
        }

        // Unreachable nodes are asked too, but not waited for.
        var watch = watches[cluster];
        var awaited = watch.Nodes.Where(node => IsReachable(watch, node)).ToHashSet(StringComparer.Ordinal);
        var missing = watch.Nodes.Except(awaited).ToHashSet(StringComparer.Ordinal);
        var number = ++lastRound;
        rounds[number] = new InventoryRound(cluster, awaited, missing, then);
        // A mode that the engine does not have is for the planner to refuse or to choose; nodes would not answer for it.
        var estimated = watch.Snapshot(Now).Capabilities.Modes.Contains(mode) ? mode : "";
        foreach (var node in watch.Nodes)
        {
            Tell(cluster, node, new TakeInventory(state.Epoch, estimated) { EngineOptions = engineOptions ?? OptionValues.None });
        }

        if (awaited.Count == 0)
        {
            CompleteRound(number);
        }
        else
        {
            Timers.StartSingleTimer(number, new InventoryTimedOut(number), options.InventoryTimeout);
        }

        return true;
    }

    /// <summary>A run asks at each of its looks; the member is asked again only when its answer is long due.</summary>
    private void OnMeasure(MeasureForRun request)
    {
        var key = new NodeKey(request.Cluster, request.Order.Node);
        if (!measuring.TryGetValue(key, out var askedAt) || Now - askedAt >= MeasureAgainAfter)
        {
            measuring[key] = Now;
            Tell(key.Cluster, key.Node, new TakeInventory(state.Epoch, request.Order.Mode) { EngineOptions = request.Order.Options });
        }
    }

    private bool IsReachable(ClusterWatch watch, string node) =>
        nodes.ContainsKey(new NodeKey(watch.Definition.Name, node))
        && watch.Sightings.Members.TryGetValue(node, out var sighting)
        && sighting.Observation.State != NodeState.Unreachable;

    private void OnInventory(NodeInventory inventory)
    {
        if (!nodesByRef.TryGetValue(Sender, out var node) || node.Node != inventory.Node)
        {
            return;
        }

        watches[node.Cluster] = watches[node.Cluster].With(inventory, Now);
        if (measuring.Remove(node) && !Timers.IsTimerActive(Tick.Measured))
        {
            // A look at a large cluster costs more than an inventory: one for all that come in a moment.
            Timers.StartSingleTimer(Tick.Measured, Tick.Measured, MeasuredTogether);
        }

        foreach (var (number, round) in rounds.Where(entry => entry.Value.Cluster == node.Cluster).ToList())
        {
            round.Missing.Remove(inventory.Node);
            round.Awaited.Remove(inventory.Node);
            if (round.Awaited.Count == 0)
            {
                CompleteRound(number);
            }
        }
    }

    /// <summary>Of what an external member is asked, only its inventory can be refused: nobody needs to wait for it any longer.</summary>
    private void OnInventoryRefused()
    {
        if (!nodesByRef.TryGetValue(Sender, out var node) || !externals.ContainsKey(node.Cluster))
        {
            return;
        }

        foreach (var (number, round) in rounds.Where(entry => entry.Value.Cluster == node.Cluster && entry.Value.Awaited.Contains(node.Node)).ToList())
        {
            round.Awaited.Remove(node.Node);
            round.Missing.Add(node.Node);
            if (round.Awaited.Count == 0)
            {
                CompleteRound(number);
            }
        }
    }

    private void CompleteRound(long number)
    {
        if (rounds.Remove(number, out var round))
        {
            Timers.Cancel(number);
            round.Then([.. watches[round.Cluster].Nodes.Where(node => round.Awaited.Contains(node) || round.Missing.Contains(node))]);
        }
    }

    private sealed record InventoryRound(
        string Cluster, HashSet<string> Awaited, HashSet<string> Missing, Action<IReadOnlyList<string>> Then);

    private sealed record InventoryTimedOut(long Round) : LocalMessage;
}
