using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestrator.Actors.Journals;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Observes every node, appoints primaries, makes plans and starts runs, also by schedules. Owns the journal <c>supervisor</c>: its
/// epoch, the replica sets' terms and appointments, which runs hold which sets, schedules, freezes and the audit trail. Anyone may send it an <see cref="ISupervisorRequest"/>;
/// nodes answer it. Survives a restart: that journal; what it has seen of nodes it sees again.
/// </summary>
internal sealed partial class SupervisorActor : JournaledActor, IWithTimers
{
    private readonly SupervisorOptions options;
    private readonly Props directory;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<string, ClusterWatch> watches = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeKey, IActorRef> nodes = [];
    private readonly Dictionary<IActorRef, NodeKey> nodesByRef = [];
    private IReadOnlyList<ICanTell> candidates = [];
    private SupervisorState state;
    private DateTimeOffset reignStartedAt;
    private string host;

    public SupervisorActor(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters, Props directory)
    {
        this.options = options;
        this.directory = directory;
        host = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress.ToString();
        foreach (var engine in options.Engines)
        {
            externals[engine.Name] = new ExternalCluster(engine);
            watches[engine.Name] = ClusterWatch.Start(new ClusterDefinition(engine.Name, engine.Engine, []), engine.Capabilities);
        }

        var own = clusters.Where(cluster => !externals.ContainsKey(cluster.Name)).ToList();
        state = SupervisorState.Initial(own);
        foreach (var cluster in own)
        {
            watches[cluster.Name] = ClusterWatch.Start(cluster, options.NodeCapabilities);
        }

        Recover<SupervisorEvent>(fact => state = state.Apply(fact));
        Recover<RecoveryCompleted>(_ => BeginReign());
        ReceiveObservations();
        ReceiveReplicaSets();
        ReceiveExternals();
        ReceiveQueries();
        ReceiveUpkeep();
        ReceiveVerifications();
        ReceiveRuns();
        ReceiveHistories();
        ReceiveSchedules();
        ReceiveFreezes();
        ReceiveExplanations();
        ReceiveAudit();
        ReceiveNotifications();
        ReceiveSnapshots();
    }

    public override string PersistenceId => "supervisor";

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    /// <summary>The singleton that observes the processes of the cluster.</summary>
    public static Props Props(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters) =>
        SupervisorHost.Props(Props(options, clusters, NodeDirectoryActor.Props(options.NodeRole)), options);

    /// <summary>One that learns of nodes from a directory of its own, which tells it <see cref="NodesKnown"/>.</summary>
    public static Props Props(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters, Props directory) =>
        Akka.Actor.Props.Create(() => new SupervisorActor(options, clusters, directory));

    /// <summary>Off the actor's thread: the database may be asked what is wrong with it.</summary>
    protected override void TellFailure(string what, Exception failure)
    {
        var (toLog, explain) = (log, options.ExplainJournalFailure);
        _ = Task.Run(() => toLog.Error("The supervisor's journal {0}, and it is started again: {1}.", what, explain(failure)));
    }

    private void BeginReign() => Persist(new SupervisorStarted(state.Epoch + 1, host, Now), started =>
    {
        state = state.Apply(started);
        reignStartedAt = started.At;
        log.Info("the supervisor reigns in epoch {0}", state.Epoch);
        Context.ActorOf(directory, "directory");
        StartNotifications();
        StartExternals();
        RecoverRuns();
        ResumeVerifications();
        Timers.StartPeriodicTimer("observe", Tick.Observe, TimeSpan.Zero, options.ObserveInterval);
        Timers.StartPeriodicTimer("assess", Tick.Assess, options.AssessInterval, options.AssessInterval);
    });

    private sealed record Tick(string Name)
    {
        public static Tick Observe { get; } = new("observe");

        public static Tick Assess { get; } = new("assess");

        /// <summary>Members have told their sizes, for which runs wait.</summary>
        public static Tick Measured { get; } = new("measured");
    }
}
