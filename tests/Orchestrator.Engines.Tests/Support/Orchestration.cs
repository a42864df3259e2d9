using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Actors;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>A real supervisor with a journal in memory that drives one cluster.</summary>
internal sealed class Orchestration : IAsyncDisposable
{
    public const string Cluster = "kube";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly ActorSystem system;
    private readonly Func<string, IEngineCluster> open;
    private readonly Func<CompactionPolicy, CompactionPolicy> adjust;
    private IEngineCluster engine;
    private IActorRef supervisor;
    private readonly List<IEngineCluster> abandoned = [];
    private int reigns;

    public Orchestration(EtcdClusterOptions options, Func<CompactionPolicy, CompactionPolicy>? adjust = null)
        : this(process => new EtcdCluster(options, process, TimeProvider.System), adjust)
    {
    }

    /// <param name="open">Makes new drivers of the cluster, for an orchestrator of this name.</param>
    public Orchestration(Func<string, IEngineCluster> open, Func<CompactionPolicy, CompactionPolicy>? adjust = null)
    {
        system = ActorSystem.Create("orchestrator", ConfigurationFactory.ParseString(OrchestratorSerialization.Config + """

            akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            akka.log-dead-letters = off
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            """));
        (this.open, this.adjust) = (open, adjust ?? (policy => policy));
        (engine, supervisor) = Reign();
    }

    /// <summary>A supervisor with drivers that know nothing of what was before.</summary>
    private (IEngineCluster Engine, IActorRef Supervisor) Reign()
    {
        // The lock is that of one orchestrator, whichever of its processes has it.
        var drivers = open($"test {GetHashCode()}");
        var policy = adjust(CompactionPolicy.Default with
        {
            RetryBackoff = TimeSpan.FromMilliseconds(200),
            Settle = TimeSpan.FromMilliseconds(200),
            UnreachableGrace = TimeSpan.FromSeconds(120),
        });
        var supervision = new SupervisorOptions
        {
            ObserveInterval = TimeSpan.FromMilliseconds(100),
            AssessInterval = TimeSpan.FromMilliseconds(100),
            InventoryTimeout = TimeSpan.FromSeconds(30),
            Compaction = policy,
            Engines = [drivers],
        };
        return (drivers, system.ActorOf(
            SupervisorHost.Props(SupervisorActor.Props(supervision, [], Props.Create(() => new NoDirectory())), supervision), $"supervisor-{++reigns}"));
    }

    /// <summary>Ends the supervisor as the death of its process would: nothing is given back, and the next one's drivers know of nothing.</summary>
    public async Task KillSupervisor()
    {
        await supervisor.GracefulStop(Patience, Kill.Instance);
        abandoned.Add(engine);
        (engine, supervisor) = Reign();
    }

    public static EtcdClusterOptions OptionsFor(EtcdProcesses etcd) => new()
    {
        Name = Cluster,
        Endpoints = [.. etcd.Endpoints.Take(3)],
        DiscoverInterval = TimeSpan.FromMilliseconds(500),
        RequestTimeout = TimeSpan.FromSeconds(10),
        LockTimeToLive = TimeSpan.FromSeconds(30),
    };

    public static CompactionRequest Request(Func<CompactionOptions, CompactionOptions>? adjust = null) =>
        new(Cluster, CompactionScope.Everything, adjust is null ? CompactionOptions.Default : adjust(CompactionOptions.Default));

    public async Task<T> Ask<T>(ISupervisorRequest request) => await supervisor.Ask<object>(request, Patience) switch
    {
        T answer => answer,
        RequestFailed failed => throw new RefusedException(failed),
        var other => throw new InvalidOperationException($"unexpected answer {other}"),
    };

    public Task<RunView> Start(string runId, Func<CompactionOptions, CompactionOptions>? adjust = null) =>
        Ask<RunView>(new StartRun(runId, Request(adjust)));

    /// <summary>Follows a run to its end, or until an event is seen.</summary>
    public async Task<RunEventBatch> Follow(string runId, Func<RunEvent, bool>? until = null, int after = 0)
    {
        using var patience = new CancellationTokenSource(Patience);
        var events = new List<RecordedRunEvent>();
        while (true)
        {
            var batch = await Ask<RunEventBatch>(new ReadRunEvents(runId, after + events.Count, TimeSpan.FromSeconds(2)));
            events.AddRange(batch.Events);
            if ((until is not null && batch.Events.Any(recorded => until(recorded.Event))) || batch.Run.FinishedAt is not null)
            {
                return new RunEventBatch(events, batch.Run);
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"run {runId} went no further than: {batch.Run.State} {batch.Run.Reason}");
            }
        }
    }

    /// <summary>Starts a run and follows it to its end.</summary>
    public async Task<RunEventBatch> Run(string runId, Func<CompactionOptions, CompactionOptions>? adjust = null)
    {
        await Start(runId, adjust);
        return await Follow(runId);
    }

    /// <summary>From now on nothing of the cluster's runs begins until <see cref="LetGo"/>; what is at work goes on.</summary>
    public Task<HoldView> Hold() => Ask<HoldView>(new PlaceHold(Cluster, "test", "a look", [], TimeSpan.FromMinutes(10), "ann"));

    public Task<HoldList> LetGo() => Ask<HoldList>(new ReleaseHold(Cluster, "test", "ann"));

    public async Task<ReplicaSetView> View() => (await Ask<ClusterView>(new GetCluster(Cluster))).ReplicaSets.Single();

    public async ValueTask DisposeAsync()
    {
        await system.Terminate();
        foreach (var driver in abandoned.Append(engine))
        {
            await driver.DisposeAsync();
        }
    }

    private sealed class NoDirectory : ReceiveActor
    {
    }
}

/// <summary>The supervisor did not do what was asked.</summary>
internal sealed class RefusedException(RequestFailed failure) : Exception($"{failure.Code}: {failure.Message}")
{
    public RequestFailed Failure => failure;
}
