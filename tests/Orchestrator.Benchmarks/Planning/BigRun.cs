using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Actors;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Benchmarks.Planning;

/// <summary>
/// The supervisor and its runs as in production, with their journal in an SQLite file, over 500 simulated members in the same
/// process. On the way it is paused once, and killed once.
/// </summary>
internal sealed class BigRun(TextWriter log)
{
    public const string Cluster = "big";

    private const int Sets = 100;
    private const int MembersOfSet = 5;
    private const int Parallel = 20;
    private const string RunId = "figures";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private readonly SupervisorOptions options = new() { ReplicaSets = ReplicaSetPolicy.Default };

    public async Task<IReadOnlyList<Figure>> Measure(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("orchestrator-figures-").FullName;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(Longest);
        var system = ActorSystem.Create("figures", ConfigurationFactory.ParseString(Config(Path.Combine(directory, "journal.sqlite"))));
        try
        {
            return await Measure(system, stop.Token);
        }
        finally
        {
            await system.Terminate();
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<IReadOnlyList<Figure>> Measure(ActorSystem system, CancellationToken stop)
    {
        var definition = new ClusterDefinition(
            Cluster,
            "embedded",
            [.. Enumerable.Range(1, Sets).Select(set => new ReplicaSetDefinition(
                $"rs-{set}", [.. Enumerable.Range(1, MembersOfSet).Select(member => $"rs-{set}-node-{member}")]))]);
        var nodes = definition.ReplicaSets
            .SelectMany(set => set.Members.Select(node => system.ActorOf(SimulatedNode.Props(set.Name, node), node)))
            .ToList();
        var supervisor = Start(system, definition, nodes);
        log.WriteLine($"waits until {Sets} replica sets of {MembersOfSet} members have primaries");
        await Until(supervisor, new GetCluster(Cluster), (ClusterView view) => view.ReplicaSets.All(set => set.Members.All(member => member.Observation.Term > 0)), stop);

        var process = Process.GetCurrentProcess();
        var (cpu, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        using var memory = new PeakMemory(process);
        var request = new CompactionRequest(Cluster, CompactionScope.Everything, CompactionOptions.Default with { MaxParallelReplicaSets = Parallel });
        var started = (RunView)await supervisor.Ask<object>(new StartRun(RunId, request), Patience, stop);
        log.WriteLine($"run of {started.Steps.Count} steps, {Parallel} replica sets at a time");

        await Until(supervisor, new GetRun(RunId), (RunView view) => Done(view) >= 50, stop);
        var paused = await MeasurePause(supervisor, stop);
        log.WriteLine($"paused after {paused:0.00} s");

        await Until(supervisor, new GetRun(RunId), (RunView view) => Done(view) >= 150, stop);
        var (goesOn, next) = await MeasureKill(system, supervisor, definition, nodes, stop);
        log.WriteLine($"after the supervisor was killed the run went on in {goesOn:0.00} s");

        var end = await Until(next, new GetRun(RunId), (RunView view) => view.FinishedAt is not null, stop);
        var (seconds, used) = (watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds);
        process.Refresh();
        log.WriteLine($"{end.State} after {seconds:0.0} s: {Done(end)} of {end.Steps.Count} steps, {used:0.0} s of processor time");
        var conditions = $"{end.State} run over {Sets * MembersOfSet} simulated members in {seconds:0} s, {Parallel} sets at a time, journal on SQLite; the members in the same process are counted as well, no sockets";
        return
        [
            new Figure("run-500-members-cpu", used / seconds, "cores", "< 1", conditions),
            new Figure("run-500-members-memory", memory.PeakBytes / 1048576.0, "MiB", "< 500", "largest resident set of the process, members included"),
            new Figure("pause-to-paused", paused, "s", "< 2", $"{Parallel} members at work when it was ordered"),
            new Figure("supervisor-killed-run-goes-on", goesOn, "s", "< 20",
                "until the next step is done; the actor was started again in the same process: recovery and observation, without the cluster's time to notice a lost process"),
        ];
    }

    private static async Task<double> MeasurePause(IActorRef supervisor, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        await supervisor.Ask<object>(new PauseRun(RunId, "figures", "to be measured"), Patience, stop);
        await Until(supervisor, new GetRun(RunId), (RunView view) => view.State == "paused", stop);
        var seconds = watch.Elapsed.TotalSeconds;
        await supervisor.Ask<object>(new ResumeRun(RunId, "figures"), Patience, stop);
        return seconds;
    }

    private async Task<(double Seconds, IActorRef Next)> MeasureKill(
        ActorSystem system, IActorRef supervisor, ClusterDefinition definition, IReadOnlyList<IActorRef> nodes, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var done = Done((RunView)await supervisor.Ask<object>(new GetRun(RunId), Patience, stop));

        // Its children must be gone before others write the same journals, as a dead process's are.
        await supervisor.GracefulStop(Patience);
        var next = Start(system, definition, nodes);
        await Until(next, new GetRun(RunId), (RunView view) => Done(view) > done, stop);
        return (watch.Elapsed.TotalSeconds, next);
    }

    private IActorRef Start(ActorSystem system, ClusterDefinition definition, IReadOnlyList<IActorRef> nodes)
    {
        var directory = Props.Create(() => new FixedDirectory(nodes));
        return system.ActorOf(SupervisorHost.Props(SupervisorActor.Props(options, [definition], directory), options));
    }

    private static int Done(RunView view) => view.Steps.Count(step => step.State == "completed");

    private static async Task<T> Until<T>(IActorRef supervisor, ISupervisorRequest request, Predicate<T> condition, CancellationToken stop)
    {
        while (true)
        {
            if (await supervisor.Ask<object>(request, Patience, stop) is T answer && condition(answer))
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
        }
    }

    private static string Config(string file) => OrchestratorSerialization.Config + $$"""

        akka.loglevel = WARNING
        akka.log-dead-letters = off
        akka.persistence.journal.plugin = "akka.persistence.journal.sql"
        akka.persistence.journal.sql {
          class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
          auto-initialize = on
          provider-name = "SQLite.MS"
          connection-string = "Data Source={{file}}"
        }
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
        akka.persistence.snapshot-store.sql {
          class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
          auto-initialize = on
          provider-name = "SQLite.MS"
          connection-string = "Data Source={{file}}"
        }
        """;

    /// <summary>Tells its parent, the supervisor, where the nodes are.</summary>
    private sealed class FixedDirectory : ReceiveActor
    {
        public FixedDirectory(IReadOnlyList<IActorRef> nodes) => Context.Parent.Tell(new NodesKnown([.. nodes], "here"));
    }

    /// <summary>The largest resident set, sampled.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly Timer timer;

        public PeakMemory(Process process) => timer = new Timer(
            _ =>
            {
                process.Refresh();
                PeakBytes = Math.Max(PeakBytes, process.WorkingSet64);
            },
            null,
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(100));

        public long PeakBytes { get; private set; }

        public void Dispose() => timer.Dispose();
    }
}
