using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Clusters;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// The clusters: the actor of each, what it has last told, and the way to it for questions and for what nodes tell. A plain class on the
/// supervisor's mailbox.
/// </summary>
internal sealed class ClusterBook
{
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(30);

    private readonly IReign _reign;
    private readonly Dictionary<string, KnownCluster> _known = new(StringComparer.Ordinal);
    private readonly HashSet<AddedCluster> _failed = [];
    private readonly Dictionary<string, ClusterWatch> _watches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);
    private IReadOnlyList<ICanTell> _nodes = [];
    private object? _taken;

    /// <param name="clusters">Those whose members come and report by themselves.</param>
    /// <param name="host">Remoting address of this process.</param>
    public ClusterBook(IReign reign, IReadOnlyList<ClusterDefinition> clusters, string host)
    {
        _reign = reign;
        Host = host;
        foreach (var engine in reign.Options.Engines)
        {
            Know(new KnownCluster(new ClusterDefinition(engine.Name, engine.Engine, []), engine, null));
        }

        foreach (var definition in clusters.Where(cluster => !_known.ContainsKey(cluster.Name)))
        {
            Know(new KnownCluster(definition, null, null));
        }
    }

    public IReadOnlyDictionary<string, ClusterWatch> Watches => _watches;

    public string Host { get; private set; }

    /// <summary>At the beginning of a reign, and when its epoch has changed: all is seen anew.</summary>
    public void Start()
    {
        foreach (var cluster in _known.Values.ToList())
        {
            if (Find(cluster.Name) is { } former)
            {
                _reign.Context.Stop(former);
            }

            Start(cluster);
        }

        TakeAdded();
    }

    /// <summary>Looks which clusters the process has learnt of since. One that is changed or withdrawn stays as it is while a run is active on it.</summary>
    public void TakeAdded()
    {
        if (_reign.Options.Added?.Declared is not { } declared || ReferenceEquals(declared, _taken))
        {
            return;
        }

        _taken = declared;
        foreach (var cluster in _known.Values.Where(known => known.Added is { } added && declared.GetValueOrDefault(known.Name) != added).ToList())
        {
            if (_reign.State.Runs.Any(run => run.Active && run.Cluster == cluster.Name))
            {
                _taken = null;
            }
            else
            {
                LetGo(cluster);
            }
        }

        foreach (var added in declared.Values.Where(added => !_known.ContainsKey(added.Name)))
        {
            Add(added);
        }
    }

    /// <summary>The pause between two steps on a cluster, where it has one of its own.</summary>
    public TimeSpan? SettleOf(string cluster) => _known.GetValueOrDefault(cluster)?.Engine?.Settle;

    public IActorRef? Find(string cluster) => _actors.GetValueOrDefault(cluster);

    public bool IsClusterActor(IActorRef child) => _actors.ContainsValue(child);

    public void OnNodesKnown(NodesKnown known)
    {
        (_nodes, Host) = (known.Nodes, known.Host);
        ObserveNodes();
    }

    /// <summary>Nodes that come by themselves: which cluster each belongs to it says itself.</summary>
    public void ObserveNodes()
    {
        foreach (var node in _nodes)
        {
            node.Tell(new ObserveNode(_reign.State.Epoch), _reign.Self);
        }
    }

    public void OnObservation(NodeObservation observation) => FromNode(observation.Cluster, observation.Node, observation);

    public void OnStateChanged(NodeStateChanged change) => FromNode(change.Cluster, change.Node, change);

    public void OnRefused(CommandRefused refused) => FromNode(
        _watches.Values.FirstOrDefault(watch => watch.Nodes.Contains(refused.Node))?.Definition.Name ?? "", refused.Node, refused);

    /// <summary>What an actor of a former epoch has still told is not listened to.</summary>
    /// <returns>The changes of members' states that are news.</returns>
    public IReadOnlyList<NodeStateChanged> Saw(ClusterSeen seen)
    {
        var cluster = seen.Watch.Definition.Name;
        if (Find(cluster)?.Equals(_reign.Sender) != true)
        {
            return [];
        }

        _watches[cluster] = seen.Watch;
        return seen.Changes;
    }

    /// <param name="troubles">What is in the way of a cluster's compactions beside itself.</param>
    public void OnList(ListClusters request, Func<string, IReadOnlyList<string>> troubles) => _reign.Sender.Tell(new ClusterList(
        [.. _watches.Where(known => request.Cluster is null || request.Cluster == known.Key).Select(known => View(known.Value, troubles))]));

    /// <inheritdoc cref="OnList"/>
    public IReadOnlyList<ClusterPicture> Pictures(Func<string, IReadOnlyList<string>> troubles) =>
        [.. _watches.Values.Select(watch => new ClusterPicture(View(watch, troubles), watch.Inventories, watch.MeasuredAt))];

    /// <param name="troubles">What is in the way of the cluster's compactions beside itself.</param>
    public void OnGet(GetCluster request, IReadOnlyList<string> troubles) =>
        _reign.Forward(request.Cluster, new ShowCluster(Host, ActiveRun(request.Cluster), troubles));

    public void OnReport(GetStorageReport request) => _reign.Forward(request.Cluster, new ReportCluster(_reign.State.Schedules));

    /// <param name="active">The active runs of the cluster.</param>
    public void OnExplain(ExplainUnits request, IReadOnlyList<RunView> active)
    {
        var (schedules, history) = (_reign.Options.Schedules, _reign.State.Schedules);
        var frozen = _reign.State.Freezes.On(request.Cluster, _reign.Now);
        _reign.Forward(request.Cluster, new ExplainCluster(
            request, snapshot => new ExplanationSources(snapshot, schedules, history, active, frozen)));
    }

    public void OnListMembersToCompare(ListMembersToCompare request)
    {
        if (Find(request.Cluster) is { } cluster)
        {
            cluster.Forward(request);
        }
        else
        {
            _reign.Sender.Tell(new MembersToCompare("", [], []));
        }
    }

    private void Know(KnownCluster cluster)
    {
        _known[cluster.Name] = cluster;
        _watches[cluster.Name] = ClusterTask.StartWatch(cluster.Definition, cluster.Engine, _reign.Options);
    }

    private void Start(KnownCluster cluster)
    {
        Know(cluster);
        var task = new ClusterTask(
            cluster.Definition, cluster.Engine, _reign.State.SetFactsOf(cluster.Name), _reign.State.Epoch, _reign.StartedAt, _reign.Options);
        _actors[cluster.Name] = _reign.Context.ActorOf(ClusterActor.Props(task));
    }

    private void Add(AddedCluster added)
    {
        try
        {
            Start(new KnownCluster(added.Definition, _reign.Options.Added!.Connect(added), added));
            _failed.Remove(added);
            _reign.Log.Info("cluster {0} is looked after", added.Name);
        }
        catch (EngineException e)
        {
            // Looked at again at the next tick; told once.
            _taken = null;
            if (_failed.Add(added))
            {
                _reign.Log.Warning("cluster {0} cannot be looked after: {1}", added.Name, e.Message);
            }
        }
    }

    private void LetGo(KnownCluster cluster)
    {
        _known.Remove(cluster.Name);
        _watches.Remove(cluster.Name);
        _reign.Log.Info("cluster {0} is no longer looked after as it was", cluster.Name);
        _reign.Options.Added!.Close(
            cluster.Added!, _actors.Remove(cluster.Name, out var actor) ? actor.GracefulStop(_endPatience) : Task.CompletedTask);
    }

    private void FromNode(string cluster, string node, object message)
    {
        if (Find(cluster) is { } actor)
        {
            actor.Forward(message);
        }
        else
        {
            _reign.Log.Warning("{0} of cluster {1} is not configured and is ignored", node, cluster);
        }
    }

    private ClusterView View(ClusterWatch watch, Func<string, IReadOnlyList<string>> troubles)
    {
        var name = watch.Definition.Name;
        return watch.View(_reign.State.Epoch, Host, ActiveRun(name), troubles(name), _reign.Now);
    }

    private string ActiveRun(string cluster) =>
        _watches.TryGetValue(cluster, out var watch)
            ? _reign.State.Holder(cluster, watch.Definition.ReplicaSets.Select(set => set.Name))?.RunId ?? ""
            : "";

    /// <param name="Engine">Null where its members come and report by themselves.</param>
    /// <param name="Added">Null for one of the configuration.</param>
    private sealed record KnownCluster(ClusterDefinition Definition, IEngineCluster? Engine, AddedCluster? Added)
    {
        public string Name => Definition.Name;
    }
}
