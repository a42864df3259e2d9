using System.Diagnostics;
using System.Net;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>
/// Three real processes that detect failures quickly, filled, with a client that works on while they fail; and, where it was asked
/// for, further processes that alone can host the supervisor.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int Documents = 800;

    /// <summary>How long anything that the processes do by themselves may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(4);

    /// <summary>A client that shows what is lost, and leaves the machine to the processes.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>For tests in which nobody is lost, or nobody soon: a busy machine is not taken for a lost one.</summary>
    public const string Calm = """
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 10s
        orchestrator {
          supervisor { unreachable-after = 40s, failover-after = 60s }
          node { primary-lease = 30s, write-timeout = 60s, replication.timeout = 20s }
        }
        """;

    /// <summary>A lost process is removed after about eleven seconds, a lost primary replaced after as long. The page, which nobody opens, is an eighth of a start.</summary>
    private const string Quick = """
        akka.cluster {
          failure-detector { heartbeat-interval = 300ms, acceptable-heartbeat-pause = 8s }
          split-brain-resolver.stable-after = 2s
        }
        orchestrator {
          supervisor { unreachable-after = 4s, failover-after = 6s }
          node { primary-lease = 3s, write-timeout = 3s, replication { poll-wait = 1s, timeout = 2s, max-backoff = 1s } }
          http.page = off
        }

        """;

    /// <summary>
    /// For processes that are killed again and again: a lost one is replaced after about two seconds. A step-down that nobody lives to
    /// see is given up as soon, and ordered again as often as it takes. The journal stores one request a transaction, so that somebody
    /// can die between any two.
    /// </summary>
    private const string Quicker = """
        akka.cluster {
          failure-detector { heartbeat-interval = 100ms, acceptable-heartbeat-pause = 1s, expected-response-after = 500ms }
          split-brain-resolver.stable-after = 300ms
          down-removal-margin = 300ms
          gossip-interval = 200ms
          leader-actions-interval = 200ms
          unreachable-nodes-reaper-interval = 200ms
          singleton-proxy.singleton-identification-interval = 200ms
        }
        akka.persistence.journal.sql.batch-size = 1
        orchestrator {
          supervisor { unreachable-after = 5s, failover-after = 10s, step-down-timeout = 3s, step-down-write-pause = 2s }
          runs { step-retries = 20, retry-backoff = 200ms, min-reclaimable-bytes = 1, min-fragmentation = 0%, min-step-down-bytes = 0 }
        }

        """;

    private readonly TemporaryDirectory parent = new();
    private readonly AcknowledgedWrites writes = new();
    private readonly DemoDirectory directory;
    private readonly HashSet<string> absent = [];
    private Workload? workload;

    private TestCluster(bool withLinks, int supervisors, JournalDatabase? journal, string more, string? build)
    {
        directory = DemoDirectory.Create(new DemoOptions(3, Documents, null, Path.Combine(parent.Path, "demo"), Keep: false, Primary: null));
        JournalDatabase = journal ?? new SqliteJournal(Path.Combine(directory.Path, "journal.sqlite"));
        Cluster = DemoCluster.Start(directory, 3, TimeProvider.System, places =>
        {
            Links = withLinks ? new Links(places) : null;
            var role = supervisors > 0 ? "orchestrator.roles = [node]" : "";
            return place => (supervisors > 0 ? Quick + Quicker : Quick) + role + Links?.Configuration(place) + "\n" + more;
        }, build);
        Supervisors = SupervisorProcesses.Start(directory, Cluster.Places, supervisors, Quick + Quicker + JournalDatabase.Configuration);
    }

    public DemoCluster Cluster { get; }

    /// <summary>The network between the processes, where it was asked for.</summary>
    public Links? Links { get; private set; }

    /// <summary>Processes without a database that take turns in hosting the supervisor; where there are none, the nodes do.</summary>
    public SupervisorProcesses Supervisors { get; }

    /// <summary>Where the supervisors write.</summary>
    public JournalDatabase JournalDatabase { get; }

    /// <summary>What a node has written into its log, whichever of its processes it was.</summary>
    public IReadOnlyList<string> LogOf(string node)
    {
        using var log = new StreamReader(new FileStream(directory.LogOf(node), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public Task WaitForLine(string node, string text) =>
        Processes.WaitUntil(() => LogOf(node).Any(line => line.Contains(text, StringComparison.Ordinal)));

    public string DataOf(string node) => directory.DataOf(node);

    /// <summary>Starts the processes, waits for a primary, fills them, makes a node primary, and sets a client to work.</summary>
    /// <param name="primary">Who shall be primary; the supervisor starts at <c>node-1</c>.</param>
    /// <param name="supervisors">Processes beside the nodes that alone can host the supervisor; 0: the nodes do.</param>
    /// <param name="journal">Where these write; a SQLite file unless given.</param>
    /// <param name="more">What else is written into the configurations, in HOCON.</param>
    /// <param name="build">Path of another build's assembly of which the nodes' processes are; null for this one.</param>
    public static async Task<TestCluster> Start(
        string primary, bool withLinks = false, int supervisors = 0, JournalDatabase? journal = null, string more = "", string? build = null)
    {
        var cluster = new TestCluster(withLinks, supervisors, journal, more, build);
        try
        {
            await cluster.Cluster.WaitUntilReady(Patience, None);
            await cluster.Fill();
            await cluster.MakePrimary(primary);
            cluster.workload = new Workload(
                [.. cluster.Cluster.Places.Select(place => place.Address)],
                DemoData.Collection,
                cluster.writes,
                [.. cluster.writes.LiveIds],
                TimeProvider.System,
                AttemptTimeout,
                Pace);
            cluster.workload.Start(None);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until all members are there, and moves the role of primary unless the node has it.</summary>
    public async Task MakePrimary(string node)
    {
        const int Attempts = 5;
        var set = await Cluster.WaitUntilReady(Patience, None);
        for (var attempt = 1; set.Primary != node; attempt++)
        {
            try
            {
                await Cluster.Ask(client => client.StepDown(DemoDirectory.ClusterName, set.Name, new StepDownBody(set.Primary!, node), None));
            }
            catch (ApiException e) when (e.Problem.Status == (int)HttpStatusCode.Conflict && attempt < Attempts)
            {
                // On a busy machine the set may be getting another primary at just this moment.
            }

            set = await Cluster.WaitUntilReady(Patience, None);
        }
    }

    /// <summary>Starts a run whose steps take some seconds each, and waits until a member compacts.</summary>
    public async Task<(string Run, string Node)> StartSlowRun()
    {
        var slow = new CompactionBody(
            DemoDirectory.ClusterName, null, new OptionsBody(null, null, 128 * 1024, null, null, null, "a slow one"));
        var run = await Cluster.Ask(client => client.StartRun(slow, None));
        var node = await Cluster.WaitFor(
            "a node to compact",
            Patience,
            async token =>
            {
                var view = await Cluster.Ask(client => client.Run(run.Id, token));
                return (view.Steps.FirstOrDefault(step => step is { State: "running", Kind: "compact", Fraction: > 0 })?.Node, view.State);
            },
            None);
        return (run.Id, node);
    }

    public Task<RunDto> Follow(string run) =>
        new RunFollower(Cluster.Clients, TimeProvider.System, Patience).Follow(run, _ => { }, _ => { }, None);

    /// <summary>Ends a process in order and starts it again, of this build.</summary>
    public async Task Upgrade(string node)
    {
        absent.Add(node);
        await Cluster.Process(node).Stop();
        Cluster.Build = null;
        StartAgain(node);
    }

    /// <summary>Kills a process; it stays away until <see cref="Start(string)"/>.</summary>
    public async Task Kill(string node)
    {
        absent.Add(node);
        await Cluster.KillNode(node);
    }

    public void StartAgain(string node)
    {
        Cluster.StartNode(node);
        absent.Remove(node);
    }

    /// <summary>Stops a process in the middle of whatever it does, as a virtual machine that is suspended.</summary>
    public async Task Freeze(string node)
    {
        absent.Add(node);
        await Signal("STOP", node);
    }

    public async Task Thaw(string node)
    {
        Cluster.Process(node).ExpectEnd();
        await Signal("CONT", node);
        absent.Remove(node);
    }

    /// <summary>Waits until a process that finds itself removed has ended by itself, as it must, and starts it again.</summary>
    /// <param name="reason">Part of the reason that it gives.</param>
    public async Task ExpectEndAndStartAgain(string node, string reason = "")
    {
        var process = Cluster.Process(node);
        await process.Exited.WaitAsync(Patience);
        Assert.Equal(1, process.ExitCode);
        await Processes.WaitUntil(() => process.LastWords.Contains("was removed from the cluster", StringComparison.Ordinal));
        Assert.Contains(reason, process.LastWords, StringComparison.Ordinal);
        StartAgain(node);
    }

    /// <summary>Starts processes that were removed as often as they end, as a service manager does, which knows nothing of the network.</summary>
    public async Task StartAgainAsTheyEnd(IReadOnlyList<string> nodes, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var node in nodes)
            {
                Cluster.Process(node).ExpectEnd();
                if (Cluster.Process(node).HasExited)
                {
                    Assert.Equal(1, Cluster.Process(node).ExitCode);
                    StartAgain(node);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), None);
        }
    }

    /// <summary>Waits until one of the present nodes tells what is wanted.</summary>
    public Task<ClusterDto> WaitFor(string what, Predicate<ClusterDto> condition) => Cluster.WaitFor(
        what,
        Patience,
        async token =>
        {
            var asked = Cluster.Places.First(place => !absent.Contains(place.Name) && !Cluster.Process(place.Name).HasExited);
            var view = await Cluster.Client(asked.Name).Cluster(DemoDirectory.ClusterName, token);
            return (condition(view) ? view : null, $"{view.SupervisorNode} in epoch {view.Epoch}, primary {view.ReplicaSets[0].Primary}");
        },
        None);

    /// <summary>Waits until writes are acknowledged that began after this call.</summary>
    public async Task ExpectProgress()
    {
        var before = workload!.Acknowledged;
        await Processes.WaitUntil(() => workload.Acknowledged > before + 4);
    }

    /// <summary>
    /// What must hold after everything: the cluster is whole, no acknowledged write is missing anywhere, and supervisors have acted one after
    /// another. Gives the number of reigns.
    /// </summary>
    public async Task<long> ExpectWhole()
    {
        await Cluster.WaitUntilReady(Patience, None);
        await ExpectProgress();
        await workload!.Stop();
        await Cluster.WaitFor(
            "all nodes to have the same documents",
            Patience,
            async token =>
            {
                try
                {
                    var summaries = await Task.WhenAll(Cluster.Clients.Select(client => client.Summary(DemoData.Collection, token)));
                    var different = summaries.Select(summary => (summary.Checksum, summary.LastSequence)).Distinct().Count();
                    return (different == 1 ? summaries : null, $"{different} different contents");
                }
                catch (ApiException e) when (e.Problem.Status == 404)
                {
                    // A member that copies everything anew has the catalog before the collection.
                    return (null, e.Message);
                }
            },
            None);
        foreach (var place in Cluster.Places)
        {
            Assert.Equal(0, writes.CountLost(await NodeContents.Read(place.Address, null, None)));
        }

        // Before the processes leave, one after the other: then the supervisor moves once more.
        return Journal.ExpectOneWriterAtATime(JournalDatabase);
    }

    public async ValueTask DisposeAsync()
    {
        if (workload is { } client)
        {
            await client.DisposeAsync();
        }

        foreach (var node in absent.Where(node => !Cluster.Process(node).HasExited))
        {
            await Signal("CONT", node);
        }

        await Supervisors.DisposeAsync();
        await Cluster.DisposeAsync();
        if (Links is { } links)
        {
            await links.DisposeAsync();
        }

        directory.Dispose();
        parent.Dispose();
    }

    private async Task Fill()
    {
        var data = new DemoData(Cluster, writes, DemoMode.Default);
        var chooser = new IndexChooser();
        await data.Load(DocumentGenerator.Generate(Documents), chooser, None);
        await data.BuildIndexes(chooser.Choose(), None);
        await data.DeleteMost(None);
    }

    private async Task Signal(string signal, string node)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Cluster.Process(node).Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
