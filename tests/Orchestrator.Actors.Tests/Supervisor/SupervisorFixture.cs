using Akka.Actor;
using Microsoft.Data.Sqlite;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

/// <summary>A supervisor with a journal in memory over database nodes with real files, all in one process.</summary>
public abstract class SupervisorFixture : PatientTestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan OneAnswer = TimeSpan.FromSeconds(2);
    private IActorRef supervisor = ActorRefs.Nobody;
    private int starts;

    protected SupervisorFixture()
        : base(Config)
    {
    }

    private static string Config => OrchestratorSerialization.Config + """

        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        akka.log-dead-letters = off
        """;

    internal TestNodes Nodes { get; set; } = null!;

    internal SupervisorOptions Options { get; set; } = new()
    {
        NodeCapabilities = EmbeddedCapabilities.Instance,
        ObserveInterval = TimeSpan.FromMilliseconds(50),
        AssessInterval = TimeSpan.FromMilliseconds(50),
        InventoryTimeout = TimeSpan.FromSeconds(30),
        ReplicaSets = ReplicaSetPolicy.Default with
        {
            // Members that a busy machine keeps from answering are no dead ones.
            UnreachableAfter = TimeSpan.FromSeconds(20),
            FailoverGrace = TimeSpan.FromSeconds(30),
            FirstAppointmentGrace = TimeSpan.FromSeconds(60),
        },
        Compaction = CompactionPolicy.Default with { Settle = TimeSpan.FromMilliseconds(100), RetryBackoff = TimeSpan.FromMilliseconds(200) },
    };

    internal void Begin(int count)
    {
        Nodes = new TestNodes(Sys, count);
        StartSupervisor();
    }

    /// <summary>For tests in which a member stays away: the supervisor notices it soon.</summary>
    internal void NoticeAbsenceSoon() => Options = Options with
    {
        ReplicaSets = Options.ReplicaSets with { UnreachableAfter = TimeSpan.FromSeconds(3), FailoverGrace = TimeSpan.FromSeconds(4) },
    };

    internal void StartSupervisor()
    {
        var directory = Props.Create(() => new Directory(Nodes));
        supervisor = Sys.ActorOf(
            SupervisorHost.Props(SupervisorActor.Props(Options, [Nodes.Cluster], directory), Options), $"supervisor-{++starts}");
    }

    internal Task StopSupervisorAsync() => supervisor.GracefulStop(Patience);

    /// <summary>Ends the supervisor as the death of its process would, whatever waits on its mailbox.</summary>
    internal Task KillSupervisorAsync() => supervisor.GracefulStop(Patience, Kill.Instance);

    /// <summary>Ends a child of the supervisor, as a failing journal does.</summary>
    internal async Task StopChildAsync(string name)
    {
        var child = await Sys.ActorSelection($"{supervisor.Path}/{SupervisorHost.ChildName}/{name}").ResolveOne(Patience);
        await child.GracefulStop(Patience);
    }

    /// <summary>Has the actor fail that appoints the primaries of the only cluster, and waits until the supervisor has ended with it.</summary>
    internal async Task KillAppointmentsAsync()
    {
        var reign = await Sys.ActorSelection($"{supervisor.Path}/{SupervisorHost.ChildName}").ResolveOne(Patience);
        var appointments = await Sys.ActorSelection($"{reign.Path}/*/appointments").ResolveOne(Patience);
        await WatchAsync(reign);
        appointments.Tell(Kill.Instance);
        await ExpectTerminatedAsync(reign, Patience);
    }

    internal void Tell(ISupervisorRequest request) => supervisor.Tell(request);

    internal Task<object> AskAsync(ISupervisorRequest request) => supervisor.Ask<object>(request, Patience);

    internal async Task<T> AskAsync<T>(ISupervisorRequest request) => Assert.IsType<T>(await AskAsync(request));

    /// <summary>Asks a supervisor that has just failed: a request that reaches it in the moment of its end is lost, as on any actor.</summary>
    internal async Task<T> AwaitAnswerAsync<T>(ISupervisorRequest request)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                if (await supervisor.Ask<object>(request, OneAnswer, patience.Token) is not RequestFailed { Code: FailureCode.Unavailable } and var answer)
                {
                    return Assert.IsType<T>(answer);
                }

                await Poll.PauseAsync();
            }
            catch (AskTimeoutException)
            {
                // It was lost.
            }
        }
    }

    internal async Task<ReplicaSetView> AwaitSetAsync(Predicate<ReplicaSetView> condition) =>
        (await AwaitClusterAsync(cluster => condition(cluster.ReplicaSets.Single()))).ReplicaSets.Single();

    internal async Task<ClusterView> AwaitClusterAsync(Predicate<ClusterView> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var cluster = await AskAsync<ClusterView>(new GetCluster("test"));
            if (condition(cluster))
            {
                return cluster;
            }

            Assert.False(patience.IsCancellationRequested, $"the set never came to that: {Describe(cluster.ReplicaSets.Single())}");
            await Poll.PauseAsync();
        }
    }

    internal async Task<ReplicaSetView> AwaitPrimaryAsync()
    {
        var set = await AwaitSetAsync(set =>
            set.Primary.Length > 0 && set.Members.All(member => member.Observation is { State: NodeState.Online } seen && seen.Term == set.Term));
        await Nodes.AwaitServingAsync(set.Primary);
        return set;
    }

    /// <summary>Loads documents, deletes most of them, and waits until every member has all that.</summary>
    internal async Task LoadAsync(string primary, int documents, int keepEvery = 10)
    {
        var filler = new string('x', 400);
        var writes = Enumerable.Range(0, documents)
            .Select(i => new BulkWrite($"d{i}", System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i},\"filler\":\"{filler}\"}}")))
            .ToList();
        await WriteAsync(writes);
        Assert.IsType<IndexDefined>(await Nodes.AskAsync<DataReply>(primary, new PutIndex("shop", "orders", "by-n", "$.n")));
        var deletes = writes.Where((_, i) => i % keepEvery != 0).Select(write => write with { Body = default }).ToList();
        await WriteAsync(deletes);
        await Nodes.AwaitEqualAsync([.. Nodes.Names]);
        foreach (var node in Nodes.Names)
        {
            while (await Nodes.AskAsync<DataReply>(node, new GetIndex("shop", "orders", "by-n")) is not IndexDefined)
            {
                await Poll.PauseAsync();
            }
        }

        // On a busy machine a majority may confirm too late; written again, the same changes nothing.
        Task<BulkWritten> WriteAsync(List<BulkWrite> bulk) => TestNodes.AwaitReplyAsync<BulkWritten>(
            () => Nodes.AskAsync<DataReply>(primary, new WriteBulk("shop", "orders", bulk, WriteConcern.Majority)));
    }

    /// <summary>Changes what a member has on disk behind its back.</summary>
    internal async Task AlterAsync(string node, string sql)
    {
        await Nodes.StopAsync(node);
        var file = Path.Combine(Nodes.DirectoryOf(node), "shop", "orders", "documents.sqlite");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }

        Nodes.Start(node);
        await Nodes.ObserveUntilAsync(node, seen => seen.State == NodeState.Online, await EpochAsync());
        await AwaitPrimaryAsync();
    }

    internal async Task<long> EpochAsync() => (await AskAsync<ClusterView>(new GetCluster("test"))).Epoch;

    /// <summary>Reads a run's events as they come until it has ended.</summary>
    internal async Task<(RunView Run, IReadOnlyList<RunEvent> Events)> FollowAsync(string runId)
    {
        var events = new List<RunEvent>();
        using var patience = new CancellationTokenSource(Patience * 2);
        while (true)
        {
            var batch = await AskAsync<RunEventBatch>(new ReadRunEvents(runId, events.Count, TimeSpan.FromSeconds(1)));
            Assert.Equal(batch.Events.Select((_, i) => (long)events.Count + i + 1), batch.Events.Select(recorded => recorded.Sequence));

            // A plan of many units would be too long for a message, and is the same each time.
            Assert.Empty(batch.Run.Plan.ReplicaSets);
            Assert.All(
                batch.Events.Select(recorded => recorded.Event).OfType<RunPlanned>().SelectMany(planned => planned.Plan.Steps).OfType<CompactMemberStep>(),
                step => Assert.Equal((0, true), (step.Units.Count, step.BytesFreed > 0)));
            events.AddRange(batch.Events.Select(recorded => recorded.Event));
            if (batch.Run.FinishedAt is not null && batch.Events.Count == 0)
            {
                return (batch.Run, events);
            }

            Assert.False(patience.IsCancellationRequested, $"the run never ended: {batch.Run.State} {batch.Run.Reason}\n{string.Join('\n', events.Skip(1))}");
        }
    }

    /// <summary>Writes documents one after another, always to the primary. Gives the ids of those that were acknowledged.</summary>
    internal async Task<List<string>> WriteUntilAsync(CancellationToken stop)
    {
        var acknowledged = new List<string>();
        var primary = "node-1";
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            switch (await Nodes.PutAsync(primary, $"client-{i}", $"{{\"n\":{i}}}"))
            {
                case DocumentWritten written:
                    acknowledged.Add(written.Id);
                    break;
                case NotPrimary { Primary: not "" } elsewhere:
                    primary = elsewhere.Primary;
                    break;
                default:
                    await Poll.PauseAsync();
                    break;
            }
        }

        return acknowledged;
    }

    internal static CompactionRequest Everything => new("test", CompactionScope.Everything, CompactionOptions.Default);

    protected override void AfterAll()
    {
        base.AfterAll();
        Nodes?.Dispose();
    }

    private static string Describe(ReplicaSetView set) =>
        $"term {set.Term}, primary '{set.Primary}', "
        + string.Join(", ", set.Members.Select(member => $"{member.Observation.Node} {member.Observation.State} ({member.Observation.Reason})"));

    private sealed class Directory : ReceiveActor, IWithTimers
    {
        public Directory(TestNodes nodes)
        {
            // By address, as in production: a node that was started again is found under its new actor.
            Receive<string>(_ => Context.Parent.Tell(new NodesKnown([.. nodes.Names.Select(name => (ICanTell)nodes[name])], "here")));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("publish", "publish", TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }
}
