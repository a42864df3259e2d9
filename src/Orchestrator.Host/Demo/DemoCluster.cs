using System.Collections.Concurrent;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>The demo's database nodes: real processes, each able to host the supervisor.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(150);

    private readonly DemoDirectory directory;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, NodeProcess> processes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> configFiles = [];
    private readonly Dictionary<string, OrchestratorClient> clients = [];

    private DemoCluster(DemoDirectory directory, IReadOnlyList<NodePlace> places, TimeProvider time)
    {
        this.directory = directory;
        this.time = time;
        Places = places;
    }

    /// <summary>All nodes, in order of their names.</summary>
    public IReadOnlyList<NodePlace> Places { get; }

    public TimeProvider Time => time;

    /// <summary>Path of another build's assembly of which processes are started; null for this one.</summary>
    public string? Build { get; set; }

    /// <summary>A client of each node, in the same order.</summary>
    public IReadOnlyList<OrchestratorClient> Clients => [.. Places.Select(place => clients[place.Name])];

    /// <summary>The names of so many nodes.</summary>
    public static IReadOnlyList<string> Names(int nodes) => [.. Enumerable.Range(0, nodes).Select(i => FormattableString.Invariant($"node-{i + 1}"))];

    /// <summary>Starts all processes.</summary>
    /// <param name="prepare">Called before any process is started; gives what else is written into a node's configuration, in HOCON.</param>
    /// <param name="build">The first value of <see cref="Build"/>.</param>
    public static DemoCluster Start(
        DemoDirectory directory, int nodes, TimeProvider time, Func<IReadOnlyList<NodePlace>, Func<NodePlace, string>>? prepare = null, string? build = null)
    {
        var ports = FreePorts.Find(2 * nodes);
        var places = Names(nodes)
            .Select((name, i) => new NodePlace(name, ports[2 * i], ports[(2 * i) + 1]))
            .ToList();
        var cluster = new DemoCluster(directory, places, time) { Build = build };
        var more = prepare?.Invoke(places) ?? (_ => "");
        foreach (var place in places)
        {
            cluster.configFiles[place.Name] = directory.WriteConfiguration(place, places, more(place));
            cluster.clients[place.Name] = new OrchestratorClient(place.Address, RequestTimeout, followRedirects: true);
            cluster.StartNode(place.Name);
        }

        return cluster;
    }

    public OrchestratorClient Client(string node) => clients[node];

    /// <summary>Starts a node's process, for the first time or again.</summary>
    public void StartNode(string node)
    {
        var place = Places.First(candidate => candidate.Name == node);
        processes[node] = NodeProcess.Start(place, configFiles[node], directory.LogOf(node), Build);
    }

    /// <summary>A node's process; another one after <see cref="StartNode"/>.</summary>
    public NodeProcess Process(string node) => processes[node];

    /// <summary>The node whose process hosts the supervisor, as any process tells it.</summary>
    /// <exception cref="DemoException">It is no process of this cluster.</exception>
    public async Task<string> SupervisorHost(CancellationToken cancellationToken)
    {
        var view = await Ask(client => client.Cluster(DemoDirectory.ClusterName, cancellationToken));
        return HostOf(view) ?? throw new DemoException($"The supervisor is hosted by {view.SupervisorNode}, which is not a process of the demo.");
    }

    /// <summary>The node whose process hosts the supervisor; null if it is none of these.</summary>
    public string? HostOf(ClusterDto view) => Places.FirstOrDefault(place =>
        view.SupervisorNode.EndsWith(FormattableString.Invariant($":{place.RemotingPort}"), StringComparison.Ordinal))?.Name;

    /// <summary>Kills a node's process as a crash would.</summary>
    public Task KillNode(string node) => processes[node].Kill();

    /// <summary>Waits until all members are online and follow one primary.</summary>
    /// <exception cref="DemoException">A process has ended.</exception>
    /// <exception cref="TimeoutException">It takes too long; the message says what is missing.</exception>
    public Task<ReplicaSetDto> WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken) => WaitFor(
        "the cluster to be ready",
        timeout,
        async token =>
        {
            var set = await ReplicaSet(token);
            var waitsFor = set.Primary is null
                ? "there is no primary yet"
                : string.Join(", ", set.Members
                    .Where(member => !member.Observed || member.State != "online" || member.Term != set.Term)
                    .Select(member => $"{member.Node} is {member.State}"));
            return (waitsFor.Length == 0 ? set : null, waitsFor);
        },
        cancellationToken);

    /// <summary>The replica set as any node's supervisor proxy tells it.</summary>
    public async Task<ReplicaSetDto> ReplicaSet(CancellationToken cancellationToken)
    {
        var cluster = await Ask(client => client.Cluster(DemoDirectory.ClusterName, cancellationToken));
        return cluster.ReplicaSets.Single();
    }

    /// <summary>Asks one node after another until one answers.</summary>
    public async Task<T> Ask<T>(Func<OrchestratorClient, Task<T>> question)
    {
        Exception? last = null;
        foreach (var place in Places.Where(place => !processes[place.Name].HasExited))
        {
            try
            {
                return await question(clients[place.Name]);
            }
            catch (Exception e) when (IsPassing(e))
            {
                last = e;
            }
        }

        throw new ServerUnreachableException(last?.Message ?? "No process of the demo is running.", last);
    }

    /// <summary>Polls until a condition gives a result.</summary>
    /// <param name="what">What is waited for, for the error.</param>
    /// <param name="timeout">How long nothing may move.</param>
    /// <param name="look">The result, or null and what is missing.</param>
    public async Task<T> WaitFor<T>(
        string what, TimeSpan timeout, Func<CancellationToken, Task<(T? Result, string Missing)>> look, CancellationToken cancellationToken)
        where T : class
    {
        var patience = new Patience(time, timeout);
        while (true)
        {
            ThrowIfAProcessFailed();
            string missing;
            try
            {
                (var result, missing) = await look(cancellationToken);
                if (result is not null)
                {
                    return result;
                }
            }
            catch (Exception e) when (IsPassing(e))
            {
                missing = e.Message;
            }

            if (patience.IsOver(missing))
            {
                throw new TimeoutException($"Gave up waiting for {what} after {patience.Waited.TotalSeconds:0} seconds: {missing}.");
            }

            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <exception cref="DemoException">A process has ended although nobody asked it to.</exception>
    public void ThrowIfAProcessFailed()
    {
        foreach (var process in processes.Values.Where(process => process.HasFailed))
        {
            throw new DemoException($"The process of {process.Place.Name} has ended: {process.LastWords}");
        }
    }

    /// <summary>Stops all processes; they close their files.</summary>
    public async Task Stop() => await Task.WhenAll(processes.Values.Select(process => process.Stop()));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }

        await Task.WhenAll(processes.Values.Select(process => process.DisposeAsync().AsTask()));
    }

    /// <summary>Whether asking again, or asking someone else, may help.</summary>
    public static bool IsPassing(Exception e) =>
        e is ServerUnreachableException or ApiException { Problem.Status: StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout };
}
